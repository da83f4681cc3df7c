import { expect, test } from "bun:test";
import { join } from "node:path";
import {
  type Entrypoint,
  entrypointOf,
  itemOfLine,
  launcherOf,
  markOf,
  scriptOf,
  secretEnvName,
} from "../../../src/plan/entrypoint.ts";
import type { Terminal } from "../../../src/plan/terminal.ts";
import { resolveAction, resolveBlock } from "../../../src/workspace/blocks/resolveBlock.ts";
import { makeFolder } from "../../support/harness.ts";
import { planOf, workspaceOf } from "../../support/planning.ts";

function actionOf(settings: string) {
  const text = `name: test\nblocks:\n  - name: b\n    actions:\n      - {name: act, ${settings}}\n`;
  return resolveAction(resolveBlock(workspaceOf({ "workspace.poly": text }), "b"), "act");
}

test.each([
  ["script: [one, two]", "one\ntwo\n"],
  ['script: ["one\\n", "two\\nthree"]', "one\ntwo\nthree\n"],
  ["script: one", "one\n"],
  [
    'playbook: "my site.yml"',
    '. /run/polycrate/ansible-callbacks.sh\ntrap : HUP TERM\nansible-playbook --extra-vars "@$POLYCRATE_SNAPSHOT_FILE" \'my site.yml\' "$@"\n',
  ],
])("an action with %s runs %j", (settings, script) => {
  expect(scriptOf(actionOf(settings))).toBe(script);
});

test("a line of the script is found in the item that has it", () => {
  const { script: items } = actionOf('script: ["a\\nb\\n", c, "d\\ne"]').settings;
  expect([0, 1, 2, 3, 4, 5, 6].map((line) => itemOfLine(items ?? [], line))).toEqual([
    undefined,
    { item: 1, line: 1 },
    { item: 1, line: 2 },
    { item: 2, line: 1 },
    { item: 3, line: 1 },
    { item: 3, line: 2 },
    undefined,
  ]);
  expect(itemOfLine([], 1)).toBe(undefined);
});

/** The entrypoint of a container with nothing special. */
function entrypoint(
  terminal: Terminal,
  hostTargets: readonly string[] = ["/workspace", "/my data/"],
): Entrypoint {
  return entrypointOf(
    { shell: "/bin/sh", environment: [], sshConfig: undefined, hostTargets },
    terminal,
    "/run/script",
  );
}

test.each([
  ["no terminal", { interactive: false, size: undefined }, []],
  ["only input", { interactive: true, size: undefined }, []],
  [
    "a terminal to print to",
    { interactive: false, size: { rows: 5, columns: 6 } },
    ["stty rows 5 cols 6 2>/dev/null <&1 || :", "exec </dev/null"],
  ],
  [
    "a terminal to type at",
    { interactive: true, size: { rows: 5, columns: 6 } },
    ["stty rows 5 cols 6 2>/dev/null <&1 || :"],
  ],
])("with %s the entrypoint sets up %j", (_, terminal, expected) => {
  const lines = entrypoint(terminal).prepare.split("\n");
  expect(lines.filter((line) => /^stty|^exec </.test(line))).toEqual([...expected]);
});

test("git's file of settings is not written where the host would keep it", () => {
  expect(entrypoint({ interactive: false, size: undefined }).prepare).toContain(
    "\n  /workspace/* | '/my data'/*) ;;\n",
  );
});

/** What the launcher of a run does with these first lines of the run's files. */
function launch(lines: Readonly<Record<string, string>>, user = "image") {
  const workspace = workspaceOf({
    "workspace.poly": `name: test\nconfig: {container: {user: ${user}}}\nblocks: [{name: b, actions: [{name: act, script: [x]}]}]\n`,
  });
  const { container } = planOf(workspace, { block: "b", action: "act" });
  const mark = markOf(container.transaction);
  using folder = makeFolder({
    entrypoint: `${mark}\necho launched "\${__polycrate_line-none}" "$*"\n`,
    status: `${mark}\n`,
    snapshot: `${mark}\n`,
    passwd: "anna:x:1000:1000::/home/anna:/bin/sh\nroot\n",
    group: "anna:x:1000:\n",
    ...lines,
  });
  const at = (name: string) => join(folder.path, name);
  const text = launcherOf(container)
    .replaceAll("/run/polycrate/entrypoint", at("entrypoint"))
    .replaceAll("/run/polycrate-status/status", at("status"))
    .replaceAll("/workspace/.snapshot.yml", at("snapshot"))
    .replaceAll("/etc/passwd", at("passwd"))
    .replaceAll("/etc/group", at("group"));
  const { stdout, stderr, exitCode } = Bun.spawnSync(["sh", "-c", text, "entrypoint", "an argument"]);
  return [stdout.toString(), stderr.toString().replaceAll(`${folder.path}/`, ""), exitCode];
}

test("the launcher goes on when what was mounted begins as what was written", () => {
  expect(launch({})).toEqual(["launched none an argument\n", "", 0]);
  expect(launch({}, "host")).toEqual(["launched none an argument\n", "", 0]);
});

test.each(["entrypoint", "status", "snapshot"])(
  "it ends when another file is in the place of the %s: 73",
  (name) => {
    expect(launch({ [name]: "root:x:0:0\n" })).toEqual([
      "",
      `polycrate: ${name} is not the file of this run\n`,
      73,
    ]);
    expect(launch({ [name]: "" })).toEqual(["", `polycrate: ${name} is not the file of this run\n`, 73]);
  },
);

test.each(["passwd", "group"])("it ends when another file is in the place of the %s: 73", (name) => {
  expect(launch({ [name]: "root:x:0:0\n" })).toEqual(["launched none an argument\n", "", 0]);
  expect(launch({ [name]: "root:x:0:0\n" }, "host")).toEqual([
    ...["", `polycrate: ${name} is not the file of this run\n`, 73],
  ]);
});

test("a secret travels under a name that means nothing to a program", () => {
  expect(secretEnvName("LD_PRELOAD")).toBe("POLYCRATE_ENV_LD_PRELOAD");
});
