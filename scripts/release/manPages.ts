import { commandReference } from "../../src/cli/commandReference.ts";
import { manual } from "../../src/cli/examples.ts";
import { commandGroups } from "../../src/cli/help.ts";
import { commands } from "../../src/cli/registry.ts";
import { allTopics, type Topic } from "../../src/cli/topics/topics.ts";
import { exitCodeMeanings, exitCodes } from "../../src/errors.ts";
import { bold, codeBlock, definitions, escaped, roffOf, section } from "./roff.ts";

/** A file of the manual, such as `polycrate-run.1`. */
export type ManPage = { readonly name: string; readonly section: 1 | 7; readonly text: string };

/** The version and the day of the release, which each page has at its foot. */
export type Edition = { readonly version: string; readonly date: string };

/** Returns every manual page: polycrate itself and each command in section 1, each topic in section 7. */
export async function manPages(edition: Edition): Promise<readonly ManPage[]> {
  const topics = allTopics();
  const visible = commandGroups.flatMap(({ names }) => names);
  return [
    programPage(topics, edition),
    ...(await Promise.all(visible.map((name) => commandPage(name, topics, edition)))),
    ...topics.map((topic) => topicPage(topic, topics, edition)),
  ];
}

type Parts = {
  readonly name: string;
  readonly section: 1 | 7;
  /** Without a full stop, as in all manual pages: apropos prints it after the name. */
  readonly summary: string;
  readonly body: string;
  readonly seeAlso: readonly string[];
};

function page({ name, section: number, summary, body, seeAlso }: Parts, { version, date }: Edition): ManPage {
  const text = [
    `.TH "${escaped(name.toUpperCase())}" ${number} "${date}" "polycrate ${escaped(version)}" "polycrate"\n`,
    // Left-aligned and not hyphenated: commands stay as they are typed.
    ".nh\n.ad l\n",
    section("NAME"),
    `${escaped(name)} \\- ${escaped(summary)}\n`,
    body,
    section("SEE ALSO"),
    `${seeAlso.join(",\n")}\n`,
  ];
  // A heading begins a paragraph already.
  const joined = text.join("").replaceAll(/^(\.S[HS] .*\n)\.PP\n/gm, "$1");
  return { name: `${name}.${number}`, section: number, text: joined };
}

function programPage(topics: readonly Topic[], edition: Edition): ManPage {
  const body = [
    section("SYNOPSIS"),
    `${bold("polycrate")} COMMAND [FLAGS]\n`,
    section("DESCRIPTION"),
    ".PP\nRuns infrastructure actions (scripts and Ansible playbooks of a workspace) reproducibly in containers.\n",
    `.PP\n${bold(escaped("polycrate help"))} shows these pages too.\n`,
    section("COMMANDS"),
    ...commandGroups.map(({ title, names }) => {
      const rows = names.map((name): [string, string] => [name, commands[name]?.summary ?? ""]);
      return section(escaped(title), 3) + definitions(rows);
    }),
    section("TOPICS"),
    definitions(topics.map(({ name, summary }) => [pageName(name), plain(summary)])),
    section("EXIT STATUS"),
    ".PP\nOf a run: that of the action. polycrate itself uses:\n",
    roffOf(tableOf(Object.entries(exitCodeMeanings).map(([name, text]) => [codeOf(name), text]))),
    examples(manual[""]?.examples ?? []),
  ];
  const seeAlso = topics.map(({ name }) => reference(pageName(name), 7));
  const summary = "run infrastructure actions reproducibly in containers";
  return page({ name: "polycrate", section: 1, summary, body: body.join(""), seeAlso }, edition);
}

async function commandPage(name: string, topics: readonly Topic[], edition: Edition): Promise<ManPage> {
  const command = commands[name];
  if (command === undefined) throw new Error(`the table of commands has no ${name}`);
  const {
    description,
    usage,
    arguments: positionals,
    flags,
    examples: shown,
  } = commandReference(name, (await command.load()).default);
  const body = [
    section("SYNOPSIS"),
    `${bold(escaped(`polycrate ${name}`))} ${escaped(usage.join(" "))}\n`,
    section("DESCRIPTION"),
    roffOf(description),
    ...(positionals.length === 0 ? [] : [section("ARGUMENTS"), definitions(positionals)]),
    section("OPTIONS"),
    ...flags
      .filter(({ rows }) => rows.length > 0)
      .map(({ title, rows }) => {
        const trimmed = rows.map(([flag, text]): [string, string] => [flag.trim(), plain(text)]);
        return (title === "Flags" ? "" : section(title, 3)) + definitions(trimmed);
      }),
    examples(shown),
  ];
  const topic = topics.find((one) => one.name === name);
  const seeAlso = [
    reference("polycrate", 1),
    ...(topic === undefined ? [] : [reference(pageName(name), 7)]),
    reference("polycrate-exit-codes", 7),
  ];
  const summary = command.summary.charAt(0).toLowerCase() + command.summary.slice(1);
  return page({ name: pageName(name), section: 1, summary, body: body.join(""), seeAlso }, edition);
}

function topicPage({ name, summary, text }: Topic, topics: readonly Topic[], edition: Edition): ManPage {
  const others = topics.filter((one) => one.name !== name && mentions(text, one.name));
  // The sentence after the title is the summary, and begins the description.
  const body = section("DESCRIPTION") + roffOf(text);
  const seeAlso = [reference("polycrate", 1), ...others.map((one) => reference(pageName(one.name), 7))];
  const line = plain(summary).replace(/\.$/, "");
  return page({ name: pageName(name), section: 7, summary: line, body, seeAlso }, edition);
}

function examples(shown: readonly { readonly description: string; readonly command: string }[]): string {
  if (shown.length === 0) return "";
  const text = shown.map(({ description, command }) => `# ${description}\n${command}\n`).join("\n");
  return section("EXAMPLES") + codeBlock(escaped(text));
}

function pageName(name: string): string {
  return `polycrate-${name.replaceAll(" ", "-")}`;
}

function reference(name: string, number: 1 | 7): string {
  return `${bold(escaped(name))}(${number})`;
}

function mentions(text: string, topic: string): boolean {
  return text.includes(`polycrate help ${topic}\``) || text.includes(`](${topic}.md)`);
}

/** Without the marks of Markdown. */
function plain(markdown: string): string {
  return markdown.replaceAll("`", "");
}

function codeOf(name: string): string {
  const codes: Readonly<Record<string, number>> = exitCodes;
  return String(codes[name]);
}

function tableOf(rows: readonly (readonly [string, string])[]): string {
  return ["| Code | Meaning |", "| --- | --- |", ...rows.map(([code, text]) => `| ${code} | ${text} |`)].join(
    "\n",
  );
}
