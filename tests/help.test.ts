import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { stripVTControlCharacters } from "node:util";
import { readCommandName } from "../src/cli/aliases.ts";
import { manual } from "../src/cli/examples.ts";
import { commandGroups, commandHelp, overview } from "../src/cli/help.ts";
import { checkCommandLine } from "../src/cli/parseArgs.ts";
import { commands } from "../src/cli/registry.ts";
import { executable, makeFolder } from "./harness.ts";
import { openScreen } from "./screen.ts";

// This process may have a terminal; what it renders itself is compared without colours.
const { NO_COLOR } = process.env;
beforeAll(() => {
  process.env.NO_COLOR = "1";
});
afterAll(() => {
  if (NO_COLOR === undefined) delete process.env.NO_COLOR;
  else process.env.NO_COLOR = NO_COLOR;
});

const hidden = ["complete"];
const visible = Object.keys(commands).filter((name) => !hidden.includes(name));

async function definitionOf(name: string) {
  const command = (await commands[name]?.load())?.default;
  if (command === undefined) throw new Error(`no ${name}`);
  return command;
}

test("every command is in one group of the overview, but the hidden one", () => {
  const grouped = commandGroups.flatMap(({ names }) => names).filter((name) => commands[name] !== undefined);
  expect([...grouped].sort()).toEqual([...visible].sort());
});

test("the manual is about commands that there are", () => {
  expect(Object.keys(manual).filter((name) => name !== "" && commands[name] === undefined)).toEqual([]);
});

test.each(visible)("the help of `%s` fits its width, and only a flag or example is wider", async (name) => {
  const command = await definitionOf(name);
  for (const columns of [60, 80, 100]) {
    const wide = commandHelp(name, command, columns)
      .split("\n")
      .filter((line) => line.length > columns && !/^ {2}(?:polycrate|eval|while|-| {4}--)/.test(line));
    expect(wide).toEqual([]);
  }
});

test("the overview fits 60, 80 and 100 columns", () => {
  for (const columns of [60, 80, 100]) {
    expect(
      overview(commands, columns)
        .split("\n")
        .filter((line) => line.length > columns),
    ).toEqual([]);
  }
});

const examples = Object.values(manual).flatMap((entry) => entry.examples.map(({ command }) => command));

