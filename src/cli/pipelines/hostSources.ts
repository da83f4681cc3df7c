import { identityVariable } from "../../host/process.ts";
import type { ActionTarget } from "../../plan/target.ts";
import type { WorkflowNode } from "../../plan/workflow/planWorkflow.ts";
import { inputsOf } from "../../workspace/inputs/declarations.ts";
import type { Workspace } from "../../workspace/load.ts";
import { encryptedFiles } from "../../workspace/secrets/encryptedFiles.ts";
import { valueAt } from "../../yaml/path.ts";
import { type YamlMap, type YamlValue, yamlMapAt } from "../../yaml/value.ts";

/** What a run takes from its machine: variables by their names, and files outside of the repository. */
export type HostSources = { readonly variables: readonly string[]; readonly files: readonly string[] };

/** Returns what a step takes from its machine, by name only. */
export function hostSourcesOf(
  workspace: Workspace,
  { block, action }: ActionTarget,
  { step }: WorkflowNode,
): HostSources {
  const container = valueAt(workspace.file.value, ["config", "container"]);
  const variables = [container, block.resolved.value, action.value].map((owner) => yamlMapAt(owner, "env"));
  const values = new Map<string, unknown>(variables.flatMap((env) => envEntries(env)));
  for (const [name, value] of Object.entries(step.env ?? {})) values.set(name, value);
  const given = new Map<string, unknown>(Object.entries(step.inputs ?? {}));
  const secrets = inputsOf(action.value).filter(({ secret }) => secret);
  const sources = [...values.values(), ...given.values()];
  const names = [
    ...sources.flatMap((value) => textUnder(value, "from_env")),
    ...secrets.filter(({ name }) => !given.has(name)).map(({ variable }) => variable),
    ...workspace.settings.config.container.docker_flags.flatMap(variablesIn),
    ...(encryptedFiles(workspace.path, workspace.layout.artifactsRoot).length === 0
      ? []
      : [identityVariable]),
  ];
  const isManaged = sources.some((value) => textUnder(value, "from_manager").length > 0);
  const files = [
    ...sources.flatMap((value) => textUnder(value, "from_file")),
    ...(isManaged ? ["~/.config/polycrate/managers.toml"] : []),
  ];
  return { variables: [...new Set(names)].sort(), files: [...new Set(files)].sort() };
}

function envEntries(env: YamlMap | undefined): readonly (readonly [string, YamlValue])[] {
  return Array.from(env ?? [], ([name, value]) => [String(name), value]);
}

function textUnder(value: unknown, key: "from_env" | "from_file" | "from_manager"): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  const text: unknown = value instanceof Map ? value.get(key) : Reflect.get(value, key);
  return typeof text === "string" ? [text] : [];
}

/** Variables that a shell expands, without those that every machine has. */
function variablesIn(flag: string): readonly string[] {
  const names = Array.from(flag.matchAll(/\$\{?([A-Za-z_][A-Za-z0-9_]*)/g), ([, name = ""]) => name);
  return names.filter((name) => !["HOME", "PWD", "USER", "UID"].includes(name));
}
