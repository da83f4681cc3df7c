import type { ArgDef, ArgsDef } from "citty";
import type { InputDeclaration } from "../workspace/inputs/declarations.ts";
import { runFlags } from "../workspace/inputs/runFlags.ts";

/** Returns the inputs of an action as flags, without those that have the name of a flag of polycrate. */
export function inputFlags(declarations: readonly InputDeclaration[]): ArgsDef {
  const flags = declarations.filter(({ name }) => !runFlags.has(name));
  return Object.fromEntries(flags.map((declaration) => [declaration.name, inputFlagOf(declaration)]));
}

function inputFlagOf({ type, choices, description = "" }: InputDeclaration): ArgDef {
  if (type === "boolean") return { type, description, negativeDescription: "" };
  if (choices.length > 0) return { type: "enum", options: [...choices], description };
  return { type: "string", valueHint: valueHints[type], description };
}

/** Placeholders for a value of each type, in usage and messages. */
export const valueHints: Readonly<Record<InputDeclaration["type"], string>> = {
  string: "VALUE",
  integer: "INTEGER",
  number: "NUMBER",
  boolean: "true|false",
};

/** Returns how a value of an input is passed: `--NAME=VALUE`, or by `--input` where polycrate has a flag of that name. */
export function inputArgument(name: string, value: string): string {
  return runFlags.has(name) ? `--input=${name}=${value}` : `--${name}=${value}`;
}
