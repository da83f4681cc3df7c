import { expect, test } from "bun:test";
import { thisOwner, writeOwner } from "../../../src/host/owner.ts";
import { tryLock } from "../../../src/host/tryLock.ts";
import type { WarmSlot, WarmStep } from "../../../src/plan/plan.ts";
import { type Changes, container, execution, plannedFile } from "../../support/execution.ts";
import { shell } from "../../support/fakes.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

// A container is the file `running`, with the reference of its image; making one is noted in `made`.

const image = { reference: "image", build: undefined };

const files = [
  plannedFile("snapshot.yml", { content: "values\n", mode: 0o444 }),
  plannedFile("files/script", { content: "echo\n", mode: 0o444 }),
  plannedFile("status/status", { content: "# mark of a run, as long\n", mode: 0o666 }),
];

/** A command that begins, does this, and leaves nothing. */
function entering(work = ":", code = 0): string {
  return `read go; [ "$go" = go ] || exit 125; status=$SLOT/status/status; echo started 1<>"$status"; ${work}; echo "swept ${code}" >>"$status"; exit ${code}`;
}

function slotOf(
  folder: Folder,
  name: string,
  { exec = entering(), keep = ":", timeout }: { exec?: string; keep?: string; timeout?: number },
): WarmSlot {
  const path = `.polycrate/run-warm/${name}`;
  const at = `SLOT='${folder.path}/${path}'; cd '${folder.path}'`;
  const { kind: _, ...cold } = container(folder, "", { timeout });
  return {
    folder: { root: folder.path, path },
    keep: {
      ...{ kind: "keep", argv: shell(`${at}; ${keep} && echo image >running && echo ${name} >>made`), image },
      ...{ container: name, shell: "/bin/sh", find: shell(`${at}; cat running 2>/dev/null`) },
      ...{ remove: shell(`${at}; rm -f running`), files: [] },
    },
    exec: {
      ...{ ...cold, kind: "exec", argv: shell(`${at}; ${exec}`), container: name },
      status: `${folder.path}/${path}/status/status`,
    },
  };
}

type Commands = Parameters<typeof slotOf>[2];

function warm(folder: Folder, commands: Commands = {}): WarmStep {
  const slots = ["one", "two"].map((name) => slotOf(folder, name, commands));
  const slotOfScript = slotOf(folder, "script", commands);
  const cold = container(folder, `cd '${folder.path}'; echo ran >>cold; echo started >status`);
  return { kind: "warm", image, slots, slotOfScript, before: [], cold };
}

function run(folder: Folder, commands: Commands = {}, changes: Changes = {}) {
  const runDirectory = { root: folder.path, path: ".polycrate/run/1" };
  const engine = {
    inspectImage: () => shell("echo asked >>inspected; echo 'sha256:7 []'"),
    ...changes.engine,
  };
  return execution(folder, [warm(folder, commands)], { ...changes, engine, plan: { files, runDirectory } });
}

test("the first run starts the container, the next ones find it", async () => {
  using folder = makeFolder({});
  for (let count = 0; count < 2; count += 1) {
    const { done, told } = run(folder, {
      exec: entering('cat "$SLOT/files/script" "$SLOT/snapshot.yml"', 7),
    });
    expect(await done).toMatchObject({ exitCode: 7, started: true, step: { kind: "exec" } });
    expect(told()).toEqual(expect.arrayContaining(["image sha256:7", "warm"]));
  }
  expect([folder.read("made"), folder.read("inspected")]).toEqual(["one\n", "asked\n"]);
  expect(folder.glob("cold")).toEqual([]);
});

test("a run finds its own files, and leaves none", async () => {
  using folder = makeFolder({});
  const { done, stdout } = run(folder, { exec: entering('ls "$SLOT/files"; cat "$SLOT/snapshot.yml"') });
  await done;
  expect(stdout()).toBe("script\nvalues\n");
  const slot = ".polycrate/run-warm/one";
  expect(folder.glob(`${slot}/**`)).toEqual([`${slot}/image`, `${slot}/snapshot.yml`]);
  expect(folder.read(`${slot}/snapshot.yml`)).toBe("");
  expect(folder.glob(".polycrate/run-warm/*.lock*")).toEqual([]);
});

test("what an action has made of its status is no trap for the next run", async () => {
  using folder = makeFolder({ outside: "kept" });
  const odd =
    'rm "$status"; ln -s ../../../../outside "$status"; mkfifo "$SLOT/status/fifo"; mkdir -p "$SLOT/status/a/b"; exit 0';
  await run(folder, { exec: entering(odd) }).done;
  expect(await run(folder).done).toMatchObject({ exitCode: 0, started: true });
  expect(folder.read("outside")).toBe("kept");
});

test("a container in which processes may be left is removed", async () => {
  using folder = makeFolder({});
  await run(folder, { exec: entering("exit 3") }).done;
  expect(folder.glob("running")).toEqual([]);
});

