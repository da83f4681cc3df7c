import type { ArgDef, ArgsDef, CommandDef } from "citty";
import type { Commands } from "./command.ts";
import { type Example, manual } from "./examples.ts";
import { containerFlags, imageFlags, isValueOptional } from "./flags.ts";
import { paint } from "./output/table.ts";
import { wrapWords } from "./output/wrapWords.ts";
import { flagAliases } from "./parseArgs.ts";

/** The commands in the groups of the overview; a command without a group is hidden. */
export const commandGroups: readonly { readonly title: string; readonly names: readonly string[] }[] = [
  { title: "Run", names: ["run", "rerun", "exec", "shell", "build"] },
  {
    title: "Inspect",
    names: ["list", "inspect", "snapshot", "validate", "history", "history diff", "logs", "report", "ps"],
  },
  { title: "Clean up", names: ["stop", "prune"] },
  { title: "Set up", names: ["init", "block new", "doctor", "schema", "completion", "help", "version"] },
  { title: "Toolchain image", names: ["toolchain", "toolchain build", "toolchain dockerfile"] },
];

/** The names of all commands of the overview. */
export const commandNames: readonly string[] = commandGroups.flatMap(({ names }) => names);

/** Returns the overview of all commands and topics, for a terminal of that width in columns. */
export function overview(commands: Commands, topics: readonly string[], columns: number): string {
  const groups = commandGroups.map(({ title, names }) => ({
    title,
    rows: names.flatMap((name): HelpRow[] => {
      const command = commands[name];
      return command === undefined ? [] : [[name, command.summary]];
    }),
  }));
  const left = leftWidth(groups.flatMap(({ rows }) => rows));
  return finished([
    ...wrapWords("Run infrastructure actions reproducibly in containers.", columns),
    "",
    `${heading("Usage:")} polycrate COMMAND [FLAGS]`,
    ...groups.flatMap(({ title, rows }) => section(title, rows, left, columns)),
    "",
    heading("Topics:"),
    ...wrapWords(topics.join(" "), columns - 2).map((line) => `  ${line}`),
    ...examplesSection(manual[""]?.examples ?? [], columns),
    "",
    ...wrapWords(
      "`polycrate help COMMAND` and `polycrate COMMAND --help` show the help of a command, " +
        "`polycrate help TOPIC` a topic of the manual; `polycrate help --search WORD` searches the topics.",
      columns,
    ),
  ]);
}

/** Returns the help of one command: description, usage, arguments, flags in groups, examples. */
export function commandHelp(name: string, { meta, args }: CommandDef<ArgsDef>, columns: number): string {
  const definition = typeof args === "object" && !(args instanceof Promise) ? args : {};
  const description = typeof meta === "object" && !(meta instanceof Promise) ? meta.description : undefined;
  const entries = Object.entries(definition);
  const positionals = entries.filter(([, one]) => one.type === "positional");
  const flags = entries.filter(([, one]) => one.type !== "positional");
  const { trailingArgs, examples = [] } = manual[name] ?? {};
  const usage = [
    "polycrate",
    name,
    ...positionals.map(([one, { required }]) =>
      required === false ? `[${one.toUpperCase()}]` : one.toUpperCase(),
    ),
    ...(flags.length > 0 ? ["[FLAGS]"] : []),
    ...(trailingArgs === undefined ? [] : [trailingArgs]),
  ];
  const argumentRows = positionals.map(
    ([one, { description: text }]): HelpRow => [one.toUpperCase(), text ?? ""],
  );
  const sections = flagSections(flags);
  const left = leftWidth([...argumentRows, ...sections.flatMap(({ rows }) => rows)]);
  return finished([
    ...wrapWords(description ?? "", columns),
    "",
    ...wrapWords(`${heading("Usage:")} ${usage.join(" ")}`, columns, 2),
    ...section("Arguments", argumentRows, left, columns),
    ...sections.flatMap(({ title, rows }) => section(title, rows, left, columns)),
    ...examplesSection(examples, columns),
  ]);
}

/** Returns the width of help on the stream, in columns: at most 100, for readability. */
export function helpColumns(stream: NodeJS.WriteStream): number {
  return Math.min(stream.columns ?? 80, 100);
}

/** A name in the left column, and its description. */
type HelpRow = readonly [string, string];

const flagGroups = [
  { title: "Image", names: [...Object.keys(imageFlags), "cache", "no-cache"] },
  { title: "Container", names: [...Object.keys(containerFlags), "interactive", "stdin", "timeout", "warm"] },
  { title: "Output", names: ["output", "report", "dry-run", "verbose"] },
  { title: "General", names: ["workspace", "yes", "force"] },
] as const;

/** The command's own flags come first; a flag means the same in every command, so its name determines its group. */
function flagSections(flags: readonly (readonly [string, ArgDef])[]) {
  const grouped = new Set<string>(flagGroups.flatMap(({ names }) => [...names]));
  const rowsOf = (wanted: (name: string) => boolean) =>
    flags.filter(([name]) => wanted(name)).flatMap(([name, definition]) => flagRows(name, definition));
  const help: HelpRow = ["-h, --help", "Show this help."];
  return [
    { title: "Flags", rows: rowsOf((name) => !grouped.has(name)) },
    ...flagGroups.map(({ title, names }) => {
      const rows = rowsOf((name) => names.some((one) => one === name));
      return { title, rows: title === "General" ? [...rows, help] : rows };
    }),
  ];
}

function flagRows(name: string, definition: ArgDef): readonly HelpRow[] {
  const aliases = flagAliases(definition);
  const short = aliases.length === 0 ? "    " : aliases.map((alias) => `-${alias}, `).join("");
  const value = definition.type === "boolean" ? "" : valueHint(definition);
  const row: HelpRow = [`${short}--${name}${value}`, definition.description ?? ""];
  if (definition.type !== "boolean" || !definition.negativeDescription) return [row];
  return [row, [`    --no-${name}`, definition.negativeDescription]];
}

function valueHint(definition: ArgDef): string {
  if (definition.type === "enum") return `=${(definition.options ?? []).join("|")}`;
  const hint = `=${definition.valueHint ?? "VALUE"}`;
  return isValueOptional(definition) ? `[${hint}]` : hint;
}

function section(title: string, rows: readonly HelpRow[], left: number, columns: number): readonly string[] {
  if (rows.length === 0) return [];
  const indent = left + 4;
  return [
    "",
    heading(`${title}:`),
    ...rows.flatMap(([name, text]) => {
      const lines = wrapWords(text, Math.max(columns - indent, 20)).map((line) => " ".repeat(indent) + line);
      const [first = "", ...more] = lines;
      return name.length > left
        ? [`  ${name}`, ...lines]
        : [`  ${name.padEnd(left)}  ${first.trimStart()}`, ...more];
    }),
  ];
}

/** The descriptions of long names begin on a line of their own, so that the left column stays narrow. */
function leftWidth(rows: readonly HelpRow[]): number {
  return Math.max(0, ...rows.map(([name]) => name.length).filter((length) => length <= 26));
}

function examplesSection(examples: readonly Example[], columns: number): readonly string[] {
  if (examples.length === 0) return [];
  const lines = examples.flatMap(({ description, command }) => [
    ...wrapWords(`# ${description}`, columns - 2, 2).map((one) => paint(process.stdout, "faint", `  ${one}`)),
    `  ${command}`,
  ]);
  return ["", heading("Examples:"), ...lines];
}

function heading(text: string): string {
  return paint(process.stdout, "strong", text);
}

function finished(lines: readonly string[]): string {
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}
