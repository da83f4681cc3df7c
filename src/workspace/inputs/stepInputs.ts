import { didYouMean } from "../../errors.ts";
import { valueAt } from "../../yaml/path.ts";
import {
  isYamlList,
  isYamlMap,
  isYamlSecret,
  type YamlMap,
  type YamlPath,
  type YamlValue,
  yamlMapAt,
  yamlTextAt,
} from "../../yaml/value.ts";
import { envVariable } from "../environment.ts";
import { failAt } from "../fail.ts";
import type { Workspace } from "../load.ts";
import type { Combination } from "../matrix.ts";
import type { PolyFinding } from "../poly/problems.ts";
import { type InputDeclaration, scalarText } from "./declarations.ts";
import { type Input, parseInput, plainInput, secretInput } from "./values.ts";

/** Where a workflow step has the values of inputs: its path in `workspace.poly`, its `inputs` and its `matrix`. */
export type WrittenInputs = {
  readonly at: YamlPath;
  readonly inputs: YamlMap | undefined;
  readonly matrix: YamlMap | undefined;
};

/** Returns what a step at that path has of inputs. */
export function inputsInStep(step: YamlValue | undefined, at: YamlPath): WrittenInputs {
  return { at, inputs: yamlMapAt(step, "inputs"), matrix: yamlMapAt(step, "matrix") };
}

/** Returns the inputs of the step at an index of a workflow as they are written. */
export function writtenInputs({ file }: Workspace, workflow: string, step: number): WrittenInputs {
  const workflows = file.value.get("workflows");
  const index = isYamlList(workflows)
    ? workflows.findIndex((one) => yamlTextAt(one, "name") === workflow)
    : -1;
  const at = ["workflows", index, "steps", step];
  return inputsInStep(valueAt(file.value, at), at);
}

/**
 * Returns what is wrong with the inputs that a step passes to its action: an unknown one, a value of the wrong type, a
 * required one that is missing. A name of the matrix passes the input of that name, unless `inputs` does. A secret that is
 * missing comes from the environment or is asked for.
 */
export function stepInputProblems(
  declarations: readonly InputDeclaration[],
  { at, inputs, matrix }: WrittenInputs,
): readonly PolyFinding[] {
  const names = declarations.map(({ name }) => name);
  const given = Array.from(inputs ?? [], ([key, value]): readonly PolyFinding[] => {
    const declaration = declarations.find(({ name }) => name === String(key));
    const path = [...at, "inputs", key];
    if (declaration !== undefined) return valueProblem(declaration, value, path);
    const hint =
      didYouMean(String(key), names) ??
      (names.length === 0 ? "the action declares none" : `its inputs: ${names.join(", ")}`);
    const message = `the step's action has no input \`${String(key)}\``;
    return [{ severity: "error", code: "wrong-input", at: path, part: "key", message, hint }];
  });
  const rest = declarations.filter(({ name }) => inputs?.has(name) !== true);
  const combined = rest.flatMap((declaration) => {
    const values = matrix?.get(declaration.name);
    return (isYamlList(values) ? values : []).flatMap((value, index) =>
      valueProblem(declaration, value, [...at, "matrix", declaration.name, index]),
    );
  });
  const missing = rest.filter(
    ({ name, required, secret, default: preset }) =>
      required && !secret && preset === undefined && matrix?.has(name) !== true,
  );
  return [
    ...given.flat(),
    ...combined,
    ...missing.map(({ name }) => missingProblem(name, at, inputs !== undefined)),
  ];
}

function missingProblem(name: string, at: YamlPath, hasInputs: boolean): PolyFinding {
  return {
    ...{ severity: "error", code: "wrong-input", at: hasInputs ? [...at, "inputs"] : at, part: "key" },
    message: `the step does not pass the required input \`${name}\``,
    hint: `add it: \`inputs: {${name}: …}\``,
  };
}

function valueProblem(declaration: InputDeclaration, value: YamlValue, at: YamlPath): readonly PolyFinding[] {
  const { name, secret } = declaration;
  const wrong = (message: string, hint: string): readonly PolyFinding[] => [
    { severity: "error", code: "wrong-input", at, message, hint },
  ];
  if (secret && isYamlSecret(value)) return [];
  if (secret && !isYamlMap(value)) {
    return wrong(
      `the value of the secret input \`${name}\` is in the file`,
      `write \`${name}: {from_env: NAME}\` or \`${name}: {from_file: PATH}\``,
    );
  }
  if (secret) return [];
  const text = isYamlSecret(value) ? undefined : scalarText(value);
  if (text === undefined) {
    return wrong(
      `the input \`${name}\` is not a secret, so its value is written in the file`,
      `write the value, or declare the input with \`secret: true\``,
    );
  }
  const read = parseInput(declaration, text);
  if (!("expected" in read)) return [];
  return wrong(`input \`${name}\`: expected ${read.expected}, found \`${text}\``, "correct the value");
}

/**
 * Returns the inputs that a combination of a step passes; its problems are found before. Throws (65) for a secret that cannot be
 * read.
 */
export function givenByStep(
  workspace: Workspace,
  declarations: readonly InputDeclaration[],
  { at, inputs }: WrittenInputs,
  combination: Combination,
  host: NodeJS.ProcessEnv,
): readonly Input[] {
  return declarations.flatMap((declaration): readonly Input[] => {
    const { name, variable, secret } = declaration;
    const value = inputs?.get(name) ?? combination.find((one) => one.name === name)?.value;
    if (value === undefined) return [];
    if (secret) {
      const fail = failAt(workspace.file, [...at, "inputs", name]);
      const { value: text, secret: source } = envVariable(workspace, variable, value, fail, host);
      return [secretInput(declaration, text, source)];
    }
    const read = parseInput(declaration, scalarText(value) ?? "");
    return "expected" in read ? [] : [plainInput(declaration, read)];
  });
}
