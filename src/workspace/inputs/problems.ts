import { valueAt } from "../../yaml/path.ts";
import {
  isYamlList,
  isYamlMap,
  type YamlKey,
  type YamlMap,
  type YamlPath,
  yamlMapAt,
} from "../../yaml/value.ts";
import type { BlockSource } from "../blocks/blockSource.ts";
import { type Block, sourcesOf } from "../blocks/overlayBlocks.ts";
import { problemIn } from "../poly/polyFile.ts";
import type { PolyFinding, Problem } from "../poly/problems.ts";
import { type InputDeclaration, inputsOf, scalarText, variableOfInput } from "./declarations.ts";
import { runFlags } from "./runFlags.ts";
import { parseInput } from "./values.ts";

/** Returns the problems of the inputs of an action after inheritance, at the block that writes each of them. */
export function inputProblems(
  lineage: readonly Block[],
  action: YamlMap,
  environments: readonly (YamlMap | undefined)[],
): readonly Problem[] {
  const inputs = yamlMapAt(action, "inputs");
  if (inputs === undefined) return [];
  const sources = lineage.flatMap(sourcesOf);
  const findings = [
    ...[...inputs.keys()].flatMap(nameFindings),
    ...repeatedVariables([...inputs.keys()].map(String), environments),
    ...inputsOf(action).flatMap((declaration) =>
      valueFindings(declaration, yamlMapAt(inputs, declaration.name) ?? new Map()),
    ),
  ];
  return findings.flatMap(({ at, ...finding }) => {
    const written = writtenAt(sources, action.get("name"), at);
    return written === undefined ? [] : [problemIn(written.source.file, { ...finding, at: written.at })];
  });
}

/** Finds the nearest block that writes the value of the action. */
function writtenAt(sources: readonly BlockSource[], action: unknown, at: YamlPath) {
  for (const source of sources) {
    const actions = source.value.get("actions");
    if (!isYamlList(actions)) continue;
    const index = actions.findIndex((one) => isYamlMap(one) && one.get("name") === action);
    if (valueAt(actions[index], at) !== undefined) {
      return { source, at: [...source.at, "actions", index, ...at] };
    }
  }
  return undefined;
}

function nameFindings(key: YamlKey): readonly PolyFinding[] {
  const name = String(key);
  if (!inputName.test(name)) {
    const message = `\`${name}\` is not a valid name of an input`;
    const hint = "use letters, digits, `_`, and single `-` between them; it must start with a letter";
    return [inputFinding(["inputs", key], message, hint, "key")];
  }
  if (!runFlags.has(name)) return [];
  const message = `\`--${name}\` is a flag of polycrate, so it does not set the input \`${name}\``;
  const hint = `rename the input, or pass it as \`--input ${name}=VALUE\``;
  return [{ severity: "warning", code: "input-flag", at: ["inputs", key], part: "key", message, hint }];
}

const inputName = /^[A-Za-z](?:[A-Za-z0-9_]|-(?=[A-Za-z0-9_]))*$/;

function repeatedVariables(
  names: readonly string[],
  environments: readonly (YamlMap | undefined)[],
): readonly PolyFinding[] {
  const first = new Map<string, string>();
  return names.flatMap((name) => {
    const variable = variableOfInput(name);
    const other = first.get(variable);
    if (other === undefined) first.set(variable, name);
    const both =
      other !== undefined
        ? `the inputs \`${other}\` and \`${name}\``
        : environments.some((env) => env?.has(variable) === true)
          ? `the input \`${name}\` and \`env\``
          : undefined;
    if (both === undefined) return [];
    return [inputFinding(["inputs", name], `${both} both set \`${variable}\``, "rename one of them", "key")];
  });
}

function valueFindings(declaration: InputDeclaration, written: YamlMap): readonly PolyFinding[] {
  const { name, type, secret } = declaration;
  const at = ["inputs", name];
  const values = written.get("choices");
  const choices = isYamlList(values) ? values : [];
  if (secret && (written.get("default") ?? null) !== null) {
    const hint = `remove it: the value comes from \`${declaration.variable}\` in the environment, or is asked for`;
    return [inputFinding([...at, "default"], `the secret input \`${name}\` has a default`, hint)];
  }
  if (isYamlList(values) && (choices.length === 0 || type === "boolean")) {
    const message =
      type === "boolean"
        ? `the input \`${name}\` is a boolean, which has no choices`
        : `the choices of the input \`${name}\` are empty`;
    return [inputFinding([...at, "choices"], message, "remove the key `choices`")];
  }
  const wrongChoices = choices.flatMap((choice, index) => {
    const text = scalarText(choice) ?? "";
    const read = parseInput({ type, choices: [] }, text);
    if (!("expected" in read)) return [];
    return [
      inputFinding([...at, "choices", index], expectation("choice", name, read.expected, text), typeHint),
    ];
  });
  return [...wrongChoices, ...(wrongChoices.length > 0 ? [] : defaultFinding(declaration))];
}

function defaultFinding(declaration: InputDeclaration): readonly PolyFinding[] {
  const { name, default: text } = declaration;
  if (text === undefined) return [];
  const read = parseInput(declaration, text);
  if (!("expected" in read)) return [];
  return [
    inputFinding(["inputs", name, "default"], expectation("default", name, read.expected, text), typeHint),
  ];
}

const typeHint = "correct the value, or the `type` of the input";

function expectation(what: string, name: string, expected: string, found: string): string {
  return `${what} of the input \`${name}\`: expected ${expected}, found \`${found}\``;
}

function inputFinding(at: YamlPath, message: string, hint: string, part?: "key"): PolyFinding {
  return { severity: "error", code: "wrong-input", at, message, hint, ...(part && { part }) };
}
