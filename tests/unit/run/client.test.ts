import { expect, test } from "bun:test";
import type { ProgramInput } from "../../../src/host/process.ts";
import type { RunCancellation, Stoppable } from "../../../src/run/cancellation.ts";
import { type ClientInput, reported, runClient, stoppableClient } from "../../../src/run/client.ts";
import { emitTo } from "../../../src/run/events.ts";
import { eventLog } from "../../support/execution.ts";
import { fakeEngine, fakeHost, shell } from "../../support/fakes.ts";
import { makeFolder } from "../../support/harness.ts";

/** A cancellation that remembers what is attached to it. */
function fakeCancellation() {
  const course: string[] = [];
  let attached: Stoppable | undefined;
  const cancellation: RunCancellation = {
    reason: () => undefined,
    signal: new AbortController().signal,
    attach: (stoppable) => {
      attached = stoppable;
      course.push("attach");
    },
    detach: () => void course.push("detach"),
    timeOutAfter: () => {},
    neverTimeOut: () => {},
    [Symbol.dispose]: () => {},
  };
  return { cancellation, course, attached: () => attached };
}

/** Runs a client of a build; the events and what was attached come with the result. */
async function run(text: string, changes: Partial<ClientInput> = {}) {
  using folder = makeFolder({});
  const log = eventLog();
  const host = fakeHost();
  const fake = fakeCancellation();
  const context = { host, cancellation: fake.cancellation, emit: emitTo([log.read], host.now) };
  const options = {
    ...{ engine: fakeEngine({}), directory: folder.path, workspace: folder.path },
    environment: host.environment,
  };
  const input = { source: "build", input: "nothing", secrets: [], stoppable: stoppableClient } as const;
  const result = await runClient(shell(text), options, { ...input, ...changes }, context);
  return { ...result, ...log, ...fake };
}

test("a client can be stopped while it runs, and not afterwards", async () => {
  const { course } = await run("exit 0");
  expect(course).toEqual(["attach", "detach"]);
});

test("its code and both of its streams are passed on", async () => {
  const { exitCode, tail, stdout, stderr } = await run("echo out; echo err >&2; exit 7");
  expect([exitCode, tail, stdout(), stderr()]).toEqual([7, "out\n\nerr\n", "out\n", "err\n"]);
});

test("what it reads is sent to it; what fails on the way is thrown when it has ended", async () => {
  const send = async (stdin: ProgramInput) => {
    await stdin.write(Buffer.from("sent"));
    await stdin.end();
  };
  expect((await run("cat", { input: "piped", send })).stdout()).toBe("sent");
  const fail = async (stdin: ProgramInput) => {
    await stdin.end();
    throw new Error("the file changed");
  };
  await expect(run("cat", { input: "piped", send: fail })).rejects.toThrow("the file changed");
});

test("a client that makes nothing is no action, gets the signal, and is killed when it swallows it", async () => {
  const got: string[] = [];
  const stoppable = stoppableClient((name) => void got.push(name));
  expect(stoppable.isAction).toBe(false);
  await stoppable.signal("SIGTERM");
  expect(got).toEqual(["SIGTERM"]);
  stoppable.kill();
  expect(got).toEqual(["SIGTERM", "SIGKILL"]);
});

test("a command is reported before and after it, with its time", async () => {
  const log = eventLog();
  const emit = emitTo([log.read], () => new Date(0));
  expect(await reported(["docker", "ps"], { emit }, async () => 7)).toBe(7);
  expect(log.events).toMatchObject([
    { type: "command", argv: ["docker", "ps"] },
    { type: "commandEnded", argv: ["docker", "ps"], milliseconds: expect.any(Number) },
  ]);
});
