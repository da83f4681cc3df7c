import { expect, test } from "bun:test";
import type { Reader } from "../../../src/run/events.ts";
import { container, execution } from "../../support/execution.ts";
import { fakeHost, fakeStream, shell } from "../../support/fakes.ts";
import { makeFolder } from "../../support/harness.ts";

const environment = [{ name: "CARRIER", value: "s3cret", from: { variable: "TOKEN" } }];
const terminal = { interactive: false, size: { rows: 5, columns: 60 } };
const untilKilled = "echo started >status; while :; do sleep 0.05; done";

test("what the container's entrypoint wrote is read, and the events tell the course", async () => {
  using folder = makeFolder({});
  const text = "echo started >status; echo '7 3' >>status; echo two; exit 7";
  const { told, events, done } = execution(folder, [container(folder, text)]);
  expect(await done).toMatchObject({ exitCode: 7, started: true, failedLine: 3, tail: "two\n\n" });
  expect(told().toSorted()).toEqual(["command", "commandEnded", "started", "starting"]);
  expect(told().slice(0, 2)).toEqual(["starting", "command"]);
  const ended = events.find((event) => event.type === "commandEnded");
  expect(ended?.argv).toEqual(shell(text));
  expect(ended?.milliseconds).toBeGreaterThan(0);
});

test("a container whose entrypoint did not run is not reported as started", async () => {
  using folder = makeFolder({});
  const { told, done } = execution(folder, [container(folder, "exit 125")]);
  expect(await done).toMatchObject({ exitCode: 125, started: false });
  expect(told()).not.toContain("started");
});

test("a success that the entrypoint did not note is not believed, a failure that it noted is", async () => {
  using folder = makeFolder({});
  const ended = (text: string) =>
    execution(folder, [container(folder, text, { notesEnd: true })]).done.then(({ exitCode, endUnknown }) => [
      exitCode,
      endUnknown,
    ]);
  expect(await ended("echo started >status")).toEqual([0, true]);
  expect(await ended("printf 'started\\nended 42\\n' >status")).toEqual([42, false]);
  expect(await ended("printf 'started\\nended 0\\n' >status")).toEqual([0, false]);
});

test("a step gets its variables, whose values are masked, and nothing to read", async () => {
  using folder = makeFolder({});
  const text = 'echo "<$CARRIER>"; echo "$CARRIER" >&2; cat; pwd';
  const { stdout, stderr, done } = execution(folder, [container(folder, text, { environment })]);
  await done;
  expect(stdout()).toBe(`<***>\n${folder.path}\n`);
  expect(stderr()).toBe("***\n");
});

test("a container that takes too long is stopped", async () => {
  using folder = makeFolder({});
  const text = "echo started >status; exec sleep 600";
  const { told, done } = execution(folder, [container(folder, text, { timeout: 0.05 })]);
  expect(await done).toMatchObject({ stopped: "timeout", exitCode: 143 });
  expect(told()).toContain("stopping: timed out");
});

test("a signal reaches the action, whose container is removed when it has ended", async () => {
  using folder = makeFolder({});
  const removeContainer = (name: string) => shell('echo "$1" >>removed', name);
  const text = `trap 'echo got it; exit 9' TERM; ${untilKilled}`;
  const steps = [container(folder, text), container(folder, "touch next")];
  const { stdout, until, signal, cancellation, done } = execution(folder, steps, {
    engine: { removeContainer },
  });
  await until("started");
  signal("SIGTERM");
  expect(await done).toMatchObject({ exitCode: 9, stopped: "SIGTERM", started: true });
  expect(cancellation.reason()).toBe("SIGTERM");
  expect(stdout()).toBe("got it\n");
  expect(folder.read("removed")).toBe("polycrate-test\n");
  expect(folder.glob("next")).toEqual([]);
});

test("a second signal removes the container at once", async () => {
  using folder = makeFolder({});
  const removeContainer = () => shell("touch removed; kill -9 $(cat pid)");
  const text = `trap : INT; echo $$ >pid; ${untilKilled}`;
  const { until, signal, done } = execution(folder, [container(folder, text)], {
    engine: { removeContainer },
  });
  await until("started");
  signal("SIGINT");
  signal("SIGINT");
  expect(await done).toMatchObject({ exitCode: 137, stopped: "SIGINT" });
  expect(folder.glob("removed")).toEqual(["removed"]);
});

