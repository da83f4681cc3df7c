import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { outputTo } from "../../../src/host/output.ts";
import {
  cancellationBy,
  type Stoppable,
  type StopSignal,
  stoppableTogether,
} from "../../../src/run/cancellation.ts";
import { fakeSignals } from "../../support/execution.ts";
import { fakeStream } from "../../support/fakes.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** Something that can be stopped, and what it got. */
function stoppable(isAction = true): Stoppable & { readonly got: readonly string[] } {
  const got: string[] = [];
  return {
    got,
    isAction,
    signal: async (signal) => void got.push(signal),
    kill: () => void got.push("kill"),
  };
}

/** The cancellation of a run with something attached, with a person at its terminal or without one. */
function listening({ isInteractive = false, isAction = true } = {}) {
  const [stdout, stderr] = [fakeStream(), fakeStream()];
  const signals = fakeSignals();
  const stops: (readonly [string, unknown])[] = [];
  const onStop = (cause: string, grace: unknown) => void stops.push([cause, grace]);
  const begin = cancellationBy({ onSignal: signals.onSignal, outputs: [outputTo(stdout), outputTo(stderr)] });
  const cancellation = begin({ stopTimeout: 7, isInteractive: () => isInteractive, onStop });
  const action = stoppable(isAction);
  cancellation.attach(action);
  return {
    ...{ stdout, stderr, signals, action, cancellation, begin, onStop },
    causes: () => stops.map(([cause]) => cause),
    graces: () => stops.map(([, grace]) => grace),
    get: (name: StopSignal) => signals.send(name),
    [Symbol.dispose]: () => cancellation[Symbol.dispose](),
  };
}

test("nothing has happened before anything happens", () => {
  using all = listening();
  expect(all.cancellation.reason()).toBe(undefined);
  expect(all.cancellation.signal.aborted).toBe(false);
  jest.advanceTimersByTime(100_000);
  expect(all.action.got).toEqual([]);
});

