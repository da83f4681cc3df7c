import { defineCommand } from "citty";
import { stdout } from "../../host/output.ts";
import type { Commands } from "../command.ts";
import { type CurrentWord, completeWord, parseCommandLine } from "../completion/commandLine.ts";
import { completionItems } from "../completion/items.ts";
import type { CompletionItem } from "../completion/workspaceItems.ts";
import type { CommandData } from "../parseArgs.ts";

/**
 * Prints completions for the completion scripts. The first line is the kind of completion: `words`, followed by one word a
 * line in the shell's own syntax; `files` or `folders`, which the shell completes itself.
 */
export default defineCommand({
  meta: {
    name: "complete",
    description: "Print completions for a command line. The completion scripts call this.",
  },
  args: {
    shell: { type: "positional", description: "bash, zsh or fish.", required: true },
  },
  run: async ({ args, data }) => {
    const { rest, commands }: CommandData = data;
    if (args.shell === "bash") await answerBash(commands, rest);
    else await answerWords(commands, rest, args.shell === "zsh" ? zshLine : fishLine);
    return 0;
  },
});

/** `line` is the text before the cursor, `type` the kind of completion that was requested (COMP_TYPE). */
async function answerBash(
  commands: Commands,
  [line = "", breaks = "", type = "", columns = ""]: readonly string[],
): Promise<void> {
  const { words, current } = parseCommandLine(line, breaks);
  const completion = await completionItems(commands, words.slice(1), current.text);
  if (typeof completion === "string") return print([completion]);
  const fitting = completion.filter(({ value }) => value.startsWith(current.text));
  print([
    "words",
    ...bashLines(fitting, current, { isMenu: /^(?:37|42)$/.test(type), columns: Number(columns) || 80 }),
  ]);
}

/**
 * bash cannot show descriptions, so they are part of the words while there are several items: bash then inserts only their
 * common prefix.
 */
function bashLines(
  items: readonly CompletionItem[],
  current: CurrentWord,
  { isMenu, columns }: { readonly isMenu: boolean; readonly columns: number },
): readonly string[] {
  const rows = items.map(({ value, description }) => ({
    word: completeWord(value, current),
    description,
  }));
  if (rows.length < 2 || isMenu) return rows.map(({ word }) => word);
  const width = Math.max(...rows.map(({ word }) => word.length));
  return rows.map(({ word, description }) => {
    if (description === "") return word;
    const room = columns - width - 5;
    const shown =
      room < 8 ? "" : description.length > room ? `${description.slice(0, room - 1)}…` : description;
    // Wide lines make bash list one item per line.
    return shown === "" ? word : `${word.padEnd(width)}  (${shown})`.padEnd(Math.floor(columns / 2));
  });
}

async function answerWords(
  commands: Commands,
  words: readonly string[],
  lineOf: (candidate: CompletionItem) => string,
): Promise<void> {
  const { current } = parseCommandLine(words.at(-1) ?? "", "");
  const completion = await completionItems(commands, words.slice(0, -1), current.text);
  print(typeof completion === "string" ? [completion] : ["words", ...completion.map(lineOf)]);
}

/** In the format of `_describe`, which splits at the first colon without a backslash. */
function zshLine({ value, description }: CompletionItem): string {
  const escaped = value.replace(/[\\:]/g, "\\$&");
  return description === "" ? escaped : `${escaped}:${description}`;
}

function fishLine({ value, description }: CompletionItem): string {
  return description === "" ? value : `${value}\t${description}`;
}

function print(lines: readonly string[]): void {
  stdout.write(`${lines.join("\n")}\n`);
}
