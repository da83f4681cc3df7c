import { expect, test } from "bun:test";
import { cpSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { executable, type Folder, makeFolder } from "../support/harness.ts";
import { openScreen } from "../support/screen.ts";

const text = `name: test
config:
  container:
    image: busybox
    docker_flags: ["--pid=host", "-v ./data:/x", "-v /etc:/y\\u0007"]
blocks:
  - name: b
    actions: [{name: a, script: [x]}, {name: c, prompt: {message: Sure?}, script: [x]}]
workflows:
  - name: ww
    steps: [{name: one, block: b, action: a}, {name: two, block: b, action: a}]
`;

/** No engine answers, so what is trusted ends with 69. */
const nowhere = { DOCKER_HOST: "unix:///nonexistent/docker.sock", POLYCRATE_TRUST: undefined };

/** A home of its own, in which answers are kept. */
function makeWorkspace() {
  const home = makeFolder({});
  const folder = makeFolder({ "workspace.poly": text, "data/x": "", "Dockerfile.poly": "FROM scratch\n" });
  const env = { ...nowhere, XDG_STATE_HOME: home.path };
  return {
    folder,
    env,
    run: async (
      words: readonly string[],
      more: Readonly<Record<string, string>> = {},
      at: Folder = folder,
    ) => {
      const { exitCode, stderr, stdout } = await at.run(words, { env: { ...env, ...more } });
      return { exitCode, stderr, stdout };
    },
    [Symbol.dispose]: () => {
      home[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

test("without a terminal everything that starts something ends with 77, its list and what to do; nothing else asks", async () => {
  using place = makeWorkspace();
  const { path } = place.folder;
  const { hash } = JSON.parse((await place.run(["trust", "--output=json"])).stdout);
  for (const words of [
    ["run", "b", "a"],
    ["run", "b", "c", "--yes"],
    ["run", "ww"],
    ["exec", "--", "true"],
    ["shell"],
    ["build"],
  ]) {
    const { exitCode, stderr } = await place.run(words);
    expect([words, exitCode]).toEqual([words, 77]);
    expect(stderr).toContain(`error: ${path} asks for access to this machine that you have not agreed to:
  --pid=host  (the host's processes)
  -v '/etc:/y'"$(printf '\\007')"  (files of the host: /etc)
hint: run \`polycrate trust\` once at a terminal, or set POLYCRATE_TRUST=${hash}
`);
  }
  expect(place.folder.glob(".logs/**")).toEqual([]);
  const asked = [
    ["list"],
    ["validate"],
    ["inspect", "b"],
    ["run", "b", "a", "--dry-run"],
    ["exec", "--dry-run", "--", "x"],
    ["build", "--dry-run"],
    ["trust", "--show"],
    ["snapshot", "b", "a"],
  ];
  for (const words of asked) expect([words, (await place.run(words)).exitCode]).toEqual([words, 0]);
});

test("the variable and CI answer, and a variable for another list does not", async () => {
  using place = makeWorkspace();
  const { hash } = JSON.parse((await place.run(["trust", "--output=json"])).stdout);
  const codeWith = async (more: Readonly<Record<string, string>>) =>
    (await place.run(["run", "b", "a"], more)).exitCode;
  expect(await codeWith({ POLYCRATE_TRUST: "1" })).toBe(69);
  expect(await codeWith({ POLYCRATE_TRUST: hash })).toBe(69);
  expect(await codeWith({ CI: "true" })).toBe(69);
  expect(await codeWith({ CI: "false" })).toBe(77);
  expect(await codeWith({ CI: "true", POLYCRATE_TRUST: "0".repeat(64) })).toBe(77);
  place.folder.write("workspace.poly", text.replace("--pid=host", "--privileged"));
  expect(await codeWith({ POLYCRATE_TRUST: hash })).toBe(77);
});

test("at a terminal a workspace is asked about once, before anything starts, and again when its list changes", async () => {
  using place = makeWorkspace();
  const { folder, env } = place;
  const at = (words: readonly string[]) =>
    openScreen([executable, ...words], { directory: folder.path, env, columns: 120 });
  {
    await using screen = at(["run", "b", "a", "--yes"]);
    expect(await screen.until("Trust this workspace with that?")).toContain(
      "--pid=host  (the host's processes)",
    );
    screen.type("\r");
    expect(await screen.exited).toBe(1);
  }
  expect((await place.run(["run", "b", "a"])).exitCode).toBe(77);
  {
    await using screen = at(["run", "ww"]);
    await screen.until("Trust this workspace with that?");
    screen.type("y");
    expect(await screen.exited).toBe(69);
  }
  expect((await place.run(["run", "ww"])).exitCode).toBe(69);
  folder.write("workspace.poly", text.replace("script: [x]", "script: [y]"));
  expect((await place.run(["exec", "--", "true"])).exitCode).toBe(69);
  folder.write("workspace.poly", text.replace("--pid=host", "--ipc=host"));
  expect((await place.run(["run", "b", "a"])).exitCode).toBe(77);
  folder.write("workspace.poly", text);
  expect((await place.run(["run", "b", "a"])).exitCode).toBe(69);
  renameSync(join(folder.path, "data"), join(folder.path, "old"));
  symlinkSync("/etc", join(folder.path, "data"));
  expect((await place.run(["run", "b", "a"])).exitCode).toBe(77);
});

test("`polycrate trust` asks, shows and revokes; a copy, a moved workspace and another user's answers do not count", async () => {
  using place = makeWorkspace();
  const { folder, env } = place;
  {
    await using screen = openScreen([executable, "trust"], { directory: folder.path, env });
    await screen.until("Trust this workspace with that?");
    screen.type("y");
    expect(await screen.exited).toBe(0);
  }
  const report = JSON.parse((await place.run(["trust", "--output=json"])).stdout);
  expect(report).toMatchObject({ workspace: folder.path, trusted: true });
  expect(report.access[1]).toEqual({
    written: `-v '/etc:/y'"$(printf '\\007')"`,
    gives: "files of the host",
    path: "/etc",
  });
  using copy = makeFolder({});
  cpSync(folder.path, copy.path, { recursive: true });
  expect((await place.run(["exec", "--", "true"], {}, copy)).exitCode).toBe(77);
  symlinkSync(folder.path, join(copy.path, "link"));
  expect((await place.run(["exec", "-w", "link", "--", "true"], {}, copy)).exitCode).toBe(69);
  expect((await place.run(["exec", "--", "true"], { XDG_STATE_HOME: copy.path })).exitCode).toBe(77);
  expect((await place.run(["doctor"])).stdout).toContain("you have agreed to `--pid=host` and 1 more thing");
  expect((await place.run(["trust", "--revoke"])).stdout).toBe("the answer was forgotten\n");
  expect((await place.run(["exec", "--", "true"])).exitCode).toBe(77);
  expect((await place.run(["doctor"])).stdout).toContain("and you have not agreed");
});
