import { describe, expect, test } from "bun:test";
import { readCommandName } from "../../../src/cli/aliases.ts";
import { manual } from "../../../src/cli/examples.ts";
import { commandGroups, commandHelp, overview } from "../../../src/cli/help.ts";
import { checkCommandLine } from "../../../src/cli/parseArgs.ts";
import { commands } from "../../../src/cli/registry.ts";
import { topicNames } from "../../../src/cli/topics/topics.ts";
import { definitionOf, renderWithoutColors } from "../../support/help.ts";

renderWithoutColors();

const hidden = ["complete"];
const visible = Object.keys(commands).filter((name) => !hidden.includes(name));

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
      overview(commands, topicNames, columns)
        .split("\n")
        .filter((line) => line.length > columns),
    ).toEqual([]);
  }
});

const examples = Object.values(manual).flatMap((entry) => entry.examples.map(({ command }) => command));

test.each(examples)("the example `%s` is a command line that polycrate accepts", async (line) => {
  const [, text = ""] = /^(?:eval "\$\(|while .* do )?polycrate ([^|>&)]*)/.exec(line) ?? [];
  const { name, rest } = readCommandName(commands, text.trim().split(" "));
  const { args } = await definitionOf(name);
  const inputs = commands[name]?.takesInputs === true ? "not known yet" : {};
  const definition = typeof args === "object" ? args : {};
  expect(() => checkCommandLine(name, definition, rest, inputs)).not.toThrow();
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
    ["install", "install", []],
    ["install -w dir --force", "install", ["-w", "dir", "--force"]],
    ["install -w dir app", "run", ["-w", "dir", "app", "install"]],
    ["install app", "run", ["app", "install"]],
    ["install app --yes -- --now", "run", ["app", "install", "--yes", "--", "--now"]],
    ["block new app", "block new", ["app"]],
  ])("%s", (line, name, rest) => {
    expect(readCommandName(commands, line.split(" "))).toEqual({ name, rest });
  });
});

test("the help of a command", async () => {
  expect(commandHelp("block new", await definitionOf("block new"), 60)).toMatchInlineSnapshot(`
    "Create a block in the workspace's folder of blocks.

    Usage: polycrate block new NAME [FLAGS]

    Arguments:
      NAME                 The name of the block and of its
                           folder.

    Flags:
          --from=BLOCK     Inherit from this block.

    General:
      -w, --workspace=DIR  The workspace's folder. Default:
                           POLYCRATE_WORKSPACE, or the nearest
                           one in this folder or above.
      -h, --help           Show this help.

    Examples:
      # create blocks/my-app/block.poly with a first action
      polycrate block new my-app
      # create a block that inherits from \`base\`
      polycrate block new my-app --from base
    "
  `);
});
