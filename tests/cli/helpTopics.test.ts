import { expect, test } from "bun:test";
import { commandHelp } from "../../src/cli/help.ts";
import { commands } from "../../src/cli/registry.ts";
import { renderMarkdown } from "../../src/cli/topics/render.ts";
import { findTopic, topicNames } from "../../src/cli/topics/topics.ts";
import { executable, makeFolder } from "../support/harness.ts";
import { definitionOf, renderWithoutColors } from "../support/help.ts";
import { openScreen } from "../support/screen.ts";

renderWithoutColors();

const textOf = (name: string) => findTopic(name)?.text ?? "";

const shown = (name: string, columns: number) =>
  renderMarkdown(textOf(name), { columns, paint: (_, text) => text, isStyled: false }).trimEnd();

const onlyTopics = topicNames.filter((name) => !Object.hasOwn(commands, name));

test.each(onlyTopics)("`help %s` in a pipe is the topic's Markdown", async (name) => {
  using folder = makeFolder({});
  expect(await folder.run(["help", name])).toEqual({ stdout: textOf(name), stderr: "", exitCode: 0 });
});

test("a command's help comes first, and the topic of the same name follows it", async () => {
  using folder = makeFolder({});
  const help = commandHelp("validate", await definitionOf("validate"), 80);
  expect((await folder.run(["help", "validate"])).stdout).toBe(`${help}\n${textOf("validate")}`);
  expect((await folder.run(["validate", "--help"])).stdout).toBe(help);
});

test("a noun of the older spellings is a topic by itself, and a command with its verb", async () => {
  using folder = makeFolder({});
  expect((await folder.run(["help", "workspace"])).stdout).toBe(textOf("workspace"));
  const { stdout } = await folder.run(["help", "workspace", "snapshot"]);
  expect(stdout).toBe(commandHelp("snapshot", await definitionOf("snapshot"), 80));
});

test.each([
  [["help", "wrkspace"], "error: unknown command or topic `wrkspace`\nhint: did you mean `workspace`?\n"],
  [["help", "block"], "error: unknown command or topic `block`\nhint: did you mean `blocks`?\n"],
  [
    ["help", "zzzzzz"],
    "error: unknown command or topic `zzzzzz`\nhint: `polycrate help` lists them; `polycrate help --search zzzzzz` searches the manual\n",
  ],
  [["help", "blocks", "lst"], "error: unknown command `blocks lst`\nhint: did you mean `list`?\n"],
  [
    ["help", "--serch", "x"],
    "error: unknown flag `--serch` for `polycrate help`\nhint: did you mean `--search`?\n",
  ],
])("`polycrate %p` is an error with a suggestion: 64", async (words, stderr) => {
  using folder = makeFolder({});
  expect(await folder.run(words)).toEqual({ stdout: "", stderr, exitCode: 64 });
});

test("a search prints topic, heading and line, whatever the case", async () => {
  using folder = makeFolder({});
  const { stdout, exitCode } = await folder.run(["help", "--search", "FOLDER of installed"]);
  expect(stdout).toBe(
    "workspace: Keys of workspace.poly\n  `config.blocksroot`  text  The folder of installed blocks. Default: `blocks`.\n".replace(
      "Keys of workspace.poly",
      "Keys of `workspace.poly`",
    ),
  );
  expect(exitCode).toBe(0);
});

test.each(["npm install", "brew install", "SHA256SUMS", "polycrate self-test", "requires:"])(
  "how to install, to check and to require polycrate is found: `%s`",
  async (words) => {
    using folder = makeFolder({});
    const { stdout, exitCode } = await folder.run(["help", "--search", words]);
    expect(stdout).toMatch(/^(installation|workspace)(: |$)/m);
    expect(exitCode).toBe(0);
  },
);

test("several words are searched for as they are", async () => {
  using folder = makeFolder({});
  const { stdout, exitCode } = await folder.run(["help", "--search", "exit", "code", "7"]);
  expect(stdout).toStartWith("exit-codes\n");
  expect(exitCode).toBe(0);
});

