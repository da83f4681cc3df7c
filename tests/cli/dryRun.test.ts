import { expect, test } from "bun:test";
import { busybox, call, makeFolder, workspaceWith } from "../support/harness.ts";

test("a dry run touches nothing and asks no engine", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: show, script: echo hi}"),
    "Dockerfile.poly": `FROM ${busybox}\nCOPY file /file\n`,
    file: "content",
  });
  const before = folder.glob("**");
  const env = { DOCKER_HOST: "tcp://127.0.0.1:1", PATH: "/nowhere" };
  expect((await folder.run(["run", "b", "show", "--dry-run"], { env })).exitCode).toBe(0);
  expect((await folder.run(["build", "--dry-run"], { env })).exitCode).toBe(0);
  expect((await folder.run(["shell", "--dry-run"], { env })).exitCode).toBe(0);
  expect(folder.glob("**")).toEqual(before);
});

test("a script that is pasted after a copied file has changed builds nothing", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: show, script: cat /file}"),
    "Dockerfile.poly": `FROM ${busybox}\nCOPY file /file\n`,
    file: `content ${Math.random()}\n`,
  });
  const dry = await folder.run(["build", "--dry-run"]);
  folder.write("file", "something else\n");
  const { stderr, exitCode } = await call(["sh"], { directory: "/", input: dry.stdout });
  expect(stderr).toBe(
    "error: file has changed since this script was printed\nhint: print the script again\n",
  );
  expect(exitCode).toBe(1);
});

test("the container of a printed script has no owner that could be found dead", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith("- {name: show, script: echo hi}") });
  const { stdout } = await folder.run(["run", "b", "show", "--dry-run"]);
  expect(stdout).toContain("--label=polycrate.transaction=");
  expect(stdout).not.toContain("polycrate.owner");
});
