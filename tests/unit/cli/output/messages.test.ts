import { expect, test } from "bun:test";
import { messagesTo, readVerbosity, warningLines } from "../../../../src/cli/output/messages.ts";
import { outputTo } from "../../../../src/host/output.ts";
import { fakeStream, messageOf } from "../../../support/fakes.ts";

function messages(quiet: boolean) {
  const [stdout, stderr] = [fakeStream(), fakeStream()];
  const outputs = { stdout: outputTo(stdout), stderr: outputTo(stderr) };
  return { ...messagesTo(outputs, { quiet }), stdout, stderr };
}

test("notices and errors go to standard error, and order no terminal about", () => {
  const { notice, error, stdout, stderr } = messages(false);
  notice("one\ntwo\u001b[2J");
  error("three");
  expect([stdout.text(), stderr.text()]).toEqual(["", "one\ntwo\\u001b[2J\nthree\n"]);
});

test("with `--quiet` only errors are printed", () => {
  const { notice, error, stderr } = messages(true);
  notice("one");
  error("two");
  expect(stderr.text()).toBe("two\n");
});

test.each([
  ["whole\n", "whole\nx\n"],
  ["open", "open\nx\n"],
  ["", "x\n"],
])("a line that the output left open, %j, is ended first", (before, expected) => {
  const { notice, outputs, stderr } = messages(false);
  void outputs.stderr.write(before);
  notice("x");
  expect(stderr.text()).toBe(expected);
});

test.each([
  [{}, { quiet: false, verbose: false }],
  [{ quiet: true }, { quiet: true, verbose: false }],
  [{ verbose: true }, { quiet: false, verbose: true }],
])("the flags %j mean %j", (flags, expected) => {
  expect(readVerbosity(flags)).toEqual(expected);
});

test("`--quiet` and `--verbose` cannot be used together: 64", () => {
  expect(messageOf(() => readVerbosity({ quiet: true, verbose: true }))).toBe(
    "64: `--quiet` and `--verbose` cannot be used together",
  );
});

test("a warning has its hint below it, when there is one", () => {
  expect(warningLines("a\nb", "c")).toBe("warning: a\\u000ab\nhint: c");
  expect(warningLines("a", undefined)).toBe("warning: a");
});
