import { expect, test } from "bun:test";
import { existsSync, symlinkSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { build, container, execution, planIn, plannedFile } from "../../support/execution.ts";
import { makeFolder } from "../../support/harness.ts";

test("files are written before the steps, and the run's own folder is gone afterwards", async () => {
  using folder = makeFolder({ kept: "old" });
  const modes = "stat -c '%a %n' run run/1 run/1/owner run/1/a run/1/a/script new logs; cat run/1/owner";
  const { stdout, done } = execution(folder, [container(folder, modes)], {
    plan: {
      runDirectory: { root: folder.path, path: "run/1" },
      folders: ["logs"],
      files: [
        plannedFile("kept", { content: "new", lifetime: "stays" }),
        plannedFile("new", { content: "new", lifetime: "stays", mode: 0o640 }),
        plannedFile("a/script", { content: "x", mode: 0o444 }),
        plannedFile("top", { mode: 0o666 }),
      ],
    },
  });
  expect(await done).toMatchObject({
    exitCode: 0,
    step: { kind: "run" },
    started: false,
    stopped: undefined,
  });
  const lines = stdout().split("\n");
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
  const step = { ...container(folder, ""), argv: ["polycrate-no-such-program"] };
  const { done } = execution(folder, [step], {
    plan: { runDirectory: { root: folder.path, path: "run/1" }, files: [plannedFile("x")] },
  });
  await expect(done).rejects.toMatchObject({ exitCode: 69 });
  expect(existsSync(join(folder.path, "run/1"))).toBe(false);
});

test("a run's folder that cannot be removed is warned of, and does not take the place of the result", async () => {
  using folder = makeFolder({ "out/x": "" });
  const { told, done } = execution(folder, [container(folder, "mv run moved; ln -s out run; exit 7")], {
    plan: { runDirectory: { root: folder.path, path: "run/1" } },
  });
  expect(await done).toMatchObject({ exitCode: 7 });
  expect(told().at(-1)).toBe(
    `warning: \`${folder.path}/run\` is not a folder\nhint: \`polycrate prune\` removes it later`,
  );
});

test("the first step that fails is the last", async () => {
  using folder = makeFolder({});
  const steps = ["echo one", "echo two; exit 7", "echo three"].map((text) => container(folder, text));
  const { stdout, done } = execution(folder, steps);
  expect(await done).toMatchObject({ exitCode: 7, step: steps[1] });
  expect(stdout()).toBe("one\ntwo\n");
});

test("a plan without steps does nothing, and succeeds", async () => {
  using folder = makeFolder({});
  const { told, done } = execution(folder, []);
  expect(await done).toEqual({
    ...{ exitCode: 0, step: undefined, started: false, failedLine: undefined, tail: "", stopped: undefined },
  });
  expect(told()).toEqual([]);
});

test("a run that is stopped while the engine is asked for the image runs nothing", async () => {
  using folder = makeFolder({});
  const steps = [build("touch asked; exec sleep 600"), container(folder, "touch never")];
  const { done, signal } = execution(folder, steps);
  while (folder.glob("asked").length === 0) await Bun.sleep(5);
  signal("SIGINT");
  expect(await done).toMatchObject({ stopped: "SIGINT", started: false, exitCode: 0, step: undefined });
  expect(folder.glob("*")).toEqual(["asked"]);
});

test("a link in the place of a file that stays is refused: 73", async () => {
  using folder = makeFolder({ "out/x": "" });
  symlinkSync("out/x", join(folder.path, "link"));
  const plan = { files: [plannedFile("link", { lifetime: "stays" })] };
  await expect(execution(folder, [], { plan }).done).rejects.toMatchObject({ exitCode: 73 });
});

test("an engine that does not see memory files gets them from the workspace, with a warning", async () => {
  using folder = makeFolder({});
  const refuse = `echo 'docker: bind source path does not exist: ${folder.path}/memory/x' >&2; exit 125`;
  const runDirectory = { root: join(folder.path, "memory"), path: "1" };
  folder.write("memory/kept", "");
  const again = planIn(folder, [container(folder, "echo again")], {
    plan: { runDirectory: { root: folder.path, path: "2" } },
  });
  const first = execution(folder, [container(folder, refuse)], {
    plan: { runDirectory, inWorkspace: () => again },
  });
  expect((await first.done).exitCode).toBe(0);
  expect(first.told().filter((text) => text.startsWith("warning"))[0]).toStartWith(
    `warning: the engine does not see \`${runDirectory.root}\`: the secrets of this run are in files in the workspace`,
  );
});

test("any other error of the engine is no reason to run again", async () => {
  using folder = makeFolder({ memory: "" });
  const runDirectory = { root: folder.path, path: "1" };
  const inWorkspace = () => {
    throw new Error("planned again");
  };
  for (const text of ["bind source path does not exist: /elsewhere/x", "no space left"]) {
    const { done } = execution(folder, [container(folder, `echo '${text}' >&2; exit 125`)], {
      plan: { runDirectory, inWorkspace },
    });
    expect((await done).exitCode).toBe(125);
  }
});
