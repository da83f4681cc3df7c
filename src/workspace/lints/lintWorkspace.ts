import { didYouMean, exitCodes, PolycrateError } from "../../errors.ts";
import { resolveAction, resolveBlock } from "../blocks/resolveBlock.ts";
import { isReserved } from "../environment.ts";
import type { Workspace } from "../loadWorkspace.ts";
import { problemsIn } from "../poly/polyFile.ts";
import { type Finding, isExtension } from "../poly/polyFindings.ts";
import type { Problem } from "../poly/problems.ts";
import { assignmentsIn, workspaceConfigKeys } from "../poly/schema.ts";
import { isYamlList, isYamlMap, type YamlMap, type YamlPath, type YamlValue } from "../yaml/yamlValue.ts";
import { looseTagHint, looseTagOf } from "./lintImage.ts";

/** Returns what is wrong with `workspace.poly` beyond its form: variables, images, rights, and the steps of workflows. */
export function lintWorkspace(workspace: Workspace): readonly Problem[] {
  const { value } = workspace.file;
  const findings = [lintConfigKeys, lintVariables, lintImages, lintRights].map((lint) => lint(value));
  return [...findings, lintSteps(workspace)].flatMap((found) => problemsIn(workspace.file, found));
}

/** Keys of `config` are free, so only one that looks like a slip is told. */
function lintConfigKeys(value: YamlMap): readonly Finding[] {
  return keysOf(mapAt(value, "config")).flatMap((key): readonly Finding[] => {
    const isKept = workspaceConfigKeys.includes(key) || isExtension(key);
    const near = isKept ? undefined : didYouMean(key, workspaceConfigKeys);
    if (near === undefined) return [];
    const message = `\`config.${key}\` means nothing to polycrate`;
    return [
      { severity: "warning", code: "unknown-key", at: ["config", key], part: "key", message, hint: near },
    ];
  });
}

function lintVariables(value: YamlMap): readonly Finding[] {
  const env = mapAt(mapAt(mapAt(value, "config"), "container"), "env");
  const at = ["config", "container", "env"];
  const extra = value.get("extraenv");
  return [
    ...Array.from(env ?? [], ([key, item]) => lintVariable(String(key), item, [...at, key])).flat(),
    ...assignmentsOf(extra).flatMap((item, index) => {
      const [, name, text] = /^([^=]*)=(.*)$/s.exec(item) ?? [];
      return name === undefined || text === undefined ? [] : lintVariable(name, text, ["extraenv", index]);
    }),
  ];
}

/** What is no text keeps its place in the list. */
function assignmentsOf(extra: YamlValue | undefined): readonly string[] {
  if (typeof extra === "string") return assignmentsIn(extra);
  return (isYamlList(extra) ? extra : []).map((item) => (typeof item === "string" ? item : ""));
}

function lintVariable(name: string, value: YamlValue, at: YamlPath): readonly Finding[] {
  const wrong = { severity: "error", code: "wrong-variable", at, part: "key" } as const;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    const hint = "use letters, digits and `_`, and no digit first";
    return [{ ...wrong, message: `\`${name}\` is no name of a variable`, hint }];
  }
  if (isReserved(name)) {
    const message = `the variable \`${name}\` is set by polycrate`;
    return [{ ...wrong, message, hint: "choose another name" }];
  }
  if (value === null) {
    const hint = `write \`${name}: ""\` for an empty one`;
    return [{ ...wrong, message: `the variable \`${name}\` has no value`, hint }];
  }
  if (typeof value !== "string" || !isSecretName(name) || /^(?:|true|false|yes|no|on|off)$/i.test(value)) {
    return [];
  }
  return [
    {
      severity: "warning",
      code: "plain-secret",
      at,
      part: "key",
      message: `the variable \`${name}\` looks like a secret, and its value stands in the file`,
      hint: `take it from the host: \`${name}: {from_env: ${name}}\` or \`{from_file: PATH}\` under \`config.container.env\``,
    },
  ];
}

/** Names such as `AWS_ACCESS_KEY_ID` or `TOKEN_FILE` go on after the word, and name no secret. */
function isSecretName(name: string): boolean {
  return secretWords.test(name) || /(?:^|_)(?:PASS|PW|PWD)$/i.test(name);
}

const secretWords =
  /(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|(?:API|ACCESS|PRIVATE|SECRET|ENCRYPTION|SIGNING|AUTH|SSH|ACCOUNT|MASTER)_?KEY)S?$/i;

