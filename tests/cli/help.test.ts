import { expect, test } from "bun:test";
import { stripVTControlCharacters } from "node:util";
import { commandHelp, overview } from "../../src/cli/help.ts";
import { commands } from "../../src/cli/registry.ts";
import { topicNames } from "../../src/cli/topics/topics.ts";
import { executable, makeFolder } from "../support/harness.ts";
import { definitionOf, renderWithoutColors } from "../support/help.ts";
import { openScreen } from "../support/screen.ts";

renderWithoutColors();

test.each([
  [["rum"], "error: unknown command `rum`\nhint: did you mean `run`?\n"],
  [["blocks", "lst"], "error: unknown command `blocks lst`\nhint: did you mean `list`?\n"],
  [
    ["workspace"],
    "error: missing subcommand for `polycrate workspace`\nhint: use one of `polycrate workspace snapshot`, `polycrate workspace inspect`, `polycrate workspace init`\n",
  ],
  [
    ["block", "pull"],
    "error: missing argument REF for `polycrate block pull`\nhint: `polycrate block pull --help` shows its usage\n",
  ],
  [["rnu"], "error: unknown command `rnu`\nhint: did you mean `run`?\n"],
  [
    ["exec", "ls", "-l"],
    "error: unknown flag `-l` for `polycrate exec`\nhint: pass the command and its flags after `--`: `polycrate exec -- COMMAND [ARGUMENTS]`\n",
  ],
  [
    ["exec", "ls", "my file"],
    "error: unexpected argument `ls` for `polycrate exec`\nhint: did you mean `polycrate exec -- ls 'my file'`?\n",
  ],
  [["help", "rum"], "error: unknown command or topic `rum`\nhint: did you mean `run`?\n"],
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
    expect(answer).toEqual({ stdout: overview(commands, topicNames, 80), stderr: "", exitCode: 0 });
  expect(await folder.run([])).toEqual({
    stdout: overview(commands, topicNames, 80),
    stderr: "",
    exitCode: 64,
  });
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
