import { plainScalar } from "../../yaml/scalar.ts";
import type { YamlScalar } from "../../yaml/value.ts";
import type { Variable } from "../environment.ts";
import type { InputDeclaration } from "./declarations.ts";

/** An input that has a value. */
export type Input = {
  readonly name: string;
  /** With its type; `***` for a secret. */
  readonly value: YamlScalar;
  readonly variable: Variable;
};

/** A value of an input's type: its text for the environment, and the typed value. */
export type InputValue = { readonly text: string; readonly value: YamlScalar };

/** Returns the value that a text means for an input, or what was expected instead. */
export function parseInput(
  { type, choices }: Pick<InputDeclaration, "type" | "choices">,
  text: string,
): InputValue | { readonly expected: string } {
  const value = typedValue(type, text);
  if (value === undefined) return { expected: expectedOf[type] };
  const allowed = choices.map((choice) => typedValue(type, choice)?.text ?? choice);
  if (choices.length > 0 && !allowed.includes(value.text)) {
    return { expected: `one of ${choices.map((choice) => `\`${choice}\``).join(", ")}` };
  }
  return value;
}

const expectedOf: Readonly<Record<InputDeclaration["type"], string>> = {
  string: "text",
  integer: "an integer in decimal digits",
  number: "a number like `1.5`",
  boolean: "`true` or `false`",
};

function typedValue(type: InputDeclaration["type"], text: string): InputValue | undefined {
  if (type === "string") return { text, value: text };
  if (type === "boolean") {
    const isTrue = /^(?:true|yes|on)$/i.test(text);
    return isTrue || /^(?:false|no|off)$/i.test(text) ? { text: String(isTrue), value: isTrue } : undefined;
  }
  if (!(type === "integer" ? integer : number).test(text)) return undefined;
  const value = plainScalar(text);
  // Too large for a float.
  return typeof value === "string" ? undefined : { text, value };
}

const integer = /^-?(?:0|[1-9][0-9]*)$/;
const number = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/;

/** Returns an input with a value that is not a secret. */
export function plainInput({ name, variable }: InputDeclaration, { text, value }: InputValue): Input {
  return { name, value, variable: { name: variable, value: text } };
}

/** Returns an input with a secret value; `source` is where a printed command takes it from. */
export function secretInput(
  { name, variable }: InputDeclaration,
  text: string,
  source: NonNullable<Variable["secret"]> = { variable },
): Input {
  return { name, value: "***", variable: { name: variable, value: text, secret: source } };
}
