import type { ArgsDef, CommandDef } from "citty";
import { stdout } from "../host/output.ts";
import type { Commands } from "./command.ts";
import { commandReference, type ReferenceRow } from "./commandReference.ts";
import { manual } from "./examples.ts";
import type { Example } from "./manualEntry.ts";
import { paint } from "./output/table.ts";
import { wrapWords } from "./output/wrapWords.ts";

/** The commands in the groups of the overview; a command without a group is hidden. */
export const commandGroups: readonly { readonly title: string; readonly names: readonly string[] }[] = [
  { title: "Run", names: ["run", "rerun", "exec", "shell", "build"] },
  {
    title: "Inspect",
    names: [
      "list",
      "inspect",
      "workflow inspect",
      "snapshot",
      "validate",
      "trust",
      "history",
      "history diff",
      "logs",
      "report",
      "ps",
    ],
  },
  {
    title: "Pin and share",
    names: ["lock", "install", "block pull", "block push", "block outdated", "block uninstall"],
  },
  {
    title: "Secrets",
    names: ["secrets edit", "secrets encrypt", "secrets decrypt", "secrets recipients", "secrets keygen"],
  },
  { title: "Clean up", names: ["stop", "prune"] },
  {
    title: "Set up",
    names: [
      "init",
      "block new",
      "workflow export",
      "doctor",
      "self-test",
      "schema",
      "completion",
      "help",
      "version",
    ],
  },
  { title: "Toolchain image", names: ["toolchain", "toolchain build", "toolchain dockerfile"] },
];

/** The names of all commands of the overview. */
export const commandNames: readonly string[] = commandGroups.flatMap(({ names }) => names);

/** Returns the overview of all commands and topics, for a terminal of that width in columns. */
export function overview(commands: Commands, topics: readonly string[], columns: number): string {
  const groups = commandGroups.map(({ title, names }) => ({
    title,
    rows: names.flatMap((name): ReferenceRow[] => {
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
export function commandHelp(name: string, definition: CommandDef<ArgsDef>, columns: number): string {
  const reference = commandReference(name, definition);
  const usage = ["polycrate", name, ...reference.usage];
  const left = leftWidth([...reference.arguments, ...reference.flags.flatMap(({ rows }) => rows)]);
  return finished([
    ...wrapWords(reference.description, columns),
    "",
    ...wrapWords(`${heading("Usage:")} ${usage.join(" ")}`, columns, 2),
    ...section("Arguments", reference.arguments, left, columns),
    ...reference.flags.flatMap(({ title, rows }) => section(title, rows, left, columns)),
    ...examplesSection(reference.examples, columns),
  ]);
}

/** Returns the width of help on the stream, in columns: at most 100, for readability. */
export function helpColumns(stream: { readonly columns?: number | undefined }): number {
  return Math.min(stream.columns ?? 80, 100);
}

/** Returns rows under a heading, with the descriptions in a column. */
export function helpSection(
  title: string,
  rows: readonly ReferenceRow[],
  columns: number,
): readonly string[] {
  return section(title, rows, leftWidth(rows), columns);
}

function section(
  title: string,
  rows: readonly ReferenceRow[],
  left: number,
  columns: number,
): readonly string[] {
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
function leftWidth(rows: readonly ReferenceRow[]): number {
  return Math.max(0, ...rows.map(([name]) => name.length).filter((length) => length <= 26));
}

function examplesSection(examples: readonly Example[], columns: number): readonly string[] {
  if (examples.length === 0) return [];
  const lines = examples.flatMap(({ description, command }) => [
    ...wrapWords(`# ${description}`, columns - 2, 2).map((one) => paint(stdout, "faint", `  ${one}`)),
    `  ${command}`,
  ]);
  return ["", heading("Examples:"), ...lines];
}

/** Returns a heading of help. */
export function heading(text: string): string {
  return paint(stdout, "strong", text);
}

/** Returns the lines as a text. */
export function finished(lines: readonly string[]): string {
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}
