import { expect, test } from "bun:test";
import { messagesTo } from "../../../../src/cli/output/messages.ts";
import { type RunViewOptions, runView, type ViewedRun } from "../../../../src/cli/output/runView.ts";
import { outputTo } from "../../../../src/host/output.ts";
import { emitTo, type RunEvent } from "../../../../src/run/events.ts";
import { planIn } from "../../../support/execution.ts";
import { fakeStream } from "../../../support/fakes.ts";
import { makeFolder } from "../../../support/harness.ts";

using folder = makeFolder({});
const planned: RunEvent = { type: "planned", plan: planIn(folder, []), record: undefined };
const finished: RunEvent = {
  ...{ type: "finished", status: "succeeded", exitCode: 0, stopped: undefined, execution: undefined },
};

/** What a view shows of these events. */
function shown(events: readonly RunEvent[], changes: Partial<RunViewOptions> = {}, isTTY = false) {
  const [stdout, stderr] = [fakeStream(), fakeStream({ isTTY, columns: 80 })];
  const outputs = { stdout: outputTo(stdout), stderr: outputTo(stderr) };
  const options = { quiet: false, verbose: false, output: undefined, ...changes };
  const summarized: ViewedRun[] = [];
  const view = runView(messagesTo(outputs, options), options, (run) => void summarized.push(run));
  const emit = emitTo([view], () => new Date(0));
  const waits = [planned, ...events].map((event) => emit(event));
  return { stdout: stdout.text(), stderr: stderr.text(), outputs, waits, summarized };
}

const output = (text: string, source: "action" | "build" | "probe" = "action", stream = "stdout" as const) =>
  ({ type: "output", source, stream, bytes: Buffer.from(text) }) as const;

test("an action's streams go where they belong", () => {
  const { stdout, stderr } = shown([output("out"), { ...output("err"), stream: "stderr" }]);
  expect([stdout, stderr]).toEqual(["out", "err"]);
});

test("with a report on standard output both go to standard error", () => {
  const { stdout, stderr } = shown([output("out")], { output: "json" });
  expect([stdout, stderr]).toEqual(["", "out"]);
});

test("with the events on standard output the action's output is in them alone", () => {
  const events = [output("out"), { ...output("err"), stream: "stderr" } as const, output("built", "build")];
  const { stdout, stderr } = shown(events, { output: "events" });
  expect([stdout, stderr]).toEqual(["", "built"]);
});

test("a build's output goes to standard error, and a probe's complaint too", () => {
  const { stdout, stderr } = shown([
    output("built", "build"),
    { ...output("no", "probe"), stream: "stderr" },
  ]);
  expect([stdout, stderr]).toEqual(["", "builtno"]);
});

test("on a terminal a build that failed shows its end, and each build its own", () => {
  const failed = [output("one\n", "build"), { type: "built", failed: true }] as const;
  const { stderr } = shown([...failed, output("two\n", "build"), { type: "built", failed: true }], {}, true);
  expect(stderr.replaceAll("\r\u001b[2K", "")).toBe("one\ntwo\n");
});

test.each([
  [{ type: "waiting", message: "waiting for x" }, "waiting for x\n"],
  [{ type: "building", reason: "it is new" }, "building the image: it is new\n"],
  [{ type: "warning", message: "a", hint: "b" }, "warning: a\nhint: b\n"],
  [{ type: "warning", message: "a", hint: undefined }, "warning: a\n"],
  [{ type: "stopping", cause: "received SIGTERM", grace: undefined }, ""],
  [
    { type: "stopping", cause: "received SIGTERM", grace: { seconds: 7 } },
    "received SIGTERM: waiting for the action to end; it will be killed after 7 s\n",
  ],
  [
    { type: "stopping", cause: "received SIGINT", grace: { untilKilled: true } },
    "waiting for the action to end; press Ctrl-C again to kill it\n",
  ],
  [
    { type: "foreignFiles", paths: ["1", "2", "3", "4", "5", "6", "7"] },
    "warning: the action wrote files that you do not own:\n  1\n  2\n  3\n  4\n  5\n  and 2 more\nhint: set `config.container.user: host` to run actions as your own user\n",
  ],
  [{ type: "command", argv: ["docker", "ps"] }, ""],
  [{ type: "started" }, ""],
] as const)("%j is shown as %j, and with `--quiet` not at all", (event, expected) => {
  expect(shown([event]).stderr).toBe(expected);
  expect(shown([event], { quiet: true }).stderr).toBe("");
});

test("with `--verbose` each command is shown as a dry run prints it, with its time", () => {
  const argv = ["docker", "run", "a b", { value: "--label=x", written: "" }];
  const events = [
    { type: "command", argv },
    { type: "commandEnded", argv, milliseconds: 7.4 },
  ] as const;
  expect(shown(events, { verbose: true }).stderr).toBe("+ docker run 'a b'\n+ docker run 'a b' took 7 ms\n");
});

test("what several runs of a workflow warn of is printed once", () => {
  const warning = { type: "warning", message: "a", hint: "b" } as const;
  const plan = { ...planIn(folder, []), warnings: [{ message: "a", hint: "b" }] };
  const again = { type: "planned", plan, record: undefined } as const;
  expect(shown([warning, again, warning, { ...warning, hint: "c" }]).stderr).toBe(
    "warning: a\nhint: b\nwarning: a\nhint: c\n",
  );
});

test("a run is summarized with its artifacts, and not those of the one before", () => {
  const artifact = { path: "a/x", size: 1, change: "new", uid: 0, sha256: undefined } as const;
  const { summarized } = shown([{ type: "artifact", artifact }, finished, planned, finished]);
  expect(summarized.map(({ artifacts }) => artifacts)).toEqual([[artifact], []]);
});

test("the source waits for a full stream, until the run is to end", async () => {
  const stdout = fakeStream({ write: () => false });
  const outputs = { stdout: outputTo(stdout), stderr: outputTo(fakeStream()) };
  const options = { quiet: false, verbose: false, output: undefined };
  const emit = emitTo([runView(messagesTo(outputs), options, () => {})], () => new Date(0));
  emit(planned);
  const full = emit(output("x"));
  expect(full).toBeInstanceOf(Promise);
  emit({ type: "stopping", cause: "received SIGTERM", grace: undefined });
  await full;
  expect(emit(output("y"))).toBe(undefined);
});
