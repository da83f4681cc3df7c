import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { containersOf } from "../support/docker.ts";
import { makeFolder, workspaceWith } from "../support/harness.ts";

const good = workspaceWith("- {name: greet, script: echo hi}");

test.each([
  [".snapshot.yml", "file"],
  [".logs", "folder"],
  [".logs/2026", "folder"],
  [".polycrate", "folder"],
  ["artifacts", "folder"],
])("a link in the place of %s is refused with 73, and nothing is written through it", async (path, what) => {
  using folder = makeFolder({ "workspace.poly": good });
  using outside = makeFolder({});
  const year = String(new Date().getUTCFullYear());
  const link = path.replace("2026", year);
  mkdirSync(join(folder.path, link, ".."), { recursive: true });
  symlinkSync(outside.path, join(folder.path, link));
  const { stderr, exitCode } = await folder.run(["run", "b", "greet"]);
  expect(stderr).toContain(
    `error: \`${folder.path}/${link}\` is not a ${what}\nhint: polycrate does not follow links here; move or remove it\n`,
  );
  expect(exitCode).toBe(73);
  expect(outside.glob("**")).toEqual([]);
  expect(await containersOf(folder)).toEqual([]);
});

test("an engine that is down: 69", async () => {
  using folder = makeFolder({ "workspace.poly": good });
  const { stderr, exitCode } = await folder.run(["run", "b", "greet"], {
    env: { DOCKER_HOST: "unix:///nowhere.sock" },
  });
  expect(stderr).toContain(
    "error: b greet: cannot connect to the docker engine\nhint: start it (`systemctl start docker`, Docker Desktop), or check `docker context ls` and `DOCKER_HOST`\n",
  );
  expect(exitCode).toBe(69);
});

test("an image that nobody has: 125", async () => {
  using folder = makeFolder({ "workspace.poly": good });
  const { stderr, exitCode } = await folder.run([
    "run",
    "b",
    "greet",
    "--image",
    "127.0.0.1:1/polycrate/none:1",
    "--pull=never",
  ]);
  expect(stderr).toContain(
    "error: b greet: image `127.0.0.1:1/polycrate/none:1` was not found locally and could not be pulled\nhint: correct `config.container.image`",
  );
  expect(exitCode).toBe(125);
});

test("an image without the shell: 125, and the setting to change", async () => {
  using folder = makeFolder({ "workspace.poly": good });
  const { stderr, exitCode } = await folder.run(["run", "b", "greet", "--image", "polycrate-test:noshell"]);
  expect(stderr).toContain(
    "error: b greet: the image `polycrate-test:noshell` has no `/bin/bash`\nhint: set `config.container.shell` to a shell that it has, such as `/bin/sh`\n",
  );
  expect(exitCode).toBe(125);
  expect(await containersOf(folder)).toEqual([]);
});

test.each([125, 126, 127])("the action's own exit code %d is not taken for docker's", async (code) => {
  using folder = makeFolder({ "workspace.poly": workspaceWith(`- {name: odd, script: exit ${code}}`) });
  const { stderr, exitCode } = await folder.run(["run", "b", "odd"]);
  expect(stderr).toContain(`error: b odd failed with exit code ${code} (item 1, line 1)`);
  expect(exitCode).toBe(code);
});
