import { expect, test } from "bun:test";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { plainOutput } from "../../../src/run/buildOutput.ts";

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
  async function* source() {
    yield Buffer.from("a\n");
    throw new Error("gone");
  }
  expect(await text(plainOutput(source()))).toBe("a\n");
});
