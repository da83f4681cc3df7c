import { expect, test } from "bun:test";
import { existsSync, symlinkSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../../src/engine/engine.ts";
import type { Plan, PlannedFile, Step } from "../../../src/plan/plan.ts";
import { listenForStops } from "../../../src/run/cancellation.ts";
import type { Attendance } from "../../../src/run/executionContext.ts";
import { execute } from "../../../src/run/executor.ts";
import { noLog } from "../../../src/run/outputRelay.ts";
import { contextOf, type FakeStream, fakeEngine, fakeHost, fakeStream, shell } from "../../support/fakes.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

// Steps of these plans are shell scripts in the place of docker's client.

/** What a test changes in a plan that does nothing, and in what watches it. */
type Changes = {
  readonly plan?: Partial<Plan>;
  readonly engine?: Partial<Engine>;
  readonly attendance?: Partial<Attendance>;
  readonly stdout?: FakeStream;
  readonly stdin?: NodeJS.ReadStream;
};

/** An execution in a folder, and all that it told. */
function execution(
  folder: Folder,
  steps: readonly Partial<Step>[],
  { plan, engine, attendance, stdout = fakeStream(), stdin = fakeHost().stdin }: Changes = {},
) {
  const told: string[] = [];
  const stderr = fakeStream();
  const host = fakeHost({ stdin, stdout, stderr, say: (line) => void told.push(line) });
  const stopping = listenForStops(host, 10);
  const whole: Plan = {
    engine: fakeEngine(engine ?? {}),
    title: "",
    workspace: folder.path,
    runDirectory: undefined,
    folders: [],
    files: [],
    steps: steps.map((step) => ({ name: "run", argv: shell("exit 0"), environment: [], ...step })),
    ...plan,
  };
  const done = execute(whole, {
    host: { ...host, cancelled: stopping.cancelled },
    stopping,
    log: noLog,
    container: "polycrate-test",
    status: join(folder.path, "status"),
    terminal: { interactive: false, isTerminal: false },
    verbose: false,
    buildOutput: "whole",
    onRun: () => void told.push("run"),
    onImage: (id) => void told.push(`image ${id}`),
    onStarted: () => void told.push("started"),
    ...attendance,
  }).finally(() => stopping[Symbol.dispose]());
  return { told, stdout, stderr, stopping, done };
}

const file = (path: string, changes: Partial<PlannedFile> = {}): PlannedFile => ({
  ...{ path, mode: 0o644, content: "", lifetime: "run" },
  ...changes,
});

test("files are written before the steps, and the run's own folder is gone afterwards", async () => {
  using folder = makeFolder({ kept: "old" });
  const modes = "stat -c '%a %n' run run/1 run/1/owner run/1/a run/1/a/script new logs; cat run/1/owner";
  const { stdout, done } = execution(folder, [{ argv: shell(modes) }], {
    plan: {
      runDirectory: { root: folder.path, path: "run/1" },
      folders: ["logs"],
      files: [
        file("kept", { content: "new", lifetime: "stays" }),
        file("new", { content: "new", lifetime: "stays", mode: 0o640 }),
        file("a/script", { content: "x", mode: 0o444 }),
        file("top", { mode: 0o666 }),
      ],
    },
  });
  expect(await done).toMatchObject({ exitCode: 0, step: "run", started: false, stopped: undefined });
  const lines = stdout.text().split("\n");
  expect(lines.slice(0, 7)).toEqual([
    "755 run",
    "700 run/1",
    "600 run/1/owner",
    "755 run/1/a",
    "444 run/1/a/script",
    "640 new",
    "755 logs",
  ]);
  expect(lines[7]).toStartWith(`${hostname()}/${process.pid}/`);
  expect(folder.glob("**/*")).toEqual(["kept", "new"]);
  expect(folder.read("kept")).toBe("old");
  expect(existsSync(join(folder.path, "run/1"))).toBe(false);
});

test("the run's folder is removed after a failure too", async () => {
  using folder = makeFolder({});
  const { done } = execution(folder, [{ argv: ["polycrate-no-such-program"] }], {
    plan: { runDirectory: { root: folder.path, path: "run/1" }, files: [file("x")] },
  });
  await expect(done).rejects.toMatchObject({ exitCode: 69 });
  expect(existsSync(join(folder.path, "run/1"))).toBe(false);
});

test("a run's folder that cannot be removed is said, and does not take the place of the result", async () => {
  using folder = makeFolder({ "out/x": "" });
  const { told, done } = execution(folder, [{ argv: shell("mv run moved; ln -s out run; exit 7") }], {
    plan: { runDirectory: { root: folder.path, path: "run/1" } },
  });
  expect(await done).toMatchObject({ exitCode: 7 });
  expect(told.at(-1)).toBe(
    `warning: \`${folder.path}/run\` is not a folder\nhint: \`polycrate prune\` removes it later`,
  );
});

test("the first step that fails is the last; what the container's entrypoint wrote is read", async () => {
  using folder = makeFolder({});
  const { told, stdout, done } = execution(folder, [
    { argv: shell("echo one") },
    { argv: shell("echo started >status; echo '7 3' >>status; echo two; exit 7") },
    { argv: shell("echo three") },
  ]);
  expect(await done).toMatchObject({
    exitCode: 7,
    step: "run",
    started: true,
    failedLine: 3,
    tail: "two\n\n",
  });
  expect(stdout.text()).toBe("one\ntwo\n");
  expect(told).toEqual(["run", "started", "run", "started"]);
});

test("a step gets its variables, whose values are masked, and nothing to read", async () => {
  using folder = makeFolder({});
  const environment = [{ name: "CARRIER", value: "s3cret", from: { variable: "TOKEN" } }];
  const { stdout, stderr, done } = execution(folder, [
    { argv: shell('echo "<$CARRIER>"; echo "$CARRIER" >&2; cat; pwd'), environment },
  ]);
  await done;
  expect(stdout.text()).toBe(`<***>\n${folder.path}\n`);
  expect(stderr.text()).toBe("***\n");
});

test("with `--verbose` each command is shown as a dry run prints it, with its time", async () => {
  using folder = makeFolder({});
  const { told, done } = execution(folder, [{ argv: ["sh", "-c", "exit 0", { value: "x", written: "" }] }], {
    attendance: { verbose: true },
  });
  await done;
  expect(told[1]).toBe("+ sh -c 'exit 0'");
  expect(told.find((line) => line.includes("took"))).toMatch(/^\+ sh -c 'exit 0' took \d+ ms$/);
});

const context = contextOf("FROM a\n");
const rename = { argv: shell("touch renamed"), name: "latest" };

/** The build of an image, which is there when the probe succeeds. */
function build(probe: string | undefined, script = "cat >sent; echo built"): Partial<Step> {
  const unless = probe === undefined ? {} : { unless: { argv: shell(probe), rename } };
  return { name: "build", argv: shell(script), context, ...unless };
}

const inspectImage = () => shell("echo '[null,null]'");

test("an image that is there is not built; its id is told, and it gets its name in passing", async () => {
  using folder = makeFolder({});
  const { told, done } = execution(folder, [build("echo 'sha256:7 [other]'")]);
  expect(await done).toMatchObject({ exitCode: 0, step: "build" });
  expect(told).toEqual(["image sha256:7"]);
  expect(folder.glob("*")).toEqual(["renamed"]);
});

test("an image that has its name keeps it; one that cannot be renamed fails nothing", async () => {
  using folder = makeFolder({});
  await execution(folder, [build("echo 'sha256:7 [other latest]'")]).done;
  expect(folder.glob("*")).toEqual([]);
  const bad = { name: "x", argv: ["polycrate-no-such-program"] };
  const step = { ...build(undefined), unless: { argv: shell("echo sha256:7"), rename: bad } };
  expect(await execution(folder, [step]).done).toMatchObject({ exitCode: 0 });
});

test("an image that is missing is built from its context, and what was built is remembered", async () => {
  using folder = makeFolder({ "Dockerfile.poly": "FROM a\n" });
  const { told, stderr, done } = execution(folder, [build("exit 1")], { engine: { inspectImage } });
  expect(await done).toMatchObject({ exitCode: 0, step: "build", started: false });
  expect(told).toEqual(["building the image: this workspace has no image yet"]);
  expect(stderr.text()).toBe("built\n");
  expect(folder.read("sent")).toContain("Dockerfile.poly");
  const again = execution(folder, [build("exit 1")], { engine: { inspectImage } });
  await again.done;
  expect(again.told).toEqual(["building the image: the engine does not have it"]);
  const asked = execution(folder, [build(undefined)], { engine: { inspectImage } });
  await asked.done;
  expect(asked.told).toEqual(["building the image: because of `--build`"]);
  expect(folder.glob(".polycrate/locks/*")).toEqual([]);
});

test("a build that fails is not remembered, and nothing runs after it", async () => {
  using folder = makeFolder({ "Dockerfile.poly": "FROM a\n" });
  const steps = [build("exit 1", "cat >sent; echo broken >&2; exit 3"), { argv: shell("touch ran") }];
  const { done } = execution(folder, steps, { engine: { inspectImage } });
  expect(await done).toMatchObject({ exitCode: 3, step: "build", tail: "\nbroken\n" });
  expect(folder.glob("*")).toEqual(["Dockerfile.poly", "sent"]);
  expect(folder.glob(".polycrate/cache/built.json")).toEqual([]);
});

test("a build waits for another process that builds the same image, and is left out when that has built it", async () => {
  using folder = makeFolder({});
  const lock = `.polycrate/locks/build-${context.hash.slice(0, 32)}`;
  folder.write(lock, "else/1/x");
  const { told, done } = execution(folder, [build("[ -e built ] && echo sha256:7")], {
    engine: { inspectImage },
  });
  while (told.length < 2) await Bun.sleep(5);
  folder.write("built", "");
  await Bun.spawn(["rm", join(folder.path, lock)]).exited;
  expect(await done).toMatchObject({ exitCode: 0 });
  expect(told[0]).toBe("waiting for process 1 on else, which builds the same image");
  expect(told.at(-1)).toBe("image sha256:7");
  expect(folder.glob("sent")).toEqual([]);
});

test("a base image that moved and copies what the context does not have ends it: 65", async () => {
  using folder = makeFolder({ "Dockerfile.poly": "FROM a\n" });
  const moved = { inspectImage: () => shell(`echo '[["COPY . /"],null]'`) };
  await expect(execution(folder, [build("exit 1")], { engine: moved }).done).rejects.toMatchObject({
    message: "Dockerfile.poly:1: `a` copies from the context by ONBUILD by now",
    exitCode: 65,
  });
  expect(folder.glob(".polycrate/locks/*")).toEqual([]);
  const whole = {
    ...build("exit 1"),
    context: contextOf("FROM a\n", { wholeContextReason: { line: 1, reason: "x" } }),
  };
  expect(await execution(folder, [whole], { engine: moved }).done).toMatchObject({ exitCode: 0 });
});

test("a context that is sent as a folder is staged, and the command is started in it", async () => {
  using folder = makeFolder({ "Dockerfile.poly": "FROM a\n" });
  const step = { ...build(undefined, "pwd; ls"), context: { ...context, sentAs: "folder" as const } };
  const { stderr, done } = execution(folder, [step], { engine: { inspectImage } });
  await done;
  const [directory = "", ...names] = stderr.text().split("\n");
  expect(directory).not.toBe(folder.path);
  expect(names).toEqual(["Dockerfile.poly", ""]);
  expect(existsSync(directory)).toBe(false);
});

const reads = {
  shell: "/bin/sh",
  identify: shell("echo sha256:7"),
  folder: ".polycrate/cache/users",
  anew: false,
  files: [
    { path: "passwd", label: "passwd", content: "anna\n" },
    { path: "group", label: "group", content: "" },
  ],
};

/** Reads the users of an image, which prints this; returns what the next step finds. */
async function readUsers(
  folder: Folder,
  changes: Partial<typeof reads> = {},
  script = "printf 'passwd:root\\ngroup:wheel\\n'",
) {
  const steps = [
    { name: "users" as const, argv: shell(script), reads: { ...reads, ...changes } },
    { argv: shell("cat run/1/passwd run/1/group; stat -c %a run/1/passwd") },
  ];
  const { stdout, done, told } = execution(folder, steps, {
    plan: { runDirectory: { root: folder.path, path: "run/1" } },
  });
  return { ...(await done), printed: stdout.text(), told };
}

test("an image's users are read once, and come after the person's own", async () => {
  using folder = makeFolder({});
  expect(await readUsers(folder)).toMatchObject({ exitCode: 0, printed: "anna\nroot\nwheel\n644\n" });
  expect(folder.read(".polycrate/cache/users/7")).toBe("passwd:root\ngroup:wheel\n");
  expect(await readUsers(folder, {}, "exit 1")).toMatchObject({ printed: "anna\nroot\nwheel\n644\n" });
  expect(await readUsers(folder, { anew: true }, "echo passwd:new")).toMatchObject({
    printed: "anna\nnew\n644\n",
  });
});

test("an image that cannot be read ends the run before the container", async () => {
  using folder = makeFolder({});
  const failed = await readUsers(folder, { identify: shell("exit 1") }, "echo no >&2; exit 125");
  expect(failed).toMatchObject({ exitCode: 125, step: "users", started: false, tail: "no\n", printed: "" });
  expect(await readUsers(folder, { identify: shell("exit 1") })).toMatchObject({
    printed: "anna\nroot\nwheel\n644\n",
  });
  expect(folder.glob(".polycrate/cache/users/*")).toEqual([]);
});

test("a signal reaches the action, whose container is removed when it has ended", async () => {
  using folder = makeFolder({});
  const removeContainer = (name: string) => shell('echo "$1" >>removed', name);
  const script = "trap 'echo got it; exit 9' TERM; echo started >status; while :; do sleep 0.05; done";
  const { told, stdout, stopping, done } = execution(
    folder,
    [{ argv: shell(script) }, { argv: shell("touch next") }],
    {
      engine: { removeContainer },
    },
  );
  while (!told.includes("started")) await Bun.sleep(5);
  process.emit("SIGTERM");
  expect(await done).toMatchObject({ exitCode: 9, stopped: "SIGTERM", started: true });
  expect(stopping.reason()).toBe("SIGTERM");
  expect(stdout.text()).toBe("got it\n");
  expect(folder.read("removed")).toBe("polycrate-test\n");
  expect(folder.glob("next")).toEqual([]);
});

test("a second signal removes the container at once", async () => {
  using folder = makeFolder({});
  const removeContainer = () => shell("touch removed; kill -9 $(cat pid)");
  const script = "trap : INT; echo $$ >pid; echo started >status; while :; do sleep 0.05; done";
  const { told, done } = execution(folder, [{ argv: shell(script) }], { engine: { removeContainer } });
  while (!told.includes("started")) await Bun.sleep(5);
  process.emit("SIGINT");
  process.emit("SIGINT");
  expect(await done).toMatchObject({ exitCode: 137, stopped: "SIGINT" });
  expect(folder.glob("removed")).toEqual(["removed"]);
});

test("a container that the engine does not remove is said to be left", async () => {
  using folder = makeFolder({});
  const removeContainer = () => ["polycrate-no-such-program"];
  const script = "trap 'exit 0' TERM; echo started >status; while :; do sleep 0.05; done";
  const { told, done } = execution(folder, [{ argv: shell(script) }], { engine: { removeContainer } });
  while (!told.includes("started")) await Bun.sleep(5);
  process.emit("SIGTERM");
  expect(await done).toMatchObject({ stopped: "SIGTERM" });
  expect(told.at(-1)).toStartWith("warning: the container may still be there: ");
});

test("a run that is stopped while the engine is asked for the image runs nothing", async () => {
  using folder = makeFolder({});
  const steps = [build("touch asked; exec sleep 600"), { argv: shell("touch never") }];
  const { done } = execution(folder, steps);
  while (folder.glob("asked").length === 0) await Bun.sleep(5);
  process.emit("SIGINT");
  expect(await done).toMatchObject({ stopped: "SIGINT", started: false, exitCode: 0 });
  expect(folder.glob("*")).toEqual(["asked"]);
});

test("a link in the place of a file that stays is refused: 73", async () => {
  using folder = makeFolder({ "out/x": "" });
  symlinkSync("out/x", join(folder.path, "link"));
  const plan = { files: [file("link", { lifetime: "stays" })] };
  await expect(execution(folder, [], { plan }).done).rejects.toMatchObject({ exitCode: 73 });
});

test.each([
  ["a build that fails", "echo one; exit 3", "one\n"],
  ["a build that succeeds", "echo one", ""],
])("the end of the output of %s is shown when nothing else of it is", async (_, script, expected) => {
  using folder = makeFolder({ "Dockerfile.poly": "FROM a\n" });
  const attendance = { buildOutput: "failure" } as const;
  const { stderr, done } = execution(folder, [build(undefined, `cat >sent; ${script}`)], {
    engine: { inspectImage },
    attendance,
  });
  await done;
  expect(stderr.text()).toBe(expected);
});

test("the end of a build's output is not shown when it was stopped", async () => {
  using folder = makeFolder({ "Dockerfile.poly": "FROM a\n" });
  const script = "cat >sent; echo one; touch begun; exec sleep 600";
  const { stderr, done } = execution(folder, [build(undefined, script)], {
    engine: { inspectImage },
    attendance: { buildOutput: "failure" },
  });
  while (folder.glob("begun").length === 0) await Bun.sleep(5);
  process.emit("SIGTERM");
  expect(await done).toMatchObject({ stopped: "SIGTERM", step: "build" });
  expect(stderr.text()).toBe("");
});

test("a reader that does not read is not waited for when the run is to end", async () => {
  using folder = makeFolder({});
  const stdout = fakeStream({ write: () => false });
  const script =
    "trap 'exit 9' TERM; echo started >status; yes | head -c 1000000; while :; do sleep 0.05; done";
  const { told, done } = execution(folder, [{ argv: shell(script) }], {
    engine: { removeContainer: () => shell(":") },
    stdout,
  });
  while (!told.includes("started")) await Bun.sleep(5);
  process.emit("SIGTERM");
  expect(await done).toMatchObject({ stopped: "SIGTERM" });
});

test("a stopped reading of an image ends the run, and a signal after it reaches the next step only", async () => {
  using folder = makeFolder({});
  const steps = [
    { name: "users" as const, argv: shell("touch begun; exec sleep 600"), reads: { ...reads, anew: true } },
    { argv: shell("touch never") },
  ];
  const { done } = execution(folder, steps);
  while (folder.glob("begun").length === 0) await Bun.sleep(5);
  process.emit("SIGTERM");
  expect(await done).toMatchObject({ stopped: "SIGTERM", step: "users", started: false });
  expect(folder.glob("never")).toEqual([]);
});

test("at a terminal the run has its size, what it prints is masked, and what is typed reaches it", async () => {
  using folder = makeFolder({});
  const stdout = fakeStream({ rows: 5, columns: 60 });
  const raw: boolean[] = [];
  const stdin = Object.assign(fakeHost().stdin, { setRawMode: (on: boolean) => void raw.push(on) });
  const environment = [{ name: "CARRIER", value: "s3cret", from: { variable: "TOKEN" } }];
  const script = 'echo started >status; stty size; echo "<$CARRIER>"; head -c 3 >typed; exit 4';
  const { done } = execution(folder, [{ argv: shell(script), environment }], {
    attendance: { terminal: { interactive: true, isTerminal: true } },
    stdout,
    stdin,
  });
  while (!stdout.text().includes(">")) await Bun.sleep(5);
  stdin.emit("data", Buffer.from("abc"));
  const { tail, ...ended } = await done;
  expect(ended).toMatchObject({ exitCode: 4, started: true });
  // A program may print before its terminal is told to leave line feeds alone.
  expect([tail, stdout.text()].map((text) => text.replaceAll("\r", ""))).toEqual([
    ...["5 60\n<***>\n", "5 60\n<***>\n"],
  ]);
  expect(folder.read("typed")).toBe("abc");
  expect(raw).toEqual([true, false]);
  expect([stdin.listenerCount("data"), stdout.listenerCount("resize")]).toEqual([0, 0]);
});

test("a signal at a terminal reaches the action", async () => {
  using folder = makeFolder({});
  const script = "trap 'echo got it; exit 9' TERM; echo started >status; while :; do sleep 0.05; done";
  const { told, stdout, done } = execution(folder, [{ argv: shell(script) }], {
    engine: { removeContainer: () => shell(":") },
    attendance: { terminal: { interactive: false, isTerminal: true } },
  });
  while (!told.includes("started")) await Bun.sleep(5);
  process.emit("SIGTERM");
  expect(await done).toMatchObject({ exitCode: 9, stopped: "SIGTERM" });
  expect(stdout.text().replaceAll("\r", "")).toEndWith("got it\n");
  expect(told.at(-1)).toBe("got SIGTERM: waiting for the action to end; it is killed after 10 s");
});

test.each([
  ["that had started", 1, "echo started >status; "],
  ["that was only just being made", 5, ""],
])("a container %s is removed in as many attempts as it may take: %i", async (_, attempts, first) => {
  using folder = makeFolder({});
  const { done } = execution(folder, [{ argv: shell(`${first}touch begun; exec sleep 600`) }], {
    engine: { removeContainer: () => shell("echo x >>removals; echo 'No such container' >&2; exit 1") },
  });
  while (folder.glob("begun").length === 0) await Bun.sleep(5);
  process.emit("SIGTERM");
  await done;
  expect(folder.read("removals")).toBe("x\n".repeat(attempts));
});
