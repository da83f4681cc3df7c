import { expect, test } from "bun:test";
import { containersOf } from "../support/docker.ts";
import { executable, type Folder, makeFolder, workspaceWith } from "../support/harness.ts";

/** Starts polycrate at a real pseudo-terminal of 33 rows and 99 columns. */
function atTerminal(folder: Folder, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  let output = "";
  const waiting: { text: string; found: () => void }[] = [];
  const child = Bun.spawn([executable, ...words], {
    cwd: folder.path,
    env: { ...process.env, CI: "", ...env },
    terminal: {
      cols: 99,
      rows: 33,
      data: (_, data) => {
        output += Buffer.from(data).toString();
        for (const { text, found } of waiting) if (output.includes(text)) found();
      },
    },
  });
  const { terminal } = child;
  if (terminal === undefined) throw new Error("no terminal");
  return {
    child,
    type: (text: string) => terminal.write(text),
    resize: (columns: number, rows: number) => terminal.resize(columns, rows),
    sees: (text: string) =>
      new Promise<void>((found) => {
        if (output.includes(text)) found();
        else waiting.push({ text, found });
      }),
    end: async () => {
      const exitCode = await child.exited;
      // Every terminal on the way adds a carriage return; on a screen it is one line's end.
      return { exitCode, output: output.replaceAll(/\r+\n/g, "\n") };
    },
  };
}

test("on a terminal the action sees a terminal with its size, and an empty standard input", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      "- {name: look, script: ['stty size <&1', cat, 'test -t 1 && test -t 2 && echo terminal']}",
    ),
  });
  const { output, exitCode } = await atTerminal(folder, ["run", "b", "look"]).end();
  expect(output).toMatch(/^33 99\nterminal\nb look succeeded in/);
  expect(exitCode).toBe(0);
  const [log = ""] = folder.glob(".logs/**/*.log");
  expect(folder.read(log)).toBe("33 99\r\nterminal\r\n");
});

test("with CI set there is no terminal for the action", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: look, script: test -t 1 || echo none}"),
  });
  const { output } = await atTerminal(folder, ["run", "b", "look"], { CI: "true" }).end();
  expect(output).toStartWith("none");
});

test("a resized terminal is resized for the action", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(`
- name: watch
  script: |
    echo ready
    until [ "$(stty size <&2)" = "20 70" ]; do sleep 0.1; done
    echo resized`),
  });
  const session = atTerminal(folder, ["run", "b", "watch"]);
  await session.sees("ready");
  session.resize(70, 20);
  session.child.kill("SIGWINCH");
  expect((await session.end()).output).toContain("resized");
});

test("an interactive action reads what is typed", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      "- {name: ask, interactive: true, script: ['read -r -p \"name? \" name', 'echo \"hello $name\"']}",
    ),
  });
  const session = atTerminal(folder, ["run", "b", "ask"]);
  await session.sees("name? ");
  session.type("world\r");
  const { output, exitCode } = await session.end();
  expect(output).toContain("name? world\nhello world\n");
  expect(exitCode).toBe(0);
});

test("a shell opens in the workspace and ends with the shell's exit code", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith("- {name: none, script: 'true'}") });
  const session = atTerminal(folder, ["shell"]);
  await session.sees("# ");
  session.type("pwd; test -t 0 && exit 5\r");
  const { output, exitCode } = await session.end();
  expect(output).toContain("/workspace\n");
  expect(exitCode).toBe(5);
  expect(folder.glob(".logs/**/*")).toEqual([]);
});

test("Ctrl-C at a terminal interrupts the action, a second one kills it", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      "- {name: deaf, script: [\"trap 'echo heard' INT\", echo ready, 'while :; do sleep 1 || :; done']}",
    ),
  });
  const session = atTerminal(folder, ["run", "b", "deaf"]);
  await session.sees("ready");
  session.type("\x03");
  await session.sees("heard");
  await session.sees("press Ctrl-C again to kill it");
  session.type("\x03");
  const { exitCode, output } = await session.end();
  expect(exitCode).toBe(130);
  expect(output.match(/heard/g)?.length).toBe(1);
  expect(await containersOf(folder)).toEqual([]);
});

test("a closed terminal ends the run with 129 in the record", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: wait, script: [echo ready, sleep 300]}"),
  });
  const session = atTerminal(folder, ["run", "b", "wait"]);
  await session.sees("ready");
  session.child.terminal?.close();
  session.child.kill("SIGHUP");
  expect(await session.child.exited).toBe(129);
  expect(folder.records()).toMatchObject([{ status: "interrupted", exit_code: 129 }]);
  expect(await containersOf(folder)).toEqual([]);
});

test("docker's keys for leaving a container alone, Ctrl-P Ctrl-Q, are keys like any other to an action", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      "- {name: type, interactive: true, script: [stty -ixon, echo ready, read -r line, 'echo \"$line\" | cat -v', exit 7]}",
    ),
  });
  const terminal = atTerminal(folder, ["run", "b", "type"]);
  await terminal.sees("ready");
  terminal.type("\x10\x11\r");
  const { output, exitCode } = await terminal.end();
  expect(exitCode).toBe(7);
  expect(output).toContain("^P^Q\n");
  expect(await containersOf(folder)).toEqual([]);
});
