import type { ArgDef, ArgsDef, CommandDef } from "citty";
import { manual } from "./examples.ts";
import { containerFlags, imageFlags, isValueOptional } from "./flags.ts";
import type { Example } from "./manualEntry.ts";
import { flagAliases, isRepeated } from "./parseArgs.ts";

/** What the help and the manual page of a command say, in the order in which they say it. */
export type CommandReference = {
  readonly description: string;
  /** Without `polycrate` and the command's name. */
  readonly usage: readonly string[];
  readonly arguments: readonly ReferenceRow[];
  /** Groups of flags; one without rows is left out of the help. */
  readonly flags: readonly { readonly title: string; readonly rows: readonly ReferenceRow[] }[];
  readonly examples: readonly Example[];
};

/** A name, and its description. */
export type ReferenceRow = readonly [string, string];

/** Returns what is said about a command: from its definition, and its examples. */
export function commandReference(name: string, { meta, args }: CommandDef<ArgsDef>): CommandReference {
  const definition = typeof args === "object" && !(args instanceof Promise) ? args : {};
  const description = typeof meta === "object" && !(meta instanceof Promise) ? meta.description : undefined;
  const entries = Object.entries(definition);
  const positionals = entries.filter(([, one]) => one.type === "positional");
  const flags = entries.filter(([, one]) => one.type !== "positional");
  const { trailingArgs, examples = [] } = manual[name] ?? {};
  return {
    description: description ?? "",
    usage: [
      ...positionals.map(([one, definition]) => {
        const word = `${one.toUpperCase()}${isRepeated(definition) ? "…" : ""}`;
        return definition.required === false ? `[${word}]` : word;
      }),
      ...(flags.length > 0 ? ["[FLAGS]"] : []),
      ...(trailingArgs === undefined ? [] : [trailingArgs]),
    ],
    arguments: positionals.map(
      ([one, { description: text }]): ReferenceRow => [one.toUpperCase(), text ?? ""],
    ),
    flags: flagSections(flags),
    examples,
  };
}

const flagGroups = [
  { title: "Image", names: [...Object.keys(imageFlags), "locked", "cache", "no-cache"] },
  { title: "Container", names: [...Object.keys(containerFlags), "interactive", "stdin", "timeout", "warm"] },
  { title: "Output", names: ["output", "report", "dry-run", "verbose"] },
  { title: "General", names: ["workspace", "yes", "force"] },
] as const;

/** The command's own flags come first; a flag means the same in every command, so its name determines its group. */
function flagSections(flags: readonly (readonly [string, ArgDef])[]): CommandReference["flags"] {
  const grouped = new Set<string>(flagGroups.flatMap(({ names }) => [...names]));
  const rowsOf = (wanted: (name: string) => boolean) =>
    flags.filter(([name]) => wanted(name)).flatMap(([name, definition]) => flagRows(name, definition));
  const help: ReferenceRow = ["-h, --help", "Show this help."];
  return [
    { title: "Flags", rows: rowsOf((name) => !grouped.has(name)) },
    ...flagGroups.map(({ title, names }) => {
      const rows = rowsOf((name) => names.some((one) => one === name));
      return { title, rows: title === "General" ? [...rows, help] : rows };
    }),
  ];
}

function flagRows(name: string, definition: ArgDef): readonly ReferenceRow[] {
  const aliases = flagAliases(definition);
  const short = aliases.length === 0 ? "    " : aliases.map((alias) => `-${alias}, `).join("");
  const value = definition.type === "boolean" ? "" : valueHint(definition);
  const row: ReferenceRow = [`${short}--${name}${value}`, definition.description ?? ""];
  if (definition.type !== "boolean" || !definition.negativeDescription) return [row];
  return [row, [`    --no-${name}`, definition.negativeDescription]];
}

function valueHint(definition: ArgDef): string {
  const words = definition.type === "enum" ? (definition.options ?? []).join("|") : "VALUE";
  const hint = `=${definition.valueHint ?? words}`;
  return isValueOptional(definition) ? `[${hint}]` : hint;
}
