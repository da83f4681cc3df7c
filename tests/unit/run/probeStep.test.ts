import { expect, test } from "bun:test";
import { container, execution, probe } from "../../support/execution.ts";
import { shell } from "../../support/fakes.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

/** Reads the users of an image, which prints this; returns what the next step finds. */
async function readUsers(
  folder: Folder,
  changes: Parameters<typeof probe>[1] = {},
  text = "printf 'passwd:root\\ngroup:wheel\\n'",
) {
  const steps = [
    probe(text, changes),
    container(folder, "cat run/1/passwd run/1/group; stat -c %a run/1/passwd"),
  ];
  const { stdout, done } = execution(folder, steps, {
    plan: { runDirectory: { root: folder.path, path: "run/1" } },
  });
  return { ...(await done), printed: stdout() };
}

test("an image's users are read once, and come after the user's own", async () => {
  using folder = makeFolder({});
  expect(await readUsers(folder)).toMatchObject({ exitCode: 0, printed: "anna\nroot\nwheel\n644\n" });
  expect(folder.read(".polycrate/cache/users/7")).toBe("passwd:root\ngroup:wheel\n");
  expect(await readUsers(folder, {}, "exit 1")).toMatchObject({ printed: "anna\nroot\nwheel\n644\n" });
  expect(await readUsers(folder, { refresh: true }, "echo passwd:new")).toMatchObject({
    printed: "anna\nnew\n644\n",
  });
});

test("an image that cannot be read ends the run before the container", async () => {
  using folder = makeFolder({});
  const failed = await readUsers(folder, { identify: shell("exit 1") }, "echo no >&2; exit 125");
  expect(failed).toMatchObject({
    ...{ exitCode: 125, step: { kind: "probe" }, started: false, tail: "no\n", printed: "" },
  });
  expect(await readUsers(folder, { identify: shell("exit 1") })).toMatchObject({
    printed: "anna\nroot\nwheel\n644\n",
  });
  expect(folder.glob(".polycrate/cache/users/*")).toEqual([]);
});

test("an image that prints without end is refused: 125, and its container removed", async () => {
  using folder = makeFolder({});
  const removeContainer = () => shell("touch removed; kill $(cat pid)");
  const { done } = execution(folder, [probe("echo $$ >pid; exec yes")], { engine: { removeContainer } });
  await expect(done).rejects.toMatchObject({
    message: "`/bin/sh` printed too much output while the image's users were read",
    exitCode: 125,
  });
  expect(folder.glob("removed")).toEqual(["removed"]);
});

test("a stopped probe ends the run", async () => {
  using folder = makeFolder({});
  const steps = [probe("touch begun; exec sleep 600", { refresh: true }), container(folder, "touch never")];
  const { signal, done } = execution(folder, steps);
  while (folder.glob("begun").length === 0) await Bun.sleep(5);
  signal("SIGTERM");
  expect(await done).toMatchObject({
    ...{ stopped: "SIGTERM", exitCode: 143, step: { kind: "probe" }, started: false },
  });
  expect(folder.glob("never")).toEqual([]);
});