test.each(["nothing of this kind", "", " "])(
  "a search for `%s` that finds nothing ends with 1",
  async (words) => {
    using folder = makeFolder({});
    expect(await folder.run(["help", "--search", words])).toEqual({
      stdout: "",
      stderr: `error: no topic of the manual contains \`${words}\`\nhint: \`polycrate help\` lists the topics\n`,
      exitCode: 1,
    });
  },
);

/** The topic as the screen shows it; it is printed without a pager unless `PAGER` says otherwise. */
async function screenOf(
  name: string,
  columns: number,
  env: Readonly<Record<string, string | undefined>>,
  rows = 40,
) {
  using folder = makeFolder({});
  const words = ["sh", "-c", '"$0" help "$1"; echo "the end: $?"', executable, name];
  await using screen = openScreen(words, {
    directory: folder.path,
    columns,
    rows,
    env: { PAGER: "cat", ...env },
  });
  return (await screen.until("the end: 0", { raw: true })).split("the end")[0]?.trimEnd();
}

test.each([60, 100, 200])("a terminal of %d columns gets the topic at its width", async (columns) => {
  expect(await screenOf("exit-codes", columns, { NO_COLOR: "1" })).toBe(shown("exit-codes", columns));
  expect(await screenOf("exit-codes", columns, { TERM: "dumb" })).toBe(shown("exit-codes", columns));
  const coloured = await screenOf("exit-codes", columns, { NO_COLOR: undefined });
  expect(coloured).toStartWith("\u001b[1mexit-codes\u001b[22m\n");
  expect(coloured).toContain("makes \u001b[1mpolycrate run\u001b[22m end with 7");
});

/** A screen has 40 rows, unless it is a higher one. */
const long = "blocks";
const [short, higher] = ["exit-codes", 60];

test("a topic that is longer than the screen goes through PAGER, which the shell splits", async () => {
  const env = { PAGER: "sed 's/^/paged: /' | head -n 1", NO_COLOR: "1" };
  expect(await screenOf(long, 80, env)).toBe(`paged: ${long}`);
});

test("so does a long list of what was found", async () => {
  using folder = makeFolder({});
  const words = [executable, "help", "--search", "the"];
  const env = { PAGER: "sed 's/^/paged: /' | tail -n 1" };
  await using screen = openScreen(words, { directory: folder.path, env });
  await screen.until("paged: ");
  expect(await screen.exited).toBe(0);
});

test("a short one does not, nor does any at a dumb terminal", async () => {
  const env = { PAGER: "sed 's/^/paged: /'", NO_COLOR: "1" };
  expect(await screenOf(short, 100, env, higher)).toBe(shown(short, 100));
  expect(await screenOf(short, 100, env)).toStartWith("paged: ");
  expect(await screenOf(long, 80, { ...env, TERM: "dumb" })).toBe(shown(long, 80));
});

test.each([{ PAGER: "" }, { PAGER: "cat" }])("with %j the topic is printed", async (env) => {
  expect(await screenOf(long, 80, { ...env, NO_COLOR: "1" })).toBe(shown(long, 80));
});

test("a pager that does not exist is reported by the shell, and the topic is printed", async () => {
  const output = await screenOf(long, 80, { PAGER: "polycrate-no-such-pager", NO_COLOR: "1" });
  expect(output).toContain("polycrate-no-such-pager");
  expect(output).toEndWith(shown(long, 80));
});

test.skipIf(Bun.which("less") === null)(
  "less is the default, shows styles, outlives Ctrl-C and ends with `q`",
  async () => {
    using folder = makeFolder({});
    await using screen = openScreen([executable, "help", long], {
      directory: folder.path,
      env: { PAGER: undefined, LESS: undefined, NO_COLOR: undefined },
    });
    expect(await screen.until("\n:", { raw: true })).toContain("\u001b[1mblocks");
    screen.type("\u0003");
    // What is typed while less is interrupted is thrown away, so it is typed until it is obeyed.
    const typing = setInterval(() => screen.type("G"), 50);
    await screen.until("(END)");
    clearInterval(typing);
    screen.type("q");
    expect(await screen.exited).toBe(0);
  },
);
