import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import type { Host } from "../../../src/host/stdio.ts";
import { listenForStops, type Stoppable, type Stopping } from "../../../src/run/cancellation.ts";
import { fakeHost } from "../../support/fakes.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

type Name = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGQUIT";

/** A signal as this process would get it. */
const get = (name: Name) => void process.emit(name);

/** Something that can be stopped, and what it was told. */
function stoppable(isAction = true): Stoppable & { readonly told: readonly string[] } {
  const told: string[] = [];
  return {
    told,
    isAction,
    tell: async (signal) => void told.push(signal),
    kill: () => void told.push("kill"),
    letGo: () => void told.push("let go"),
  };
}

/** Listens with something attached, on a host with a person at its terminal or without one. */
function listening(changes: Partial<Host> = {}, isAction = true) {
  const host = fakeHost(changes);
  const action = stoppable(isAction);
  const stopping: Stopping = listenForStops(host, 7);
  stopping.attach(action);
  return { host, action, stopping, [Symbol.dispose]: () => stopping[Symbol.dispose]() };
}

const person = () => ({ stdin: Object.assign(fakeHost().stdin, { isTTY: true }) });

test("nothing has happened before anything happens", () => {
  using all = listening();
  expect(all.stopping.reason()).toBe(undefined);
  expect(all.stopping.cancelled.aborted).toBe(false);
  jest.advanceTimersByTime(100_000);
  expect(all.action.told).toEqual([]);
});

test.each([
  ["SIGINT", "SIGINT", "SIGINT"],
  ["SIGTERM", "SIGTERM", "SIGTERM"],
  ["SIGHUP", "SIGHUP", "SIGHUP"],
  ["SIGQUIT", "SIGTERM", "SIGTERM"],
] as const)("the first %s is passed on once as %s, and is the reason", (name, signal, reason) => {
  using all = listening();
  get(name);
  expect(all.action.told).toEqual(["let go", signal]);
  expect(all.stopping.reason()).toBe(reason);
  expect(all.stopping.cancelled.aborted).toBe(true);
  expect(all.host.said).toEqual([`got ${name}: waiting for the action to end; it is killed after 7 s`]);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)(
  "a second signal, %s, kills at once",
  (second) => {
    using all = listening(person());
    get("SIGINT");
    get(second);
    expect(all.action.told).toEqual(["let go", "SIGINT", "kill"]);
    expect(all.stopping.reason()).toBe("SIGINT");
    expect(all.host.said).toEqual(["waiting for the action to end; Ctrl-C again kills it"]);
  },
);

test("what does not end is killed after the time to stop, and not before", () => {
  using all = listening();
  get("SIGTERM");
  jest.advanceTimersByTime(6999);
  expect(all.action.told).toEqual(["let go", "SIGTERM"]);
  jest.advanceTimersByTime(1);
  expect(all.action.told).toEqual(["let go", "SIGTERM", "kill"]);
});

test("a person who interrupts at a terminal is waited for", () => {
  using all = listening(person());
  get("SIGINT");
  jest.advanceTimersByTime(100_000);
  expect(all.action.told).toEqual(["let go", "SIGINT"]);
});

test("a signal that a person does not send kills after a while, at a terminal too", () => {
  using all = listening(person());
  get("SIGTERM");
  jest.advanceTimersByTime(7000);
  expect(all.action.told).toEqual(["let go", "SIGTERM", "kill"]);
});

test("a build ends without a word, and nothing that runs has no word to say either", () => {
  using build = listening({}, false);
  get("SIGINT");
  expect(build.action.told).toEqual(["let go", "SIGINT"]);
  expect(build.host.said).toEqual([]);
});

test("what is attached after a reason is killed at once, what was detached is not told", () => {
  using all = listening();
  all.stopping.detach();
  get("SIGINT");
  expect(all.action.told).toEqual([]);
  expect(all.host.said).toEqual([]);
  const late = stoppable();
  all.stopping.attach(late);
  expect(late.told).toEqual(["let go", "kill"]);
});

test("a timeout stops like a signal of the system", () => {
  using all = listening();
  all.stopping.timeOutAfter(3);
  jest.advanceTimersByTime(2999);
  expect(all.stopping.reason()).toBe(undefined);
  jest.advanceTimersByTime(1);
  expect(all.stopping.reason()).toBe("timeout");
  expect(all.action.told).toEqual(["let go", "SIGTERM"]);
  expect(all.host.said).toEqual(["timed out: waiting for the action to end; it is killed after 7 s"]);
  jest.advanceTimersByTime(7000);
  expect(all.action.told).toEqual(["let go", "SIGTERM", "kill"]);
});

test("a timeout after a signal changes nothing, a signal after a timeout kills", () => {
  using first = listening(person());
  first.stopping.timeOutAfter(3);
  get("SIGINT");
  jest.advanceTimersByTime(5000);
  expect(first.stopping.reason()).toBe("SIGINT");
  expect(first.action.told).toEqual(["let go", "SIGINT"]);
  first.stopping[Symbol.dispose]();
  using second = listening();
  second.stopping.timeOutAfter(3);
  jest.advanceTimersByTime(3000);
  get("SIGINT");
  expect(second.stopping.reason()).toBe("timeout");
  expect(second.action.told).toEqual(["let go", "SIGTERM", "kill"]);
});

test.each([
  ["stdout", "EPIPE", "reader gone", "nobody reads the output"],
  ["stderr", "EPIPE", "reader gone", "nobody reads the output"],
  ["stdout", "ENOSPC", "output lost", "cannot write the output: the disk is full"],
] as const)("output on %s that fails with %s stops: %s", (name, code, reason, cause) => {
  using all = listening();
  all.host[name].emit("error", Object.assign(new Error(code), { code }));
  expect(all.stopping.reason()).toBe(reason);
  expect(all.action.told).toEqual(["let go", "SIGTERM"]);
  expect(all.host.said).toEqual([`${cause}: waiting for the action to end; it is killed after 7 s`]);
});

test("after the end nothing is listened to any more, and no timer is left", () => {
  const before = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"].map((name) => process.listenerCount(name));
  const all = listening();
  all.stopping.timeOutAfter(3);
  get("SIGTERM");
  all.stopping[Symbol.dispose]();
  expect(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"].map((name) => process.listenerCount(name))).toEqual(
    before,
  );
  all.host.stdout.emit("error", Object.assign(new Error("EPIPE"), { code: "EPIPE" }));
  jest.advanceTimersByTime(100_000);
  expect(all.action.told).toEqual(["let go", "SIGTERM"]);
  expect(all.stopping.reason()).toBe("SIGTERM");
});
