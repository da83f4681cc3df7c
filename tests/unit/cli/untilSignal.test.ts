import { expect, test } from "bun:test";
import { untilSignal } from "../../../src/cli/untilSignal.ts";
import type { StopSignal } from "../../../src/run/cancellation.ts";

/** A program that signals can be sent to. */
function program() {
  const listeners = new Set<(name: StopSignal) => void>();
  return {
    listeners,
    onSignal: (listener: (name: StopSignal) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    send: (name: StopSignal) => {
      for (const listener of listeners) listener(name);
    },
  };
}

test.each<[StopSignal, number]>([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
])("%s cancels the work, which ends with its exit code %d", async (name, exitCode) => {
  const one = program();
  const work = untilSignal(one, async (cancelled) => {
    one.send(name);
    cancelled.throwIfAborted();
  });
  await expect(work).rejects.toMatchObject({ exitCode, message: `interrupted by ${name}` });
  expect(one.listeners.size).toBe(0);
});

test("without a signal the result is that of the work", async () => {
  const one = program();
  expect(await untilSignal(one, async (cancelled) => cancelled.aborted)).toBe(false);
  expect(one.listeners.size).toBe(0);
});
