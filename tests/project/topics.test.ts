import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readCommandName } from "../../src/cli/aliases.ts";
import { checkCommandLine } from "../../src/cli/parseArgs.ts";
import { commands } from "../../src/cli/registry.ts";
import { searchTopics } from "../../src/cli/topics/search.ts";
import { allTopics, topicNames } from "../../src/cli/topics/topics.ts";
import { exitCodes } from "../../src/errors.ts";
import { keyTable } from "../../src/workspace/poly/keyReference.ts";
import { problemCodes } from "../../src/workspace/poly/problemCodes.ts";
import { makeFolder } from "../support/harness.ts";
import { definitionOf } from "../support/help.ts";
import { fencedBlocks, readme, root } from "../support/readme.ts";
import { topicBlocks, topicFiles, topicsFolder } from "../support/topics.ts";

const topics = allTopics();

test("every file of a topic is in the list of topics", () => {
  expect([...topicNames].sort()).toEqual(Object.keys(topicFiles).sort());
});

test.each(topics)(
  "$name begins with its title and one sentence, and has at most 150 lines",
  ({ name, summary, text }) => {
    const [title, empty, , after] = text.split("\n");
    expect([title, empty, after]).toEqual([`# ${name}`, "", ""]);
    expect(summary).toMatch(/^[A-Z`].{20,120}\.$/);
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(150);
  },
);

test.each(topics)("$name has no nested list, and no line of code over 76 columns", ({ text }) => {
  expect(text.replaceAll(/^```[\s\S]*?^```$/gm, "")).not.toMatch(/^ +(?:[-*]|\d+\.) /m);
  const wide = fencedBlocks(text).flatMap((block) =>
    block.text.split("\n").filter((line) => line.length > 76),
  );
  expect(wide).toEqual([]);
});

const yamlBlocks = Object.entries(topicFiles).flatMap(([name, text]) =>
  topicBlocks(text)
    .filter(({ language }) => language === "yaml")
    .map(({ files }, index) => ({ name, files, number: index + 1 })),
);

test.each(yamlBlocks)("in $name, the files up to block $number are valid", async ({ files }) => {
  using folder = makeFolder({ "workspace.poly": "name: my-workspace\n", ...files });
  const { stdout } = await folder.run(["validate", "--output", "json"]);
  const problems: readonly { readonly severity: string }[] = JSON.parse(stdout).problems;
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
});

const commandLines = Object.entries(topicFiles).flatMap(([name, text]) =>
  fencedBlocks(text)
    .filter(({ language }) => language === "sh" || language === "console")
    .flatMap(({ text: block }) => [...block.matchAll(/^(?:\$ )?(?:\w+=\S+ )*polycrate ([^#|<>&;\n]+)/gm)])
    .map(([, line = ""]) => ({ name, line: line.trim() })),
);

test.each(commandLines)(
  "in $name, `polycrate $line` is a command line that polycrate accepts",
  async ({ line }) => {
    const { name, rest } = readCommandName(commands, line.split(/\s+/));
    const { args } = await definitionOf(name);
    const inputs = commands[name]?.takesInputs === true ? "not known yet" : {};
    const definition = typeof args === "object" ? args : {};
    expect(() => checkCommandLine(name, definition, rest, inputs)).not.toThrow();
  },
);

const documents = [
  { name: "README.md", text: readme, folder: root },
  ...Object.entries(topicFiles).map(([name, text]) => ({ name, text, folder: topicsFolder })),
];

test.each(documents)(
  "every link of $name leads to a file of the project or to a page",
  ({ text, folder }) => {
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = ""]) => link);
    const broken = links.filter((link) => !/^https:/.test(link) && !existsSync(join(folder, link)));
    expect(broken).toEqual([]);
  },
);

const texts: readonly (readonly [string, string])[] = [
  ["README.md", readme],
  ...Object.entries(topicFiles),
  ...readdirSync(join(root, "src"), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => [file, readFileSync(join(root, "src", file), "utf8")] as const),
];

test("every `polycrate help X` that is named anywhere is a command or a topic", () => {
  const named = texts.flatMap(([file, text]) =>
    [...text.matchAll(/`polycrate help ([a-z][a-z -]*)`|^(?:\$ )?polycrate help ([a-z][a-z -]*)/gm)].map(
      ([, one, other]) => [file, (one ?? other ?? "").trim()] as const,
    ),
  );
  expect(named.length).toBeGreaterThan(4);
  const unknown = named.filter(([, name]) => !topicNames.includes(name) && !Object.hasOwn(commands, name));
  expect(unknown).toEqual([]);
});

test.each(Object.keys(problemCodes))("the problem `%s` is found in the manual", (code) => {
  expect(searchTopics(topics, `\`${code}\``)).not.toEqual([]);
});

const keys = (["workspace", "block"] as const).flatMap((file) =>
  keyTable({ file, paths: [], without: [] }).flatMap((row) => /^\| (`[^`]+`)/.exec(row)?.[1] ?? []),
);

test.each(keys)("the key %s is found in the manual", (key) => {
  expect(searchTopics(topics, key)).not.toEqual([]);
});

test.each(Object.values(exitCodes))("the exit code %d is found in the manual", (code) => {
  const table = searchTopics(topics, `${code}`).filter(({ topic }) => topic === "exit-codes");
  expect(table.map(({ line }) => line.split("  ")[0])).toContain(String(code));
});
