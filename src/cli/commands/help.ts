import { type CommandDef, defineCommand } from "citty";
import { didYouMean, exitCodes, PolycrateError } from "../../errors.ts";
import { stdout } from "../../host/output.ts";
import { readCommandName } from "../aliases.ts";
import type { Commands } from "../command.ts";
import { commandHelp, commandNames, helpColumns, overview } from "../help.ts";
import { showPaged } from "../output/showPaged.ts";
import { isPlain, paint } from "../output/table.ts";
import { wrapWords } from "../output/wrapWords.ts";
import type { CommandData } from "../parseArgs.ts";
import { renderMarkdown } from "../topics/render.ts";
import { type Match, searchTopics } from "../topics/search.ts";
import { allTopics, findTopic, type Topic, topicNames } from "../topics/topics.ts";

export default defineCommand({
  meta: {
    name: "help",
    description:
      "Print the help of a command or a topic of the manual; without a name, list commands and topics.",
  },
  args: {
    name: { type: "positional", description: "A command or a topic.", required: false },
    subcommand: { type: "positional", description: "The second word of the command.", required: false },
    search: {
      type: "string",
      valueHint: "WORD",
      description: "Print the lines of all topics that contain the word.",
    },
  },
  run: async ({ args, data }) => {
    const { commands, onSignal }: CommandData = data;
    const words = [args.name ?? [], args.subcommand ?? []].flat();
    const { text, isPaged } =
      args.search === undefined
        ? await helpOf(commands, words)
        : { text: matchesText([args.search, ...words].join(" ")), isPaged: true };
    if (isPaged) await showPaged(text, onSignal);
    else stdout.write(text);
    return 0;
  },
});

type Help = { readonly text: string; readonly isPaged: boolean };

/** A command's help comes first, and the topic of the same name follows it. */
async function helpOf(commands: Commands, words: readonly string[]): Promise<Help> {
  const columns = helpColumns(stdout);
  const [name] = words;
  if (name === undefined) return { text: overview(commands, topicNames, columns), isPaged: false };
  const topic = words.length === 1 ? findTopic(name) : undefined;
  const isOnlyTopic = topic !== undefined && !Object.hasOwn(commands, name);
  const parts = [
    ...(isOnlyTopic ? [] : [await helpOfCommand(commands, commandName(commands, words), columns)]),
    ...(topic === undefined ? [] : [topicText(topic)]),
  ];
  return { text: parts.join("\n"), isPaged: topic !== undefined };
}

async function helpOfCommand(commands: Commands, name: string, columns: number): Promise<string> {
  const definition: CommandDef | undefined = (await commands[name]?.load())?.default;
  if (definition === undefined) throw new Error(`the table of commands has no ${name}`);
  return commandHelp(name, definition, columns);
}

function commandName(commands: Commands, words: readonly string[]): string {
  const [name = ""] = words;
  try {
    return readCommandName(commands, words).name;
  } catch (error) {
    if (words.length > 1 || name === "install") throw error;
    throw new PolycrateError(`unknown command or topic \`${name}\``, {
      hint:
        didYouMean(name, [...commandNames, ...topicNames]) ??
        `\`polycrate help\` lists them; \`polycrate help --search ${name}\` searches the manual`,
      exitCode: exitCodes.wrongCommandLine,
      cause: error,
    });
  }
}

/** On a terminal the topic for people, elsewhere its Markdown. */
function topicText({ text }: Topic): string {
  const { stdout } = process;
  if (!stdout.isTTY) return text;
  return renderMarkdown(text, {
    columns: stdout.columns ?? 80,
    paint: (tone, one) => paint(stdout, tone, one),
    isStyled: !isPlain(stdout),
  });
}

/** Throws (1) when nothing is found. */
function matchesText(words: string): string {
  const matches = searchTopics(allTopics(), words);
  if (words.trim() === "" || matches.length === 0) {
    throw new PolycrateError(`no topic of the manual contains \`${words}\``, {
      hint: "`polycrate help` lists the topics",
      exitCode: exitCodes.notFound,
    });
  }
  const { stdout } = process;
  const columns = helpColumns(stdout) - 2;
  const placeOf = ({ topic, heading }: Match) => (heading === undefined ? topic : `${topic}: ${heading}`);
  const groups = [...Map.groupBy(matches, placeOf)].map(([place, found]) => {
    const lines = found.flatMap(({ line }) => (stdout.isTTY ? wrapWords(line, columns, 2) : [line]));
    return [paint(stdout, "strong", place), ...lines.map((line) => `  ${line}`), ""].join("\n");
  });
  return groups.join("");
}
