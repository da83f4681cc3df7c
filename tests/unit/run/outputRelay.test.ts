import { expect, test } from "bun:test";
import { EventEmitter } from "node:events";
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import fc from "fast-check";
import {
  endOutput,
  finishLine,
  isReaderGone,
  type Log,
  logTo,
  noLog,
  onOutputLost,
  relay,
  terminalRelay,
} from "../../../src/run/outputRelay.ts";
import { maskedTexts } from "../../../src/secrets/mask.ts";
import { fakeStream } from "../../support/fakes.ts";
import { makeFolder } from "../../support/harness.ts";

/** A reader that takes everything or, while it is slow, asks to be waited for. */
function reader() {
  const events = new EventEmitter();
  const state = { isSlow: false, taken: "" };
  return {
    state,
    events,
    drain: () => void events.emit("drain"),
    target: {
      write: (chunk: Uint8Array) => {
        state.taken += Buffer.from(chunk).toString();
        return !state.isSlow;
      },
      on: (event: "error", listener: (error: Error) => void) => events.on(event, listener),
      once: (event: "drain", listener: () => void) => events.once(event, listener),
    },
  };
}

/** A log in memory. */
function memory(): Log & { readonly text: () => string } {
  const chunks: Uint8Array[] = [];
  return {
    ...noLog,
    write: (chunk) => void chunks.push(chunk),
    text: () => Buffer.concat(chunks).toString(),
  };
}

/** A source that is written by hand. */
function sourceOf() {
  const source = new PassThrough();
  const push = async (text: string) => {
    source.write(text);
    await Bun.sleep(0);
    await Bun.sleep(0);
  };
  return { source, push };
}

const secrets = maskedTexts(["s3cret"]);

test("output is passed on masked, to the reader, the log and the tail", async () => {
  const to = reader();
  const log = memory();
  const passed = relay(
    Readable.from([Buffer.from("a s3c"), Buffer.from("ret b"), Buffer.from("s3")]),
    to.target,
    log,
    secrets,
  );
  await passed.finished;
  expect([to.state.taken, log.text(), passed.tail()]).toEqual(["a *** bs3", "a *** bs3", "a *** bs3"]);
});

test("a source that breaks off has finished", async () => {
  const { source } = sourceOf();
  const passed = relay(source, reader().target, noLog, []);
  source.destroy(new Error("gone"));
  await passed.finished;
  expect(passed.tail()).toBe("");
});

test("a slow reader slows the source down and loses nothing", async () => {
  const to = reader();
  const { source, push } = sourceOf();
  relay(source, to.target, noLog, []);
  to.state.isSlow = true;
  await push("one");
  expect(source.isPaused()).toBe(true);
  await push("two");
  expect(to.state.taken).toBe("one");
  to.state.isSlow = false;
  to.drain();
  await push("three");
  expect(source.isPaused()).toBe(false);
  expect(to.state.taken).toBe("onetwothree");
});

test("after `letGo` a slow reader is not waited for: what it does not take goes to the log alone", async () => {
  const to = reader();
  const log = memory();
  const { source, push } = sourceOf();
  const passed = relay(source, to.target, log, []);
  to.state.isSlow = true;
  await push("one");
  passed.letGo();
  await push("two");
  expect(source.isPaused()).toBe(false);
  expect([to.state.taken, log.text()]).toEqual(["one", "onetwo"]);
  to.drain();
  await push("three");
  expect([to.state.taken, log.text()]).toEqual(["onethree", "onetwothree"]);
  await push("four");
  expect(source.isPaused()).toBe(false);
  expect([to.state.taken, log.text()]).toEqual(["onethree", "onetwothreefour"]);
});

test("a reader that is gone gets nothing more, and the log gets all", async () => {
  const to = reader();
  const log = memory();
  const { source, push } = sourceOf();
  relay(source, to.target, log, []);
  await push("one");
  to.events.emit("error", new Error("EPIPE"));
  to.state.isSlow = true;
  await push("two");
  expect(source.isPaused()).toBe(false);
  expect([to.state.taken, log.text()]).toEqual(["one", "onetwo"]);
});

