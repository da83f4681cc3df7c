import { type CommandDef, defineCommand } from "citty";
import { didYouMean, exitCodes, PolycrateError } from "../../errors.ts";
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
    word: { type: "positional", description: "The second word of the command.", required: false },
    search: {
      type: "string",
      valueHint: "WORD",
      description: "Print the lines of all topics that contain the word.",
    },
  },
  run: async ({ args, data }) => {
    const { commands, onSignal }: CommandData = data;
    if (args.search !== undefined) return printMatches(args.search);
    const text = await helpText(commands, [args.name ?? [], args.word ?? []].flat());
    if (text.isTopic) await showPaged(text.text, onSignal);
    else process.stdout.write(text.text);
    return 0;
  },
});

type HelpText = { readonly text: string; readonly isTopic: boolean };

/** A command's help comes first, and the topic of the same name follows it. */
async function helpText(commands: Commands, words: readonly string[]): Promise<HelpText> {
  const [name] = words;
  if (name === undefined)
    return { text: overview(commands, topicNames, helpColumns(process.stdout)), isTopic: false };
  const topic = words.length === 1 ? findTopic(name) : undefined;
  if (topic !== undefined && !Object.hasOwn(commands, name)) return { text: topicText(topic), isTopic: true };
  const command = await definitionOf(commands, commandName(commands, words));
  const help = commandHelp(command.name, command.definition, helpColumns(process.stdout));
  return topic === undefined
    ? { text: help, isTopic: false }
    : { text: `${help}\n${topicText(topic)}`, isTopic: true };
}

async function definitionOf(commands: Commands, name: string) {
  const definition: CommandDef | undefined = (await commands[name]?.load())?.default;
  if (definition === undefined) throw new Error(`the table of commands has no ${name}`);
  return { name, definition };
}

function commandName(commands: Commands, words: readonly string[]): string {
  const [name = ""] = words;
  try {
    return readCommandName(commands, words).name;
  } catch (error) {
    if (words.length > 1 || name === "install") throw error;
    throw new PolycrateError(`there is no command or topic \`${name}\``, {
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

function printMatches(words: string): number {
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
  for (const [place, found] of Map.groupBy(matches, placeOf)) {
    stdout.write(`${paint(stdout, "strong", place)}\n`);
    for (const { line } of found) {
      const lines = stdout.isTTY ? wrapWords(line, columns, 2) : [line];
      stdout.write(lines.map((one) => `  ${one}\n`).join(""));
    }
  }
  return 0;
}
