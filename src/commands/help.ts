import type { ArgDef, ArgsDef, CommandDef } from "citty";
import { commands } from "./commands.ts";

/** Returns the overview of all commands. */
export function overview(): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => [name, summary] as const);
  return [
    "Run infrastructure actions reproducibly in containers.",
    "",
    "Usage: polycrate COMMAND",
    "",
    "Commands:",
    ...columns(rows),
    "",
    "`polycrate help COMMAND` says more about one.",
    "",
  ].join("\n");
}

/** Returns the help of one command: usage, what it does, arguments and flags. */
export function commandHelp(name: string, { meta, args }: CommandDef<ArgsDef>): string {
  const definition = typeof args === "object" && !(args instanceof Promise) ? args : {};
  const description = typeof meta === "object" && !(meta instanceof Promise) ? (meta.description ?? "") : "";
  const entries = Object.entries(definition);
  const positionals = entries.filter(([, one]) => one.type === "positional");
  const flags = entries.filter(([, one]) => one.type !== "positional");
  const words = positionals.map(([one, { required }]) =>
    required === false ? `[${one.toUpperCase()}]` : one.toUpperCase(),
  );
  return [
    description,
    "",
    `Usage: polycrate ${[name, ...words, ...(flags.length > 0 ? ["[FLAGS]"] : [])].join(" ")}`,
    ...section(
      "Arguments",
      positionals.map(([one, { description: text }]) => [one.toUpperCase(), text ?? ""]),
    ),
    ...section("Flags", flags.flatMap(flagRows)),
    "",
  ].join("\n");
}

function section(title: string, rows: readonly (readonly [string, string])[]): readonly string[] {
  return rows.length === 0 ? [] : ["", `${title}:`, ...columns(rows)];
}

function flagRows([name, definition]: [string, ArgDef]): readonly (readonly [string, string])[] {
  const aliases = "alias" in definition ? [definition.alias ?? []].flat() : [];
  const short = aliases.map((alias) => `-${alias}, `).join("");
  const value = definition.type === "boolean" ? "" : `=${valueHint(definition)}`;
  const row = [`${short}--${name}${value}`, definition.description ?? ""] as const;
  if (definition.type !== "boolean" || !definition.negativeDescription) return [row];
  return [row, [`--no-${name}`, definition.negativeDescription]];
}

function valueHint(definition: ArgDef): string {
  if (definition.type === "enum") return (definition.options ?? []).join("|");
  return definition.valueHint ?? "VALUE";
}

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd());
}
