import { expect, test } from "bun:test";
import { Readable } from "node:stream";
import fc from "fast-check";
import { maskedSink, relay, type Sink } from "../../../src/run/outputRelay.ts";
import { maskedTexts } from "../../../src/secrets/mask.ts";

/** A sink that takes everything, and is waited for while it is slow. */
function slowSink() {
  const state = { taken: "", full: undefined as PromiseWithResolvers<void> | undefined };
  const sink: Sink = (chunk) => {
    state.taken += chunk.toString();
    return state.full?.promise;
  };
  return { state, sink };
}

const secrets = maskedTexts(["s3cret"]);

test("output is passed on masked, to the sink and the tail", async () => {
  const { state, sink } = slowSink();
  const chunks = ["a s3c", "ret b", "s3"].map((text) => Buffer.from(text));
  const passed = relay(Readable.from(chunks), sink, secrets);
  await passed.finished;
  expect([state.taken, passed.tail()]).toEqual(["a *** bs3", "a *** bs3"]);
});

test("a source that breaks off has finished", async () => {
  async function* source() {
    yield Buffer.from("a s3c");
    throw new Error("gone");
  }
  const passed = relay(source(), () => undefined, secrets);
  await passed.finished;
  expect(passed.tail()).toBe("a s3c");
});

test("a slow sink slows the source down and loses nothing", async () => {
  const { state, sink } = slowSink();
  let asked = 0;
  async function* source() {
    for (const text of ["one", "two", "three"]) {
      asked += 1;
      yield Buffer.from(text);
    }
  }
  const full = Promise.withResolvers<void>();
  state.full = full;
  const passed = relay(source(), sink, []);
  await Bun.sleep(0);
  expect([asked, state.taken]).toEqual([1, "one"]);
  state.full = undefined;
  full.resolve();
  await passed.finished;
  expect([asked, state.taken]).toEqual([3, "onetwothree"]);
});

test("the memory of what has left the tail is given back, that of the tail is not", async () => {
  const pieces = ["first", "x".repeat(65_536), "last"].map((text) =>
    Buffer.from(new TextEncoder().encode(text).buffer),
  );
  const passed = relay(Readable.from(pieces), () => undefined, []);
  await passed.finished;
  expect(pieces.map(({ length }) => length)).toEqual([0, 65_536, 4]);
  expect(passed.tail()).toBe(`${"x".repeat(65_532)}last`);
});

test("what a terminal shows is passed on masked, and an empty piece not at all", () => {
  const pieces: string[] = [];
  const passed = maskedSink((chunk) => void pieces.push(chunk.toString()), secrets);
  passed.pass(Buffer.from("a s3cret b"));
  passed.pass(Buffer.from(""));
  passed.pass(Buffer.from("s3c"));
  passed.end();
  expect(pieces).toEqual(["a *** b", "s3c"]);
  expect(passed.tail()).toBe("a *** bs3c");
});

test("the last 64 KiB are kept", async () => {
  const tailOf = async (...texts: readonly string[]) => {
    const passed = relay(Readable.from(texts.map((text) => Buffer.from(text))), () => undefined, []);
    await passed.finished;
    return passed.tail();
  };
  expect(await tailOf("a".repeat(40_000), "b".repeat(40_000), "c".repeat(40_000))).toBe(
    "b".repeat(25_536) + "c".repeat(40_000),
  );
  expect(await tailOf("a".repeat(65_536), "b")).toBe(`${"a".repeat(65_535)}b`);
});

test("the tail is the end of all that passed, however it was cut", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 50_000 }), { maxLength: 8 }), async (sizes) => {
      const chunks = sizes.map((size, index) => Buffer.from(String(index).repeat(size)));
      const end = Buffer.concat(chunks).subarray(-65_536).toString();
      const passed = relay(Readable.from(chunks), () => undefined, []);
      await passed.finished;
      expect(passed.tail() === end).toBe(true);
    }),
    { numRuns: 50 },
  );
});
