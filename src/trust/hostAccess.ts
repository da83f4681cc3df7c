import { homedir } from "node:os";
import { resolve } from "node:path";
import { readWorkspaceFlags } from "../engine/flags/checkFlags.ts";
import { accessOfFlag, networkAccess } from "../engine/flags/flagAccess.ts";
import { toShell } from "../host/arg.ts";
import { sha256 } from "../image/digest.ts";
import { masked, maskedTexts } from "../secrets/mask.ts";
import { blocksOf, sourcesOf } from "../workspace/blocks/overlayBlocks.ts";
import { defaultCapabilities } from "../workspace/limits.ts";
import type { Workspace } from "../workspace/load.ts";
import { readExtraMounts } from "../workspace/mounts.ts";
import { secretTexts } from "../workspace/secrets/secretTexts.ts";
import { isYamlList, isYamlMap, textOf, type YamlValue, yamlMapAt } from "../yaml/value.ts";
import { pathOutside } from "./hostPath.ts";

/** Something beyond its containers that a workspace can reach. */
export type HostAccess = {
  /** As it is written, secrets masked. */
  readonly written: string;
  /** What that is, as the rest of a sentence that begins with "actions get". */
  readonly gives: string;
  /** The path of the host that it means, links resolved. */
  readonly path: string | undefined;
};

/** What a workspace asks for, and the hash that changes with it. */
export type AccessRequest = {
  readonly workspace: string;
  readonly access: readonly HostAccess[];
  /** Hexadecimal SHA-256 of what is asked for, in any order; empty if that is nothing. */
  readonly hash: string;
};

/** An access, and what it is by the values that variables have now. */
type FoundAccess = HostAccess & { readonly means: string };

/**
 * Returns all that the workspace, its blocks and workflows can reach of the machine beyond their containers. It is the same for every
 * action, so one answer is enough. Reads where paths lead. Throws (65) for flags and mounts that a run would refuse.
 */
export function accessRequestOf(workspace: Workspace, environment: NodeJS.ProcessEnv): AccessRequest {
  const found = [
    ...keyAccess(workspace),
    ...flagsAccess(workspace, environment),
    ...mountAccess(workspace, environment),
    ...secretAccess(workspace),
    ...contextAccess(workspace),
  ];
  const byMeaning = new Map(found.map((one) => [JSON.stringify([one.written, one.means, one.path]), one]));
  const texts = maskedTexts(secretTexts(workspace.secrets).flatMap((secret) => secret.texts));
  const access = Array.from(byMeaning.values(), ({ written, gives, path }) => ({
    written: masked(written, texts),
    gives,
    path: path === undefined ? undefined : masked(path, texts),
  }));
  const hash = found.length === 0 ? "" : sha256(Buffer.from([...byMeaning.keys()].sort().join("\n")));
  return { workspace: workspace.path, access, hash };
}

/** Keys of `config` that reach the host by themselves. */
function keyAccess({ path: workspace, settings, layout }: Workspace): readonly FoundAccess[] {
  const { container } = settings.config;
  const key = (name: string, value: string, gives: string | undefined): readonly FoundAccess[] =>
    gives === undefined
      ? []
      : [{ written: `config.container.${name}: ${value}`, gives, path: undefined, means: value }];
  const added = (container.capabilities ?? []).filter((name) => !defaultCapabilities.includes(name));
  const keys = [
    ["sshprivatekey", layout.privateKey],
    ["sshpublickey", layout.publicKey],
  ] as const;
  return [
    ...(container.docker_socket ? key("docker_socket", "true", "root access to the host") : []),
    ...(container.ssh_agent ? key("ssh_agent", "true", "the use of the keys in your ssh agent") : []),
    ...key("network", container.network ?? "", networkAccess(container.network ?? "")),
    ...added.flatMap((name) =>
      key("capabilities", name, "a capability that containers do not have by default"),
    ),
    ...keys.flatMap(([name, file]) =>
      fileAccess(workspace, `config.${name}: ${file}`, file, "a file of the host"),
    ),
  ];
}