test("what a terminal shows is passed on masked, slow or not", () => {
  const stream = fakeStream();
  const log = memory();
  const passed = terminalRelay(stream, log, secrets);
  passed.pass(Buffer.from("a s3cret b"));
  passed.pass(Buffer.from(""));
  passed.pass(Buffer.from("s3c"));
  passed.end();
  expect([stream.text(), log.text(), passed.tail()]).toEqual(["a *** bs3c", "a *** bs3c", "a *** bs3c"]);
});

test("the last 64 KiB are kept", async () => {
  const chunks = ["a".repeat(40_000), "b".repeat(40_000), "c".repeat(40_000)].map((text) =>
    Buffer.from(text),
  );
  const passed = relay(Readable.from(chunks), reader().target, noLog, []);
  await passed.finished;
  expect(passed.tail()).toBe("b".repeat(25_536) + "c".repeat(40_000));
  const exact = relay(
    Readable.from([Buffer.from("a".repeat(65_536)), Buffer.from("b")]),
    reader().target,
    noLog,
    [],
  );
  await exact.finished;
  expect(exact.tail()).toBe(`${"a".repeat(65_535)}b`);
});

test("a log is on disk at once; one that fails says why, and stops nothing", () => {
  using folder = makeFolder({ log: "" });
  const path = join(folder.path, "log");
  const log = logTo(openSync(path, "a"), []);
  log.write(Buffer.from("one "));
  log.write(Buffer.from("two"));
  expect(readFileSync(path, "utf8")).toBe("one two");
  expect(log.failure()).toBe(undefined);
  log.close();
  const full = logTo(openSync("/dev/full", "w"), []);
  full.write(Buffer.from("x"));
  expect(full.failure()).toBe("the disk is full");
  full.write(Buffer.from("y"));
  full.close();
  writeFileSync(path, "");
  const reading = logTo(openSync(path, "r"), []);
  reading.write(Buffer.from("x"));
  expect(reading.failure()).toBe("EBADF");
  reading.close();
});

test.each([
  ["EPIPE", true],
  ["EIO", true],
  ["ECONNRESET", true],
  ["ENOSPC", false],
])("%s means that the reader is gone: %p", (code, expected) => {
  expect(isReaderGone(Object.assign(new Error(code), { code }))).toBe(expected);
});

test("who asks late is told of a lost output too, and nobody twice after leaving", () => {
  const stream = fakeStream();
  const heard: string[] = [];
  const leave = onOutputLost(stream, (error) => void heard.push(`one ${error.message}`));
  stream.emit("error", new Error("first"));
  onOutputLost(stream, (error) => void heard.push(`two ${error.message}`));
  leave();
  stream.emit("error", new Error("second"));
  expect(heard).toEqual(["one first", "two first", "two second"]);
});

test("an output is ended when all of it was taken", async () => {
  const stream = fakeStream();
  stream.write("x");
  expect(await endOutput(stream)).toBe(undefined);
  expect(stream.writableFinished).toBe(true);
  const lost = fakeStream();
  onOutputLost(lost, () => {});
  const error = new Error("EPIPE");
  lost.emit("error", error);
  expect(await endOutput(lost)).toBe(error);
});

test("an output that a stopped run let go of is not waited for", async () => {
  const stream = fakeStream();
  terminalRelay(stream, noLog, []).letGo();
  expect(await endOutput(stream)).toBe(undefined);
  expect(stream.writableEnded).toBe(false);
});

test.each([
  ["no end\n", "no end\n"],
  ["no end", "no end\n"],
  ["", ""],
])(
  "a line that the action left open, %j, is ended before polycrate says something",
  async (text, expected) => {
    const [stdout, stderr] = [fakeStream(), fakeStream()];
    const passed = terminalRelay(stderr, noLog, []);
    passed.pass(Buffer.from(text));
    finishLine(stdout, stderr);
    finishLine(stdout, stderr);
    expect(stderr.text()).toBe(expected);
  },
);

test("the tail is the end of all that passed, however it was cut", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 50_000 }), { maxLength: 8 }), async (sizes) => {
      const chunks = sizes.map((size, index) => Buffer.from(String(index).repeat(size)));
      const passed = relay(Readable.from(chunks), reader().target, noLog, []);
      await passed.finished;
      expect(passed.tail() === Buffer.concat(chunks).subarray(-65_536).toString()).toBe(true);
    }),
    { numRuns: 50 },
  );
});