test("a container that the engine does not remove is warned of", async () => {
  using folder = makeFolder({});
  const removeContainer = () => ["polycrate-no-such-program"];
  const text = `trap 'exit 0' TERM; ${untilKilled}`;
  const { told, until, signal, done } = execution(folder, [container(folder, text)], {
    engine: { removeContainer },
  });
  await until("started");
  signal("SIGTERM");
  expect(await done).toMatchObject({ stopped: "SIGTERM" });
  expect(told().at(-1)).toStartWith("warning: the container may still exist: ");
});

test.each([
  ["that had started", 1, "echo started >status; "],
  ["that was only just being made", 5, ""],
])("a container %s is removed in as many attempts as it may take: %i", async (_, attempts, first) => {
  using folder = makeFolder({});
  const { signal, done } = execution(folder, [container(folder, `${first}touch begun; exec sleep 600`)], {
    engine: { removeContainer: () => shell("echo x >>removals; echo 'No such container' >&2; exit 1") },
  });
  while (folder.glob("begun").length === 0) await Bun.sleep(5);
  signal("SIGTERM");
  await done;
  expect(folder.read("removals")).toBe("x\n".repeat(attempts));
});

test("the output waits for a reader that cannot take more, and for none that lets go", async () => {
  using folder = makeFolder({});
  const full = Promise.withResolvers<void>();
  let taken = 0;
  const reader: Reader = (event) => {
    if (event.type === "stopping") full.resolve();
    if (event.type !== "output") return undefined;
    taken += event.bytes.length;
    return full.promise;
  };
  const text = `trap 'exit 9' TERM; echo started >status; yes | head -c 1000000; while :; do sleep 0.05; done`;
  const { until, signal, done } = execution(folder, [container(folder, text)], { reader });
  await until("started");
  await until("output");
  expect(taken).toBeLessThan(1_000_000);
  signal("SIGTERM");
  expect(await done).toMatchObject({ stopped: "SIGTERM" });
});

test("at a terminal the run has its size, what it prints is masked, and what is typed reaches it", async () => {
  using folder = makeFolder({});
  const stdoutStream = fakeStream({ rows: 5, columns: 60 });
  const raw: boolean[] = [];
  const stdin = Object.assign(fakeHost().stdin, { setRawMode: (on: boolean) => void raw.push(on) });
  const text = 'echo started >status; stty size; echo "<$CARRIER>"; head -c 3 >typed; exit 4';
  const step = container(folder, text, { environment, terminal: { ...terminal, interactive: true } });
  const { stdout, done } = execution(folder, [step], { host: { stdin, stdout: stdoutStream } });
  while (!stdout().includes(">")) await Bun.sleep(5);
  stdin.emit("data", Buffer.from("abc"));
  const { tail, ...ended } = await done;
  expect(ended).toMatchObject({ exitCode: 4, started: true });
  // A program may print before its terminal is told to leave line feeds alone.
  expect([tail, stdout()].map((text) => text.replaceAll("\r", ""))).toEqual([
    ...["5 60\n<***>\n", "5 60\n<***>\n"],
  ]);
  expect(folder.read("typed")).toBe("abc");
  expect(raw).toEqual([true, false]);
  expect([stdin.listenerCount("data"), stdoutStream.listenerCount("resize")]).toEqual([0, 0]);
});

test("a signal at a terminal reaches the action", async () => {
  using folder = makeFolder({});
  const text = `trap 'echo got it; exit 9' TERM; ${untilKilled}`;
  const { told, until, signal, stdout, done } = execution(folder, [container(folder, text, { terminal })]);
  await until("started");
  signal("SIGTERM");
  expect(await done).toMatchObject({ exitCode: 9, stopped: "SIGTERM" });
  expect(stdout().replaceAll("\r", "")).toEndWith("got it\n");
  expect(told()).toContain("stopping: received SIGTERM");
});