function fileAccess(workspace: string, written: string, file: string, gives: string): readonly FoundAccess[] {
  const path = pathOutside(workspace, file);
  return path === undefined ? [] : [{ written, gives, path, means: file }];
}

function flagsAccess(workspace: Workspace, environment: NodeJS.ProcessEnv): readonly FoundAccess[] {
  const { flags } = readWorkspaceFlags(workspace, {
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    home: homedir(),
    directory: workspace.path,
    environment,
  });
  return flags.flatMap((flag) => {
    const written = toShell(flag.words).join(" ");
    const means = `--${flag.name}=${flag.value ?? ""}`;
    return accessOfFlag(flag).flatMap(({ gives, paths }): readonly FoundAccess[] =>
      paths.length === 0
        ? [{ written, gives, path: undefined, means }]
        : paths.flatMap((path) =>
            fileAccess(workspace.path, written, path, gives).map((found) => ({ ...found, means })),
          ),
    );
  });
}

function mountAccess(workspace: Workspace, environment: NodeJS.ProcessEnv): readonly FoundAccess[] {
  return readExtraMounts(workspace, environment).flatMap(({ source }, index) => {
    const written = `extramounts: ${workspace.settings.extramounts[index] ?? source}`;
    return fileAccess(workspace.path, written, source, "files of the host");
  });
}

/** Files outside of the workspace and secrets of managers, wherever variables and inputs are set. */
function secretAccess(workspace: Workspace): readonly FoundAccess[] {
  const { file } = workspace;
  const container = yamlMapAt(yamlMapAt(file.value, "config"), "container");
  // Of a block that has none, no more is read than needed.
  const blocks = blocksOf(workspace)
    .flatMap(sourcesOf)
    .filter((source) => source.file.hasSources)
    .map(({ value }) => value);
  const owners = [
    container,
    ...blocks.flatMap((block) => [block, ...itemsIn(block.get("actions"))]),
    ...writtenStepsOf(workspace),
  ];
  return owners.flatMap((owner) =>
    ["env", "inputs"].flatMap((key) =>
      Array.from(yamlMapAt(owner, key) ?? [], ([name, value]) =>
        sourceAccess(workspace, String(name), value),
      ).flat(),
    ),
  );
}

function sourceAccess(
  { path: workspace }: Workspace,
  name: string,
  value: YamlValue,
): readonly FoundAccess[] {
  if (!isYamlMap(value)) return [];
  const [file, reference] = [textOf(value.get("from_file")), textOf(value.get("from_manager"))];
  const fromManager = {
    written: `${name}: {from_manager: ${reference}}`,
    gives: "a secret of your manager",
    path: undefined,
    means: "",
  };
  const named = resolve(workspace, (file ?? "").replace(/^~(?=\/|$)/, homedir()));
  return [
    ...(reference === undefined ? [] : [fromManager]),
    ...(file === undefined
      ? []
      : fileAccess(workspace, `${name}: {from_file: ${file}}`, named, "a file of the host")),
  ];
}

/** Engines that the workspace names. */
function contextAccess(workspace: Workspace): readonly FoundAccess[] {
  const { context } = workspace.settings.config.container;
  const ofSteps = writtenStepsOf(workspace).flatMap((step) => {
    const value = step.get("context");
    if (!isYamlMap(value)) return textOf(value) ?? [];
    const values = yamlMapAt(step, "matrix")?.get(textOf(value.get("from_matrix")) ?? "");
    return isYamlList(values) ? values.flatMap((one) => textOf(one) ?? []) : [];
  });
  return [...(context ? [context] : []), ...ofSteps].map((name) => ({
    written: `context: ${name}`,
    gives: "the engine of another docker context",
    path: undefined,
    means: name,
  }));
}

function writtenStepsOf({ file }: Workspace) {
  return itemsIn(file.value.get("workflows")).flatMap((workflow) => itemsIn(workflow.get("steps")));
}

function itemsIn(list: YamlValue | undefined) {
  return (isYamlList(list) ? list : []).filter(isYamlMap);
}
