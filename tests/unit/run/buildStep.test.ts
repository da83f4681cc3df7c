import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { build, buildContext, container, execution } from "../../support/execution.ts";
import { contextOf, shell } from "../../support/fakes.ts";
import { makeFolder } from "../../support/harness.ts";

const engine = { inspectImage: () => shell("echo '[null,null]'") };
const dockerfile = { "Dockerfile.poly": "FROM a\n" };

/** The events, without those of commands. */
const news = (told: readonly string[]) => told.filter((line) => !line.startsWith("command"));

test("an image that exists is not built; its id is told, and it gets its name in passing", async () => {
  using folder = makeFolder({});
  const { told, done } = execution(folder, [build("echo 'sha256:7 [other]'")]);
  expect(await done).toMatchObject({ exitCode: 0, step: { kind: "build" } });
  expect(news(told())).toEqual(["image sha256:7"]);
  expect(folder.glob("*")).toEqual(["renamed"]);
});

test("an image that has its name keeps it; one that cannot be renamed fails nothing", async () => {
  using folder = makeFolder({});
  await execution(folder, [build("echo 'sha256:7 [other latest]'")]).done;
  expect(folder.glob("*")).toEqual([]);
  const rename = { name: "x", argv: ["polycrate-no-such-program"] };
  const step = build(undefined, "", { unless: { argv: shell("echo sha256:7"), rename } });
  expect(await execution(folder, [step]).done).toMatchObject({ exitCode: 0 });
});

test("an image that is missing is built from its context, and what was built is remembered", async () => {
  using folder = makeFolder(dockerfile);
  const { told, stdout, done } = execution(folder, [build("exit 1")], { engine });
  expect(await done).toMatchObject({ exitCode: 0, step: { kind: "build" }, started: false });
  expect(news(told())).toEqual(["building: this workspace has no image yet", "built"]);
  expect(stdout()).toBe("built\n");
  expect(folder.read("sent")).toContain("Dockerfile.poly");
  const again = execution(folder, [build("exit 1")], { engine });
  await again.done;
  expect(news(again.told())[0]).toBe("building: the engine does not have the image");
  const asked = execution(folder, [build(undefined)], { engine });
  await asked.done;
  expect(news(asked.told())[0]).toBe("building: because of `--build`");
  expect(folder.glob(".polycrate/locks/*")).toEqual([]);
});

test("a build that fails is reported, not remembered, and nothing runs after it", async () => {
  using folder = makeFolder(dockerfile);
  const steps = [build("exit 1", "cat >sent; echo broken >&2; exit 3"), container(folder, "touch ran")];
  const { told, done } = execution(folder, steps, { engine });
  expect(await done).toMatchObject({ exitCode: 3, step: { kind: "build" }, tail: "\nbroken\n" });
  expect(told().at(-1)).toBe("not built");
  expect(folder.glob("*")).toEqual(["Dockerfile.poly", "sent"]);
  expect(folder.glob(".polycrate/cache/built.json")).toEqual([]);
});

test("a build that is stopped has not failed", async () => {
  using folder = makeFolder(dockerfile);
  const text = "cat >sent; echo one; touch begun; exec sleep 600";
  const { told, signal, done } = execution(folder, [build(undefined, text)], { engine });
  while (folder.glob("begun").length === 0) await Bun.sleep(5);
  signal("SIGTERM");
  expect(await done).toMatchObject({ stopped: "SIGTERM", step: { kind: "build" } });
  expect(told().at(-1)).toBe("built");
});

test("a build waits for another process that builds the same image, and is left out when that has built it", async () => {
  using folder = makeFolder({});
  const lock = `.polycrate/locks/build-${buildContext.hash.slice(0, 32)}`;
  folder.write(lock, "else/1/x");
  const { told, until, done } = execution(folder, [build("[ -e built ] && echo sha256:7")], { engine });
  await until("waiting");
  folder.write("built", "");
  await Bun.spawn(["rm", join(folder.path, lock)]).exited;
  expect(await done).toMatchObject({ exitCode: 0 });
  expect(news(told())[0]).toStartWith(
    "waiting for another process that builds the same image (pid 1 on else)\nhint: ",
  );
  expect(news(told()).at(-1)).toBe("image sha256:7");
  expect(folder.glob("sent")).toEqual([]);
});

test("a base image that moved and copies what the context does not have ends it: 65", async () => {
  using folder = makeFolder(dockerfile);
  const moved = { inspectImage: () => shell(`echo '[["COPY . /"],null]'`) };
  await expect(execution(folder, [build("exit 1")], { engine: moved }).done).rejects.toMatchObject({
    message: "Dockerfile.poly:1: the base image has changed: `a` copies from the context by ONBUILD",
    exitCode: 65,
  });
  expect(folder.glob(".polycrate/locks/*")).toEqual([]);
  const context = contextOf("FROM a\n", { wholeContextReason: { line: 1, reason: "x" } });
  const whole = build("exit 1", "cat >sent", { context });
  expect(await execution(folder, [whole], { engine: moved }).done).toMatchObject({ exitCode: 0 });
});

test("a base image that is known already is asked for again: its tag may have moved", async () => {
  const known = '{"a":{"copies":false,"variables":[]}}';
  using folder = makeFolder({ ...dockerfile, ".polycrate/cache/bases.json": known });
  const moved = { inspectImage: () => shell(`echo '[["COPY . /"],null]'`) };
  await expect(execution(folder, [build("exit 1")], { engine: moved }).done).rejects.toMatchObject({
    exitCode: 65,
  });
});

test("a context that is sent as a folder is staged, and the command is started in it", async () => {
  using folder = makeFolder(dockerfile);
  const context = { ...buildContext, sentAs: "folder" } as const;
  const { stdout, done } = execution(folder, [build(undefined, "pwd; ls", { context })], { engine });
  await done;
  const [directory = "", ...names] = stdout().split("\n");
  expect(directory).not.toBe(folder.path);
  expect(names).toEqual(["Dockerfile.poly", ""]);
  expect(existsSync(directory)).toBe(false);
});

test("the toolchain's build takes no lock and remembers nothing", async () => {
  using folder = makeFolder(dockerfile);
  const { told, done } = execution(folder, [build(undefined, "cat >sent; exit 3", { isOfWorkspace: false })]);
  expect(await done).toMatchObject({ exitCode: 3 });
  expect(news(told())).toEqual(["not built"]);
  expect(folder.glob(".polycrate/**/*")).toEqual([]);
});
