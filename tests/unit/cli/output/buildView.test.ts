import { expect, test } from "bun:test";
import { buildOutputOf, buildView } from "../../../../src/cli/output/buildView.ts";
import { outputTo } from "../../../../src/host/output.ts";
import { fakeStream } from "../../../support/fakes.ts";

/** What a terminal of 30 columns gets to see of these lines. */
function shown(output: "step" | "failure", lines: readonly string[], failed: boolean): string {
  const stderr = fakeStream({ isTTY: true, columns: 30 });
  const view = buildView(outputTo(stderr), output);
  view.take(Buffer.from(lines.join("\n")));
  view.end(failed);
  return stderr.text();
}

const clear = "\r\x1b[2K";

test("a build on a terminal is one line, the step that it is at, and nothing when it has ended", () => {
  const lines = [
    "Sending build context to Docker daemon  2kB\r\r",
    "Step 1/2 : FROM a",
    " ---> 1",
    `Step 2/2 : RUN ${"x".repeat(40)}`,
    "",
  ];
  expect(shown("step", lines, false)).toBe(
    `${clear}  step 1/2: FROM a\r${clear}  step 2/2: RUN ${"x".repeat(13)}\r${clear}`,
  );
  expect(shown("step", ["#1 [internal] load", "#5 [base 2/3] RUN a\x07", ""], false)).toBe(
    `${clear}  step 2/3: RUN a\\u0007\r${clear}`,
  );
});

test("when it fails, the last ten lines follow, the one without an end too", () => {
  const lines = Array.from({ length: 15 }, (_, index) => `line ${index}`);
  const last = lines.slice(5).join("\n");
  expect(shown("step", lines, true)).toBe(`${clear}${last}\n`);
  expect(shown("failure", [...lines, ""], true)).toBe(`${last}\n`);
  expect(shown("failure", ["Step 1/2 : FROM a", ""], false)).toBe("");
});

/** Standard error as a terminal, or as a pipe. */
const streamOf = (isTTY: boolean) => fakeStream({ isTTY });

test.each([
  [true, { quiet: false, verbose: false }, "step"],
  [true, { quiet: false, verbose: true }, "whole"],
  [false, { quiet: false, verbose: false }, "whole"],
  [true, { quiet: true, verbose: false }, "failure"],
  [false, { quiet: true, verbose: true }, "failure"],
] as const)("on a terminal: %p, with %j, a build shows its %s", (isTTY, loudness, expected) => {
  expect(buildOutputOf(streamOf(isTTY), loudness)).toBe(expected);
});

test("all of a build's output goes where it belongs, unchanged", () => {
  const stderr = streamOf(false);
  const view = buildView(outputTo(stderr), "whole");
  view.take(Buffer.from("one\ntwo"));
  view.clear();
  view.end(true);
  expect(stderr.text()).toBe("one\ntwo");
});

test("a view that others are going to write beside is cleared once, and shows no step afterwards", () => {
  const stderr = streamOf(true);
  const view = buildView(outputTo(stderr), "step");
  view.clear();
  view.take(Buffer.from("Step 1/2 : FROM a\n"));
  view.clear();
  view.end(false);
  expect(stderr.text()).toBe(clear);
});

test("a line without end is kept only in part", () => {
  const stderr = streamOf(true);
  const view = buildView(outputTo(stderr), "failure");
  view.take(Buffer.from(`${"a".repeat(65_536)}b`));
  view.end(true);
  expect(stderr.text()).toBe(`${"a".repeat(65_535)}b\n`);
});

test("a terminal that does not say how wide it is counts as one of 80 columns", () => {
  const stderr = streamOf(true);
  buildView(outputTo(stderr), "step").take(Buffer.from(`Step 1/2 : RUN ${"x".repeat(100)}\n`));
  expect(stderr.text()).toBe(`${clear}  step 1/2: RUN ${"x".repeat(63)}\r`);
});

test("what the classic builder says of its containers is not the end of a failure, and neither are empty lines", () => {
  const lines = ["one", " ---> 1", "Removing intermediate container 1", "  ", "two\r\r", "x ---> 2", ""];
  expect(shown("failure", lines, true)).toBe("one\ntwo\nx ---> 2\n");
});
