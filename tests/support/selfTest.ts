import type { Check } from "../../src/selfTest/check.ts";
import type { TestContext, TestResult, TestRun } from "../../src/selfTest/testContext.ts";
import { fakeEngine, fakeHost, shell } from "./fakes.ts";

/** A secret that no other process has in its command line. */
export const fakeSecret = `secret-${crypto.randomUUID()}`;

/** What a run of polycrate would have done. */
export type FakeRun = Partial<TestResult> & {
  /** Called with each signal that it gets; returns what the action prints then. */
  readonly onSignal?: (name: string) => string;
};

/** A context whose runs end as told, one after the other, and that remembers their words. */
export function fakeContext(folder: string, runs: readonly FakeRun[], changes: Partial<TestContext> = {}) {
  const started: string[] = [];
  const left = [...runs];
  const next = (words: readonly string[]): TestRun => {
    started.push(words.join(" "));
    const { exitCode = 0, stdout = "", stderr = "", onSignal } = left.shift() ?? {};
    const ended = Promise.withResolvers<TestResult>();
    const end = (more: string) => ended.resolve({ exitCode, stdout: stdout + more, stderr });
    if (onSignal === undefined) end("");
    return {
      ended: ended.promise,
      prints: async (text) => stdout.includes(text),
      signal: (name) => end(onSignal?.(name) ?? ""),
      closeInput: () => {},
    };
  };
  const context: TestContext = {
    engine: fakeEngine({ listContainers: () => shell("") }),
    host: fakeHost(),
    folder,
    workspace: folder,
    secret: fakeSecret,
    start: next,
    runScript: async (script) => next([script]).ended,
    stop: () => {},
    ...changes,
  };
  return { context, started };
}

/** Runs the check of that name. */
export function runNamed(checks: readonly Check[], name: string, context: TestContext) {
  const check = checks.find((one) => one.name === name);
  if (check === undefined) throw new Error(`no check ${name}`);
  return check.run(context);
}
