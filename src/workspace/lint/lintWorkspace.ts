import { homedir } from "node:os";
import { didYouMean, exitCodes, PolycrateError } from "../../errors.ts";
import { isYamlList, isYamlMap, type YamlMap, type YamlPath, type YamlValue } from "../../yaml/value.ts";
import { resolveAction, resolveBlock } from "../blocks/resolveBlock.ts";
import type { Workspace } from "../load.ts";
import { problemsIn } from "../poly/polyFile.ts";
import type { PolyFinding, Problem } from "../poly/problems.ts";
import { assignmentsIn } from "../poly/schema/environment.ts";
import { workspaceConfigKeys } from "../poly/schema/workspaceConfig.ts";
import { isExtension } from "../poly/unknownKeys.ts";
import { hostFolderMessage, isSocket, rights, socketMessage } from "./hostRights.ts";
import { isImageReference, looseTagHint, looseTagOf } from "./lintImage.ts";
import { lintEnv, lintVariable } from "./lintVariables.ts";

/** Returns what is wrong with `workspace.poly` beyond its form: variables, images, rights, and the steps of workflows. */
export function lintWorkspace(workspace: Workspace): readonly Problem[] {
  const { value } = workspace.file;
  const findings = [lintConfigKeys, lintEnvironment, lintImages, lintRights].map((lint) =>
    lint(value, workspace),
  );
  return [...findings, lintSteps(workspace)].flatMap((found) => problemsIn(workspace.file, found));
}

/** Keys of `config` are free, so only one that looks like a slip is told. */
function lintConfigKeys(value: YamlMap): readonly PolyFinding[] {
  return keysOf(mapAt(value, "config")).flatMap((key): readonly PolyFinding[] => {
    const isKept = workspaceConfigKeys.includes(key) || isExtension(key);
    const near = isKept ? undefined : didYouMean(key, workspaceConfigKeys);
    if (near === undefined) return [];
    const message = `\`config.${key}\` means nothing to polycrate`;
    return [
      { severity: "warning", code: "unknown-key", at: ["config", key], part: "key", message, hint: near },
    ];
  });
}

function lintEnvironment(value: YamlMap): readonly PolyFinding[] {
  const extra = value.get("extraenv");
  return [
    ...lintEnv(mapAt(mapAt(value, "config"), "container"), ["config", "container"]),
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

function lintImages(value: YamlMap): readonly PolyFinding[] {
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
  return images.flatMap(([at, image]): readonly PolyFinding[] => {
    if (image === undefined) return [];
    if (!isImageReference(image)) {
      const message = `\`${image}\` is not an image reference`;
      const hint = "write it as `registry.example.com/team/image:1.2`, in lower case";
      return [{ severity: "error", code: "wrong-image", at, message, hint }];
    }
    const message = looseTagOf(image);
    if (message === undefined) return [];
    return [{ severity: "warning", code: "image-tag", at, message, hint: looseTagHint }];
  });
}

function lintRights(value: YamlMap, workspace: Workspace): readonly PolyFinding[] {
  const container = mapAt(mapAt(value, "config"), "container");
  const isOn = /^(?:true|yes|on)$/i.test(String(container?.get("docker_socket")));
  return [
    ...(isOn ? [rights(socketMessage, ["config", "container", "docker_socket"])] : []),
    ...itemsOf(value.get("extramounts")).flatMap(({ item, index }): readonly PolyFinding[] => {
      const [, source = item, mode] = /^(.+):\/[^:]*(?::(ro|rw))?$/s.exec(item) ?? [];
      const at = ["extramounts", index];
      if (isSocket(source)) return [rights(socketMessage, at)];
      const home = homedir();
      const expanded = source.replace(/^\$(?:HOME|\{HOME\})(?=\/|$)/, home);
      const message = hostFolderMessage({ source: expanded, readonly: mode === "ro" }, workspace.path, home);
      return message === undefined ? [] : [rights(message, at)];
    }),
  ];
}

function lintSteps(workspace: Workspace): readonly PolyFinding[] {
  return mapsOf(workspace.file.value.get("workflows")).flatMap(({ map: workflow, index }) =>
    mapsOf(workflow.get("steps")).flatMap(({ map: step, index: number }): readonly PolyFinding[] => {
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
