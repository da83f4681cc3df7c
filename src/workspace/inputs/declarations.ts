import * as v from "valibot";
import { isYamlList, isYamlMap, textOf, type YamlMap, type YamlValue, yamlMapAt } from "../../yaml/value.ts";
import { plainOf } from "../poly/polyFile.ts";
import { input } from "../poly/schema/input.ts";

export type InputType = v.InferOutput<typeof input>["type"];

/** An input that an action declares. */
export type InputDeclaration = {
  readonly name: string;
  /** The variable that the action reads it from: `INPUT_` and the name. */
  readonly variable: string;
  readonly type: InputType;
  readonly description: string | undefined;
  /** The only values, as texts; empty if any value of the type will do. */
  readonly choices: readonly string[];
  readonly default: string | undefined;
  /** Whether there must be a value. */
  readonly required: boolean;
  readonly secret: boolean;
};

/**
 * Returns the inputs that an action declares, in order. A secret one is required unless it says otherwise; a boolean one that
 * is not required is `false` by default.
 */
export function inputsOf(action: YamlMap): readonly InputDeclaration[] {
  return Array.from(yamlMapAt(action, "inputs") ?? [], ([key, value]) =>
    declarationOf(String(key), value),
  ).flat();
}

function declarationOf(name: string, value: YamlValue): readonly InputDeclaration[] {
  const { success, output } = v.safeParse(input, plainOf(value ?? new Map()));
  if (!success) return [];
  const written = isYamlMap(value) ? value : new Map();
  const choices = written.get("choices");
  const { type, secret } = output;
  const required = output.required ?? secret;
  const implied = type === "boolean" && !required && !secret ? "false" : undefined;
  return [
    {
      name,
      variable: variableOfInput(name),
      type,
      description: output.description ?? undefined,
      choices: isYamlList(choices) ? choices.flatMap((choice) => scalarText(choice) ?? []) : [],
      default: scalarText(written.get("default")) ?? implied,
      required,
      secret,
    },
  ];
}

/** Returns the name of the variable of an input: `-` becomes `_`. */
export function variableOfInput(name: string): string {
  return `INPUT_${name.replaceAll("-", "_").toUpperCase()}`;
}

/** Returns the text of a single value as the file spells it; undefined for anything else, and for nothing. */
export function scalarText(value: YamlValue | undefined): string | undefined {
  return typeof value === "boolean" ? String(value) : textOf(value);
}