test.each([
  ["SIGINT", "SIGINT", "SIGINT"],
  ["SIGTERM", "SIGTERM", "SIGTERM"],
  ["SIGHUP", "SIGHUP", "SIGHUP"],
  ["SIGQUIT", "SIGTERM", "SIGTERM"],
] as const)("the first %s is passed on once as %s, and is the reason", (name, signal, reason) => {
  using all = listening();
  all.get(name);
  expect(all.action.got).toEqual([signal]);
  expect(all.cancellation.reason()).toBe(reason);
  expect(all.cancellation.signal.aborted).toBe(true);
  expect([all.causes(), all.graces()]).toEqual([[`received ${name}`], [{ seconds: 7 }]]);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)(
  "a second signal, %s, kills at once",
  (second) => {
    using all = listening({ isInteractive: true });
    all.get("SIGINT");
    all.get(second);
    expect(all.action.got).toEqual(["SIGINT", "kill"]);
    expect(all.cancellation.reason()).toBe("SIGINT");
    expect(all.graces()).toEqual([{ untilKilled: true }]);
  },
);

test("what does not end is killed after the time to stop, and not before", () => {
  using all = listening();
  all.get("SIGTERM");
  jest.advanceTimersByTime(6999);
  expect(all.action.got).toEqual(["SIGTERM"]);
  jest.advanceTimersByTime(1);
  expect(all.action.got).toEqual(["SIGTERM", "kill"]);
});

test("a person who interrupts at a terminal is waited for", () => {
  using all = listening({ isInteractive: true });
  all.get("SIGINT");
  jest.advanceTimersByTime(100_000);
  expect(all.action.got).toEqual(["SIGINT"]);
});

test("a signal that a person does not send kills after a while, at a terminal too", () => {
  using all = listening({ isInteractive: true });
  all.get("SIGTERM");
  jest.advanceTimersByTime(7000);
  expect(all.action.got).toEqual(["SIGTERM", "kill"]);
});

test("a build is given no time, and neither is nothing that runs", () => {
  using build = listening({ isAction: false });
  build.get("SIGINT");
  expect(build.action.got).toEqual(["SIGINT"]);
  expect(build.graces()).toEqual([undefined]);
});

test("what is attached after a reason is killed at once, what was detached gets nothing", () => {
  using all = listening();
  all.cancellation.detach();
  all.get("SIGINT");
  expect(all.action.got).toEqual([]);
  expect(all.graces()).toEqual([undefined]);
  const late = stoppable();
  all.cancellation.attach(late);
  expect(late.got).toEqual(["kill"]);
});

test("a timeout stops like a signal of the system", () => {
  using all = listening();
  all.cancellation.timeOutAfter(3);
  jest.advanceTimersByTime(2999);
  expect(all.cancellation.reason()).toBe(undefined);
  jest.advanceTimersByTime(1);
  expect(all.cancellation.reason()).toBe("timeout");
  expect(all.action.got).toEqual(["SIGTERM"]);
  expect([all.causes(), all.graces()]).toEqual([["timed out"], [{ seconds: 7 }]]);
  jest.advanceTimersByTime(7000);
  expect(all.action.got).toEqual(["SIGTERM", "kill"]);
});

test("a timeout after a signal changes nothing, a signal after a timeout kills", () => {
  using first = listening({ isInteractive: true });
  first.cancellation.timeOutAfter(3);
  first.get("SIGINT");
  jest.advanceTimersByTime(5000);
  expect(first.cancellation.reason()).toBe("SIGINT");
  expect(first.action.got).toEqual(["SIGINT"]);
  first.cancellation[Symbol.dispose]();
  using second = listening();
  second.cancellation.timeOutAfter(3);
  jest.advanceTimersByTime(3000);
  second.get("SIGINT");
  expect(second.cancellation.reason()).toBe("timeout");
  expect(second.action.got).toEqual(["SIGTERM", "kill"]);
});

test.each([
  ["stdout", "EPIPE", "reader gone", "the reader of the output is gone"],
  ["stderr", "EPIPE", "reader gone", "the reader of the output is gone"],
  ["stdout", "ENOSPC", "output lost", "cannot write the output: the disk is full"],
] as const)("output on %s that fails with %s stops: %s", (name, code, reason, cause) => {
  using all = listening();
  all[name].emit("error", Object.assign(new Error(code), { code }));
  expect(all.cancellation.reason()).toBe(reason);
  expect(all.action.got).toEqual(["SIGTERM"]);
  expect(all.causes()).toEqual([cause]);
});

test("after the end nothing is listened to any more, and no timer is left", () => {
  const all = listening();
  all.cancellation.timeOutAfter(3);
  all.get("SIGTERM");
  all.cancellation[Symbol.dispose]();
  expect(all.signals.listeners.size).toBe(0);
  all.stdout.emit("error", Object.assign(new Error("EPIPE"), { code: "EPIPE" }));
  jest.advanceTimersByTime(100_000);
  expect(all.action.got).toEqual(["SIGTERM"]);
  expect(all.cancellation.reason()).toBe("SIGTERM");
});

test("a signal reaches every run, and a run's own timeout that run alone", () => {
  using one = listening();
  using two = one.begin({ stopTimeout: 7, isInteractive: () => false, onStop: one.onStop });
  const other = stoppable();
  two.attach(other);
  two.timeOutAfter(3);
  jest.advanceTimersByTime(3000);
  expect([one.cancellation.reason(), two.reason()]).toEqual([undefined, "timeout"]);
  one.get("SIGINT");
  expect([one.cancellation.reason(), two.reason()]).toEqual(["SIGINT", "timeout"]);
  expect([one.action.got, other.got]).toEqual([["SIGINT"], ["SIGTERM", "kill"]]);
});

test("a run that never times out any more does not, and still ends by a signal", () => {
  using all = listening();
  all.cancellation.timeOutAfter(3);
  all.cancellation.neverTimeOut();
  jest.advanceTimersByTime(100_000);
  expect(all.cancellation.reason()).toBe(undefined);
  all.get("SIGTERM");
  expect(all.action.got).toEqual(["SIGTERM"]);
});

test("runs that are stopped together get SIGTERM, those that begin later do not", () => {
  using all = listening();
  const { cancellation, stopAll } = stoppableTogether(all.begin);
  const begin = () => {
    const run = cancellation({ stopTimeout: 7, isInteractive: () => true, onStop: all.onStop });
    const action = stoppable();
    run.attach(action);
    return { run, action };
  };
  const [one, two, ended] = [begin(), begin(), begin()];
  ended.run[Symbol.dispose]();
  stopAll("another step failed");
  const late = begin();
  expect([one, two, ended, late].map(({ action }) => action.got)).toEqual([["SIGTERM"], ["SIGTERM"], [], []]);
  expect([one.run.reason(), all.cancellation.reason()]).toEqual(["SIGTERM", undefined]);
  expect(all.causes()).toEqual(["another step failed", "another step failed"]);
  jest.advanceTimersByTime(7000);
  expect(one.action.got).toEqual(["SIGTERM", "kill"]);
  for (const { run } of [one, two, late]) run[Symbol.dispose]();
});

test("however many runs there are, the program's signals are listened to once", () => {
  using one = listening();
  const two = one.begin({ stopTimeout: 7, isInteractive: () => false, onStop: one.onStop });
  expect(one.signals.listeners.size).toBe(1);
  two[Symbol.dispose]();
  expect(one.signals.listeners.size).toBe(1);
});