function lintImages(value: YamlMap): readonly Finding[] {
  const config = mapAt(value, "config");
  const older = config?.get("image");
  const reference = isYamlMap(older) ? textAt(older, "reference") : undefined;
  const version = isYamlMap(older) ? textAt(older, "version") : undefined;
  const images: readonly (readonly [YamlPath, string | undefined])[] = [
    [["config", "container", "image"], textAt(mapAt(config, "container"), "image")],
    [["config", "image"], textAt(config, "image")],
    [
      ["config", "image", version === undefined ? "reference" : "version"],
      version === undefined ? reference : `${reference}:${version}`,
    ],
  ];
  return images.flatMap(([at, image]): readonly Finding[] => {
    const message = image === undefined ? undefined : looseTagOf(image);
    if (message === undefined) return [];
    return [{ severity: "warning", code: "image-tag", at, message, hint: looseTagHint }];
  });
}

function lintRights(value: YamlMap): readonly Finding[] {
  const container = mapAt(mapAt(value, "config"), "container");
  const at = ["config", "container"];
  const isOn = /^(?:true|yes|on)$/i.test(String(container?.get("docker_socket")));
  return [
    ...(isOn ? [rights("the docker socket", [...at, "docker_socket"])] : []),
    ...itemsOf(container?.get("docker_flags")).flatMap(({ item, index }) => [
      ...(/(?:^|\s)--privileged(?:=true)?(?:\s|$)/.test(item)
        ? [rights("`--privileged`", [...at, "docker_flags", index])]
        : []),
      ...(item.includes("docker.sock") ? [rights("the docker socket", [...at, "docker_flags", index])] : []),
    ]),
    ...itemsOf(value.get("extramounts")).flatMap(({ item, index }) =>
      item.includes("docker.sock") ? [rights("the docker socket", ["extramounts", index])] : [],
    ),
  ];
}

function rights(what: string, at: YamlPath): Finding {
  return {
    severity: "warning",
    code: "privileged",
    at,
    message: `${what} makes every action root on the host`,
    hint: "remove it if no action needs it",
  };
}

function lintSteps(workspace: Workspace): readonly Finding[] {
  return mapsOf(workspace.file.value.get("workflows")).flatMap(({ map: workflow, index }) =>
    mapsOf(workflow.get("steps")).flatMap(({ map: step, index: number }): readonly Finding[] => {
      const at = ["workflows", index, "steps", number];
      const [block, action] = [textAt(step, "block"), textAt(step, "action")];
      if (block === undefined || action === undefined) return [];
      const wrong = wrongStep(workspace, block, action);
      if (wrong === undefined) return [];
      const { key, message, hint } = wrong;
      return [{ severity: "error", code: "wrong-step", at: [...at, key], message, hint }];
    }),
  );
}

type WrongStep = {
  readonly key: "block" | "action";
  readonly message: string;
  readonly hint: string | undefined;
};

/** What else is wrong with the block (65) is told with the block. */
function wrongStep(workspace: Workspace, block: string, action: string): WrongStep | undefined {
  let key: WrongStep["key"] = "block";
  try {
    const resolved = resolveBlock(workspace, block);
    if (resolved.settings.template === true) {
      const hint = "name a block that inherits from it";
      return { key, message: `block \`${block}\` is a template, which cannot be run`, hint };
    }
    key = "action";
    resolveAction(resolved, action);
    return undefined;
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    const isTold = error.exitCode !== exitCodes.wrongCommandLine;
    return isTold ? undefined : { key, message: error.message, hint: error.hint };
  }
}

function mapAt(map: YamlMap | undefined, key: string): YamlMap | undefined {
  const value = map?.get(key);
  return isYamlMap(value) ? value : undefined;
}

function textAt(map: YamlMap | undefined, key: string): string | undefined {
  const value = map?.get(key);
  return typeof value === "string" ? value : undefined;
}

function keysOf(map: YamlMap | undefined): readonly string[] {
  return Array.from(map?.keys() ?? []).filter((key) => typeof key === "string");
}

function itemsOf(list: YamlValue | undefined): readonly { readonly item: string; readonly index: number }[] {
  return (isYamlList(list) ? list : []).flatMap((item, index) =>
    typeof item === "string" ? [{ item, index }] : [],
  );
}

function mapsOf(list: YamlValue | undefined): readonly { readonly map: YamlMap; readonly index: number }[] {
  return (isYamlList(list) ? list : []).flatMap((map, index) => (isYamlMap(map) ? [{ map, index }] : []));
}
