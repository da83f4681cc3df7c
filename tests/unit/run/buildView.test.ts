import { expect, test } from "bun:test";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { buildOutputOf, plainOutput, viewBuild } from "../../../src/run/buildView.ts";
import { fakeStream } from "../../support/fakes.ts";

const note = `DEPRECATED: The legacy builder is deprecated and will be removed in a future release.
            Install the buildx component to build images with BuildKit:
            https://docs.docker.com/go/buildx/

`;

function plain(chunks: readonly Uint8Array[]): Promise<string> {
  return text(plainOutput(Readable.from(chunks)));
}

test.each([
  [`${note}Error response from daemon: no\n`, "Error response from daemon: no\n"],
  [
    `${note}Step 1/1 : FROM a\nDEPRECATED: The legacy builder\n`,
    "Step 1/1 : FROM a\nDEPRECATED: The legacy builder\n",
  ],
  [note, ""],
  [note.trim(), ""],
  ["DEPRECATED: something else\n", "DEPRECATED: something else\n"],
  ["DEP", "DEP"],
  ["\x1b[91mred ä\x1b[0m\x1b[1;31mbold\x1b[m", "red äbold"],
  ["\x1b", "\x1b"],
  ["\x1b[2K\x1b[", "\x1b[2K\x1b["],
  ["", ""],
])("%j is printed as %j however docker cuts it", async (output, expected) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(output.length)), async (cuts) => {
      const bytes = Buffer.from(output);
      const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      expect(await plain(chunks.filter(({ length }) => length > 0))).toBe(expected);
    }),
    { numRuns: 50 },
  );
});

test("an output that breaks off has ended", async () => {
  const source = new Readable({ read: () => {} });
  source.push("a\n");
  const output = text(plainOutput(source));
  source.on("data", () => source.destroy(new Error("gone")));
  expect(await output).toBe("a\n");
});

/** What a terminal of 30 columns gets to see of these lines. */
function shown(output: "step" | "failure", lines: readonly string[], failed: boolean): string {
  let seen = "";
  const stderr = Object.create(process.stderr, {
    columns: { value: 30 },
    write: {
      value: (part: string) => {
        seen += part;
        return true;
      },
    },
  });
  const view = viewBuild(stderr, output);
  view.target.write(Buffer.from(lines.join("\n")));
  view.end(failed);
  return seen;
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
  const view = viewBuild(stderr, "whole");
  expect(view.target).toBe(stderr);
  view.letGo();
  view.end(true);
  expect(stderr.text()).toBe("");
});

test("a view that others are going to write beside is cleared once, and shows no step afterwards", () => {
  const stderr = streamOf(true);
  const view = viewBuild(stderr, "step");
  view.letGo();
  view.target.write(Buffer.from("Step 1/2 : FROM a\n"));
  view.letGo();
  view.end(false);
  expect(stderr.text()).toBe(clear);
});

test("a line without end is kept only in part", () => {
  const stderr = streamOf(true);
  const view = viewBuild(stderr, "failure");
  view.target.write(Buffer.from(`${"a".repeat(65_536)}b`));
  view.end(true);
  expect(stderr.text()).toBe(`${"a".repeat(65_535)}b\n`);
});

test("a terminal that does not say how wide it is counts as one of 80 columns", () => {
  const stderr = streamOf(true);
  viewBuild(stderr, "step").target.write(Buffer.from(`Step 1/2 : RUN ${"x".repeat(100)}\n`));
  expect(stderr.text()).toBe(`${clear}  step 1/2: RUN ${"x".repeat(63)}\r`);
});

test("what the classic builder says of its containers is not the end of a failure, and neither are empty lines", () => {
  const lines = ["one", " ---> 1", "Removing intermediate container 1", "  ", "two\r\r", "x ---> 2", ""];
  expect(shown("failure", lines, true)).toBe("one\ntwo\nx ---> 2\n");
});