test("a command whose folder cannot be emptied afterwards is not run again", async () => {
  using folder = makeFolder({});
  const { done } = run(folder, {
    exec: entering('echo once >>ran; mv "$SLOT/snapshot.yml" "$SLOT/files/x"'),
  });
  expect(await done).toMatchObject({ exitCode: 0, step: { kind: "exec" } });
  expect([folder.read("ran"), folder.glob("cold"), folder.glob("running")]).toEqual(["once\n", [], []]);
});

test("what an action prints that replaced its status by a pipe is passed on while it runs", async () => {
  using folder = makeFolder({});
  const piped = run(
    folder,
    { exec: entering('rm "$status"; mkfifo "$status"; echo ready; read line; exit 4') },
    {
      reader: ({ type }) => {
        if (type === "output") piped.signal("SIGTERM");
        return undefined;
      },
    },
  );
  expect(await piped.done).toMatchObject({ stopped: "SIGTERM" });
  expect(piped.stdout()).toBe("ready\n");
});

test("an action that removes its status is not run again", async () => {
  using folder = makeFolder({});
  const { done } = run(folder, { exec: entering('echo once >>ran; rm "$status"; exit 3') });
  expect(await done).toMatchObject({ exitCode: 3, started: false });
  expect([folder.read("ran"), folder.glob("cold")]).toEqual(["once\n", []]);
});

test("a container of another image is replaced", async () => {
  using folder = makeFolder({ running: "sha256:7\n" });
  await run(folder).done;
  expect([folder.read("running"), folder.read("made")]).toEqual(["image\n", "one\n"]);
});

test("a container that ends before the command begins is started once more, then the run is cold", async () => {
  using folder = makeFolder({});
  await run(folder).done;
  const { done, told, stderr } = run(folder, { exec: "echo 'no such container' >&2; exit 125" });
  expect(await done).toMatchObject({ exitCode: 0, started: true, step: { kind: "run" } });
  expect([folder.read("made"), folder.read("cold")]).toEqual(["one\none\n", "ran\n"]);
  expect([told().includes("warm"), stderr()]).toEqual([false, ""]);
});

test("a container whose folder was removed is replaced", async () => {
  using folder = makeFolder({ running: "image\n" });
  expect(await run(folder).done).toMatchObject({ exitCode: 0, step: { kind: "exec" } });
  expect(folder.read("made")).toBe("one\n");
});

test("a run is cold if the engine starts no container to keep", async () => {
  using folder = makeFolder({});
  expect(await run(folder, { keep: "false" }).done).toMatchObject({ exitCode: 0, step: { kind: "run" } });
  expect(folder.read("cold")).toBe("ran\n");
});

test("a slot that is taken is left to its run; without a free one a run is cold", async () => {
  using folder = makeFolder({});
  const [first, second] = ["one", "two"].map((name) =>
    tryLock(folder.path, `.polycrate/run-warm/${name}.lock`, ""),
  );
  await run(folder).done;
  expect([folder.glob("made"), folder.read("cold")]).toEqual([[], "ran\n"]);
  second?.release();
  await run(folder).done;
  expect(folder.read("made")).toBe("two\n");
  first?.release();
});

test("the container of a run whose polycrate died is replaced", async () => {
  using folder = makeFolder({
    running: "image\n",
    ".polycrate/run-warm/one.lock": `${writeOwner({ ...thisOwner(), start: "00000000-1" })}\n\n`,
  });
  await run(folder).done;
  expect(folder.read("made")).toBe("one\n");
});

test.each([
  ["SIGTERM", "15"],
  ["SIGINT", "2"],
] as const)("%s goes to the command as a line of its input", async (signal, line) => {
  using folder = makeFolder({});
  const started = run(
    folder,
    { exec: entering('read line; echo "got $line"', 9) },
    {
      reader: ({ type }) => {
        if (type === "started") started.signal(signal);
        return undefined;
      },
    },
  );
  expect(await started.done).toMatchObject({ exitCode: 9, stopped: signal });
  expect(started.stdout()).toBe(`got ${line}\n`);
  expect(folder.glob("running")).toEqual(["running"]);
});

test.each(["first", "second"])("the %s run in a container times out", async (which) => {
  using folder = makeFolder({});
  if (which === "second") await run(folder).done;
  const { done, stdout } = run(folder, { exec: entering('read line; echo "got $line"'), timeout: 0.2 });
  expect(await done).toMatchObject({ stopped: "timeout", started: true });
  expect(stdout()).toBe("got 15\n");
});

test("a second signal kills the command, whose container is then not used again", async () => {
  using folder = makeFolder({});
  const started = run(
    folder,
    { exec: entering("read one; echo told; read two; echo $two; kill -9 $$") },
    {
      reader: (event) => {
        const isTold = event.type === "output" && event.bytes.includes("told");
        if (event.type === "started" || isTold) started.signal("SIGTERM");
        return undefined;
      },
    },
  );
  expect(await started.done).toMatchObject({ exitCode: 137, stopped: "SIGTERM" });
  expect(started.stdout()).toBe("told\nKILL\n");
  expect(folder.glob("running")).toEqual([]);
});
