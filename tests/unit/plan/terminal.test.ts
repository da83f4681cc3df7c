import { expect, test } from "bun:test";
import { chooseTerminal, type Stdio } from "../../../src/plan/terminal.ts";
import { messageOf } from "../../support/fakes.ts";

const size = { rows: 50, columns: 120 };
const usual = { rows: 24, columns: 80 };

/** What polycrate is connected to: standard input, whether standard output is a terminal, and a CI system. */
function connected(stdin: Stdio["stdin"], isTerminal: boolean, ci = false): Stdio {
  return { stdin, stdout: isTerminal ? size : undefined, joined: false, ci };
}

const run = { dryRun: false };
const printed = { dryRun: true };
const neither = { interactive: false, size: undefined };

test.each([
  ["a terminal on both ends", connected("terminal", true), { interactive: false, size }],
  ["a terminal whose output is redirected", connected("terminal", false), neither],
  ["data, and a terminal to print to", connected("data", true), { interactive: true, size: undefined }],
  ["data, and no terminal", connected("data", false), { interactive: true, size: undefined }],
  ["nothing to read, and a terminal to print to", connected("nothing", true), neither],
  ["nothing at all", connected("nothing", false), neither],
  ["a terminal in CI", connected("terminal", true, true), neither],
  ["data in CI, which is what the system left open", connected("data", true, true), neither],
])("an action gets, of %s, what it can use", (_, here, terminal) => {
  expect(chooseTerminal(here, run, false)).toEqual(terminal);
  expect(chooseTerminal(here, printed, false)).toEqual(terminal);
});

test("an interactive action gets the terminal, in its size", () => {
  expect(chooseTerminal(connected("terminal", true), run, true)).toEqual({ interactive: true, size });
});

test.each([
  ["redirected output", connected("terminal", false), usual],
  ["redirected input", connected("data", true), size],
  ["no input", connected("nothing", false), usual],
  ["a CI system", connected("terminal", true, true), size],
])("an interactive action is refused with %s: 64; a script of it is printed", (_, here, shown) => {
  expect(messageOf(() => chooseTerminal(here, run, true))).toBe(
    "64: an interactive action requires a terminal",
  );
  expect(chooseTerminal(here, printed, true)).toEqual({ interactive: true, size: shown });
});

test("the command line wins over the action's setting", () => {
  const terminal = connected("terminal", true);
  expect(chooseTerminal(terminal, { ...run, interactive: true }, false)).toEqual({ interactive: true, size });
  expect(chooseTerminal(terminal, { ...run, interactive: false }, true)).toEqual({
    interactive: false,
    size,
  });
});

test("`--no-stdin` leaves data alone, and needs no terminal for an interactive action", () => {
  const noStdin = { ...run, stdin: false };
  expect(chooseTerminal(connected("data", true), noStdin, false)).toEqual(neither);
  expect(chooseTerminal(connected("data", true), noStdin, true)).toEqual(neither);
  expect(chooseTerminal(connected("terminal", true), noStdin, true)).toEqual({ interactive: false, size });
});

test("`--interactive` and `--no-stdin` cannot be used together: 64", () => {
  const both = { ...run, stdin: false, interactive: true };
  expect(messageOf(() => chooseTerminal(connected("terminal", true), both, false))).toBe(
    "64: `--interactive` and `--no-stdin` cannot be used together",
  );
});
