import { expect, test } from "bun:test";
import { EventEmitter } from "node:events";
import { isReaderGone, outputTo } from "../../../src/host/output.ts";
import { fakeStream } from "../../support/fakes.ts";

/** A stream that takes everything or, while it is slow, is full after each write. */
function slowStream() {
  const events = new EventEmitter();
  const state = { isSlow: false, taken: "" };
  const stream = fakeStream({
    write: (chunk: Uint8Array | string) => {
      state.taken += Buffer.from(chunk).toString();
      return !state.isSlow;
    },
    on: (event: string, listener: () => void) => events.on(event, listener),
  });
  return { state, stream, emit: (event: string, error?: Error) => events.emit(event, error) };
}

/** True when the promise has resolved by now. */
async function isSettled(promise: Promise<void> | undefined): Promise<boolean> {
  return (await Promise.race([promise?.then(() => true), Promise.resolve(false)])) === true;
}

test("a stream that takes all is not waited for", () => {
  const { stream, state } = slowStream();
  const output = outputTo(stream);
  expect(output.write("one")).toBe(undefined);
  expect(output.write(Buffer.from("two"))).toBe(undefined);
  expect(output.write("")).toBe(undefined);
  expect(state.taken).toBe("onetwo");
});

test("a stream that is full is waited for until it drains", async () => {
  const { stream, state, emit } = slowStream();
  const output = outputTo(stream);
  state.isSlow = true;
  const full = output.write("one");
  expect(await isSettled(full)).toBe(false);
  emit("drain");
  await full;
  state.isSlow = false;
  expect(output.write("two")).toBe(undefined);
  expect(state.taken).toBe("onetwo");
});

test("a full stream that was abandoned is not waited for, and gets nothing until it drains", async () => {
  const { stream, state, emit } = slowStream();
  const output = outputTo(stream);
  state.isSlow = true;
  const full = output.write("one");
  output.abandon();
  await full;
  expect(output.write("two")).toBe(undefined);
  emit("drain");
  expect(output.write("three")).toBe(undefined);
  expect(output.write("four")).toBe(undefined);
  expect(state.taken).toBe("onethree");
});

test("a stream that is awaited again is waited for again", async () => {
  const { stream, state, emit } = slowStream();
  const output = outputTo(stream);
  output.abandon();
  output.awaitReader();
  state.isSlow = true;
  const full = output.write("one");
  expect(await isSettled(full)).toBe(false);
  emit("drain");
  await full;
});

test("a stream that is lost gets nothing more, and is not waited for", async () => {
  const { stream, state, emit } = slowStream();
  const output = outputTo(stream);
  state.isSlow = true;
  const full = output.write("one");
  emit("error", new Error("EPIPE"));
  await full;
  expect(output.write("two")).toBe(undefined);
  expect(state.taken).toBe("one");
});

test("a listener hears of a lost stream late too, and not after it left", () => {
  const { stream, emit } = slowStream();
  const { onLost } = outputTo(stream);
  const heard: string[] = [];
  const leave = onLost((error) => void heard.push(`one ${error.message}`));
  emit("error", new Error("first"));
  onLost((error) => void heard.push(`two ${error.message}`));
  leave();
  emit("error", new Error("second"));
  expect(heard).toEqual(["one first", "two first", "two second"]);
});

test.each([
  [[], false],
  [["a\n"], false],
  [["a"], true],
  [["a", "\n"], false],
  [["a\n", Buffer.from("b")], true],
])("after %j it is in a line: %p", (writes, expected) => {
  const output = outputTo(fakeStream());
  for (const write of writes) void output.write(write);
  expect(output.isInLine()).toBe(expected);
});

test("an output is ended when all of it was taken", async () => {
  const stream = fakeStream();
  const output = outputTo(stream);
  void output.write("x");
  expect(await output.end()).toBe(undefined);
  expect(stream.writableFinished).toBe(true);
});

test("the end of a lost output is its error", async () => {
  const stream = fakeStream();
  const output = outputTo(stream);
  const error = new Error("EPIPE");
  stream.emit("error", error);
  expect(await output.end()).toBe(error);
});

test("an output that was abandoned is not waited for at the end", async () => {
  const stream = fakeStream();
  const output = outputTo(stream);
  output.abandon();
  expect(await output.end()).toBe(undefined);
  expect(stream.writableEnded).toBe(false);
});

test.each([
  ["EPIPE", true],
  ["EIO", true],
  ["ECONNRESET", true],
  ["ENOSPC", false],
])("%s means that the reader is gone: %p", (code, expected) => {
  expect(isReaderGone(Object.assign(new Error(code), { code }))).toBe(expected);
});
