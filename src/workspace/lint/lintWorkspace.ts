import { homedir } from "node:os";
import { didYouMean, exitCodes, PolycrateError } from "../../errors.ts";
import { valueAt } from "../../yaml/path.ts";
import {
  isYamlList,
  isYamlMap,
  type YamlMap,
  type YamlPath,
  type YamlValue,
  yamlMapAt,
} from "../../yaml/value.ts";
import { type ResolvedAction, resolveAction, resolveBlock } from "../blocks/resolveBlock.ts";
import { inputsOf } from "../inputs/declarations.ts";
import { inputsInStep, stepInputProblems } from "../inputs/stepInputs.ts";
import type { Workspace } from "../load.ts";
import { problemsIn } from "../poly/polyFile.ts";
import type { PolyFinding, Problem } from "../poly/problems.ts";
import { assignmentsIn } from "../poly/schema/environment.ts";
import { workspaceConfigKeys } from "../poly/schema/workspaceConfig.ts";
import { isExtension } from "../poly/unknownKeys.ts";
import { hostFolderMessage, hostRights, isSocket, socketMessage } from "./hostRights.ts";
import { lintArtifacts } from "./lintArtifacts.ts";
import { lintCaches } from "./lintCaches.ts";
import { isImageReference, looseTagHint, looseTagOf } from "./lintImage.ts";
import { lintEnv, lintVariable } from "./lintVariables.ts";
import { lintDependencies } from "./lintVersions.ts";

/** Returns the problems of `workspace.poly` that its schema does not find: variables, images, host access, workflow steps. */
export function lintWorkspace(workspace: Workspace): readonly Problem[] {
  const { value } = workspace.file;
  const lints = [lintConfigKeys, lintEnvironment, lintImages, lintCaches, lintRights, lintDependencies];
  const findings = lints.map((lint) => lint(value, workspace));
  return [...findings, lintSteps(workspace), lintArtifacts(workspace)].flatMap((found) =>
    problemsIn(workspace.file, found),
  );
}

/** Keys of `config` are free-form, so only one that looks like a typing error is reported. */
function lintConfigKeys(value: YamlMap): readonly PolyFinding[] {
  return writtenKeys(yamlMapAt(value, "config")).flatMap((key): readonly PolyFinding[] => {
    const isKept = workspaceConfigKeys.includes(key) || isExtension(key);
    const near = isKept ? undefined : didYouMean(key, workspaceConfigKeys);
    if (near === undefined) return [];
    const message = `unknown key \`config.${key}\``;
    return [
      { severity: "warning", code: "unknown-key", at: ["config", key], part: "key", message, hint: near },
    ];
  });
}

function lintEnvironment(value: YamlMap): readonly PolyFinding[] {
  const extra = value.get("extraenv");
  return [
    ...lintEnv(yamlMapAt(yamlMapAt(value, "config"), "container"), ["config", "container"]),
    ...assignmentsOf(extra).flatMap((item, index) => {
      const [, name, text] = /^([^=]*)=(.*)$/s.exec(item) ?? [];
      return name === undefined || text === undefined ? [] : lintVariable(name, text, ["extraenv", index]);
    }),
  ];
}

/** An item that is not text stays in the list, as an empty one, to keep the indexes. */
function assignmentsOf(extra: YamlValue | undefined): readonly string[] {
  if (typeof extra === "string") return assignmentsIn(extra);
  return (isYamlList(extra) ? extra : []).map((item) => (typeof item === "string" ? item : ""));
}

function lintImages(value: YamlMap): readonly PolyFinding[] {
  const [reference, version] = ["reference", "version"].map((key) =>
    stringAt(value, ["config", "image", key]),
  );
  const images = [
    ...[
      ["config", "container", "image"],
      ["config", "image"],
    ].map((at) => ({ at, image: stringAt(value, at) })),
    version === undefined
      ? { at: ["config", "image", "reference"], image: reference }
      : { at: ["config", "image", "version"], image: `${reference}:${version}` },
  ];
  return images.flatMap(({ at, image }): readonly PolyFinding[] => {
    if (image === undefined) return [];
    if (!isImageReference(image)) {
      const message = `\`${image}\` is not a valid image reference`;
      const hint = "write it as `registry.example.com/team/image:1.2`, in lower case";
      return [{ severity: "error", code: "wrong-image", at, message, hint }];
    }
    const message = looseTagOf(image);
    if (message === undefined) return [];
    return [{ severity: "warning", code: "image-tag", at, message, hint: looseTagHint }];
  });
}

function lintRights(value: YamlMap, workspace: Workspace): readonly PolyFinding[] {
  const container = yamlMapAt(yamlMapAt(value, "config"), "container");
  const isOn = /^(?:true|yes|on)$/i.test(String(container?.get("docker_socket")));
  return [
    ...(isOn ? [hostRights(socketMessage, ["config", "container", "docker_socket"])] : []),
    ...itemsOf(value.get("extramounts")).flatMap(({ item, index }): readonly PolyFinding[] => {
      const [, source = item, mode] = /^(.+):\/[^:]*(?::(ro|rw))?$/s.exec(item) ?? [];
      const at = ["extramounts", index];
      if (isSocket(source)) return [hostRights(socketMessage, at)];
      const home = homedir();
      const expanded = source.replace(/^\$(?:HOME|\{HOME\})(?=\/|$)/, home);
      const message = hostFolderMessage({ source: expanded, readonly: mode === "ro" }, workspace.path, home);
      return message === undefined ? [] : [hostRights(message, at)];
    }),
  ];
}

function lintSteps(workspace: Workspace): readonly PolyFinding[] {
  return mapsOf(workspace.file.value.get("workflows")).flatMap(({ map: workflow, index }) =>
    mapsOf(workflow.get("steps")).flatMap(({ map: step, index: number }): readonly PolyFinding[] => {
      const at = ["workflows", index, "steps", number];
      const variables = lintEnv(step, at);
      const [block, action] = [stringAt(step, ["block"]), stringAt(step, ["action"])];
      if (block === undefined || action === undefined) return variables;
      const found = stepAction(workspace, block, action);
      if (found === undefined) return variables;
      if ("value" in found) {
        return [...variables, ...stepInputProblems(inputsOf(found.value), inputsInStep(step, at))];
      }
      const { key, message, hint } = found;
      return [...variables, { severity: "error", code: "wrong-step", at: [...at, key], message, hint }];
    }),
  );
}

type WrongStep = {
  readonly key: "block" | "action";
  readonly message: string;
  readonly hint: string | undefined;
};

/** Undefined for other errors of the block (65), which are reported with the block. */
function stepAction(
  workspace: Workspace,
  block: string,
  action: string,
): ResolvedAction | WrongStep | undefined {
  let key: WrongStep["key"] = "block";
  try {
    const resolved = resolveBlock(workspace, block);
    if (resolved.settings.template === true) {
      const hint = "name a block that inherits from it";
      return { key, message: `block \`${block}\` is a template, which cannot be run`, hint };
    }
    key = "action";
    return resolveAction(resolved, action);
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    const isReported = error.exitCode !== exitCodes.wrongCommandLine;
    return isReported ? undefined : { key, message: error.message, hint: error.hint };
  }
}

function stringAt(root: YamlMap, path: YamlPath): string | undefined {
  const value = valueAt(root, path);
  return typeof value === "string" ? value : undefined;
}

function writtenKeys(map: YamlMap | undefined): readonly string[] {
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