test.each(examples)("the example `%s` is a command line that polycrate accepts", async (command) => {
  const [, text = ""] = /^(?:eval "\$\(|while .* do )?polycrate ([^|>&)]*)/.exec(command) ?? [];
  const { name, rest } = readCommandName(commands, text.trim().split(" "));
  const { args } = await definitionOf(name);
  expect(() => checkCommandLine(name, typeof args === "object" ? args : {}, rest)).not.toThrow();
});

describe("the old spellings", () => {
  test.each([
    ["block list", "list", []],
    ["blocks list --output json", "list", ["--output", "json"]],
    ["block inspect app", "inspect", ["app"]],
    ["action run app deploy", "run", ["app", "deploy"]],
    ["actions list", "list", []],
    ["workflow run release", "run", ["release"]],
    ["workflows list", "list", []],
    ["workspace snapshot", "snapshot", []],
    ["workspace inspect", "inspect", []],
    ["workspace init --yes", "init", ["--yes"]],
    ["install app", "run", ["app", "install"]],
    ["install app --yes -- --now", "run", ["app", "--yes", "install", "--", "--now"]],
    ["block new app", "block new", ["app"]],
  ])("%s", (line, name, rest) => {
    expect(readCommandName(commands, line.split(" "))).toEqual({ name, rest });
  });
});

test.each([
  [["rum"], "error: there is no command `rum`\nhint: did you mean `run`?\n"],
  [["blocks", "lst"], "error: there is no command `blocks lst`\nhint: did you mean `list`?\n"],
  [
    ["workspace"],
    "error: `polycrate workspace` wants one word more\nhint: there are `polycrate workspace snapshot`, `polycrate workspace inspect`, `polycrate workspace init`\n",
  ],
  [
    ["install"],
    "error: `polycrate install` wants BLOCK\nhint: `polycrate install BLOCK` is short for `polycrate run BLOCK install`\n",
  ],
  [["rnu"], "error: there is no command `rnu`\nhint: did you mean `run`?\n"],
  [
    ["exec", "ls", "-l"],
    "error: `polycrate exec` has no flag `-l`\nhint: flags of the command itself follow `--`: `polycrate exec -- COMMAND [ARGUMENTS]`\n",
  ],
  [
    ["exec", "ls", "my file"],
    "error: `polycrate exec` does not know what to do with `ls`\nhint: did you mean `polycrate exec -- ls 'my file'`?\n",
  ],
  [["help", "rum"], "error: there is no command `rum`\nhint: did you mean `run`?\n"],
])("`polycrate %p` is an error with a suggestion: 64", async (words, stderr) => {
  using folder = makeFolder({});
  expect(await folder.run(words)).toEqual({ stdout: "", stderr, exitCode: 64 });
});

test("help is the same however it is asked for, and goes to standard output", async () => {
  using folder = makeFolder({});
  const ways = [
    ["help", "run"],
    ["run", "--help"],
    ["run", "b", "-h"],
    ["blocks", "run", "--help"],
  ];
  const answers = await Promise.all(ways.map((words) => folder.run(words)));
  const stdout = commandHelp("run", await definitionOf("run"), 80);
  for (const answer of answers) expect(answer).toEqual({ stdout, stderr: "", exitCode: 0 });
  const whole = await Promise.all([["help"], ["--help"], ["-h"]].map((words) => folder.run(words)));
  for (const answer of whole)
    expect(answer).toEqual({ stdout: overview(commands, 80), stderr: "", exitCode: 0 });
  expect(await folder.run([])).toEqual({ stdout: overview(commands, 80), stderr: "", exitCode: 64 });
});

test("`--help` behind `--` is the command's own", async () => {
  using folder = makeFolder({ "workspace.poly": "name: test-workspace" });
  const { stdout } = await folder.run(["exec", "--dry-run", "--", "ls", "--help"]);
  expect(stdout).toContain("docker run");
});

test("help is coloured on a terminal only, and not with NO_COLOR", async () => {
  using folder = makeFolder({});
  const shown = async (env: Readonly<Record<string, string | undefined>>) => {
    await using screen = openScreen([executable, "help", "block", "new"], {
      directory: folder.path,
      columns: 60,
      env,
    });
    return await screen.until("block new my-app --from base", { raw: true });
  };
  const plain = commandHelp("block new", await definitionOf("block new"), 60);
  expect(await shown({ NO_COLOR: "1" })).toStartWith(plain.trimEnd());
  const coloured = await shown({ NO_COLOR: undefined });
  expect(coloured).toContain("\u001b[1mUsage:\u001b[22m");
  expect(stripVTControlCharacters(coloured)).toStartWith(plain.trimEnd());
  expect((await folder.run(["help", "block", "new"])).stdout).not.toContain("\u001b");
});

test("the help of a command", async () => {
  expect(commandHelp("block new", await definitionOf("block new"), 60)).toMatchInlineSnapshot(`
    "Write a new block into the workspace's folder of blocks.

    Usage: polycrate block new NAME [FLAGS]

    Arguments:
      NAME                 The block's name, and its folder's.

    Flags:
          --from=BLOCK     Inherit all that this block has.

    General:
      -w, --workspace=DIR  The workspace's folder. Default:
                           POLYCRATE_WORKSPACE, else the nearest
                           one from here upward.
      -h, --help           Show this.

    Examples:
      # write blocks/my-app/block.poly with a first action
      polycrate block new my-app
      # a block that has all that \`base\` has
      polycrate block new my-app --from base
    "
  `);
});
