import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { call, makeFolder, workspaceWith } from "../support/harness.ts";

const good = workspaceWith("- {name: greet, script: echo hi}");

/** Everything that is refused leaves no container, no run directory and no half-written record behind. */
async function expectRefusal(
  files: Readonly<Record<string, string>>,
  words: readonly string[],
  exitCode: number,
  message: string,
  env: Readonly<Record<string, string | undefined>> = {},
) {
  using folder = makeFolder(files);
  const result = await folder.run(words, { env });
  expect(result.stderr.replaceAll(folder.path, "WORKSPACE")).toBe(message);
  expect({ stdout: result.stdout, exitCode: result.exitCode }).toEqual({ stdout: "", exitCode });
  expect(folder.glob(".polycrate/run/**")).toEqual([]);
  expect(folder.records()).toEqual([]);
}

test.each([
  [
    "no workspace",
    {},
    ["run", "b", "greet"],
    64,
    "error: there is no `workspace.poly` in `WORKSPACE` or its parent folders\nhint: change to a workspace, name one with `--workspace DIR`, or create one with `polycrate init`\n",
  ],
  [
    "a named workspace that is none",
    {},
    ["list", "--workspace", "nowhere"],
    64,
    "error: there is no `workspace.poly` in `nowhere`\nhint: name the folder of a workspace, or create one with `polycrate init`\n",
  ],
  [
    "an unknown block",
    { "workspace.poly": good, "blocks/hello/block.poly": "name: hello" },
    ["run", "helo", "greet"],
    64,
    "error: there is no block `helo`\nhint: did you mean `hello`?\n",
  ],
  [
    "an unknown action",
    { "workspace.poly": good },
    ["run", "b", "gret"],
    64,
    "error: block `b` has no action `gret`\nhint: did you mean `greet`?\n",
  ],
  [
    "an unknown flag",
    { "workspace.poly": good },
    ["run", "b", "greet", "--dryrun"],
    64,
    "error: unknown flag `--dryrun` for `polycrate run`\nhint: did you mean `--dry-run`?\n",
  ],
  [
    "a flag without its value",
    { "workspace.poly": good },
    ["run", "b", "greet", "--image"],
    64,
    "error: `polycrate run`: flag `--image` requires a value\nhint: use `--image=VALUE`\n",
  ],
  [
    "one word too many",
    { "workspace.poly": good },
    ["run", "b", "greet", "more"],
    64,
    "error: unexpected argument `more` for `polycrate run`\nhint: pass arguments to the action after `--`; `polycrate run --help` shows its usage\n",
  ],
  ["an unknown command", {}, ["rum"], 64, "error: unknown command `rum`\nhint: did you mean `run`?\n"],
  [
    "malformed YAML",
    { "workspace.poly": "name: [test\nconfig: {}\n" },
    ["list"],
    65,
    "error: workspace.poly:1:7: `[` is not closed\nhint: close it with `]`, and indent every line of the value more than its key\n",
  ],
  [
    "a wrong type",
    { "workspace.poly": "name: test\nblocks:\n  hello: {}\n" },
    ["list"],
    65,
    "error: workspace.poly:3:3: `blocks`: expected a list of blocks, each beginning with `- name:`, found a mapping\nhint: write a list: `- name: hello` and its keys below\n",
  ],
  [
    "all errors at once",
    { "workspace.poly": "name: 1\nconfig:\n  container:\n    imgae: x\n    stop_timeout: soon\n" },
    ["list"],
    65,
    "error: workspace.poly:1:7: `name`: expected a name that begins with a letter and has only letters, digits, `_`, and single `-` or `/` between them, found `1`\nhint: for example `my-name`\nerror: workspace.poly:4:5: unknown key `config.container.imgae`\nhint: did you mean `image`?\nerror: workspace.poly:5:19: `config.container.stop_timeout`: expected a whole number of seconds, found `soon`\nhint: correct the value, or remove the key to use the default\n",
  ],
  [
    "a Dockerfile that is named and missing",
    { "workspace.poly": "name: test\nconfig: {container: {dockerfile: Dockerfile.mine}}" },
    ["build"],
    65,
    "error: workspace.poly:2:34: the Dockerfile `Dockerfile.mine` does not exist\nhint: create it, or remove the setting\n",
  ],
  [
    "a reserved variable",
    { "workspace.poly": workspaceWith("- {name: greet, script: echo hi}", "env: {POLYCRATE_VERSION: x}") },
    ["run", "b", "greet"],
    65,
    "error: workspace.poly:5:30: the variable `POLYCRATE_VERSION` is set by polycrate\nhint: choose another name\n",
  ],
  [
    "a reserved variable as a flag",
    { "workspace.poly": good },
    ["run", "b", "greet", "-e", "IN_CONTAINER=no"],
    64,
    "error: `--env`: the variable `IN_CONTAINER` is set by polycrate\nhint: choose another name\n",
  ],
  [
    "a variable without a value",
    { "workspace.poly": workspaceWith("- {name: greet, script: echo hi}", "env: {EMPTY: }") },
    ["run", "b", "greet"],
    65,
    'error: workspace.poly:5:11: the variable `EMPTY` has no value\nhint: write `EMPTY: ""` for an empty value\n',
  ],
])("%s", async (_, files, words, exitCode, message) => {
  await expectRefusal(files, words, exitCode, message);
});

test.each([
  ["-dit", "the flag `-d` cannot be set", "polycrate waits for the action and returns its exit code"],
  ["--name=x", "the flag `--name` cannot be set", "polycrate sets it"],
  ["-w /x", "the flag `-w` cannot be set", "an action runs in the folder of its block"],
  ["--env-file=a", "the flag `--env-file` cannot be set", "set its variables in `config.container.env`"],
  [
    "busybox",
    "unexpected argument `busybox`: it does not follow a flag",
    "write flag and value together, like `--network=host`",
  ],
  [
    "--user $(whoami)",
    "command substitution is not supported in flags",
    "only `$(id -u)`, `$(id -g)`, `$(pwd)`, `$VAR` and `~` are expanded",
  ],
  [
    "--label a=`id`",
    "command substitution is not supported in flags",
    "only `$(id -u)`, `$(id -g)`, `$(pwd)`, `$VAR` and `~` are expanded",
  ],
  ["--label a=$NOT_SET", "the variable `NOT_SET` is not set", "set it: `export NOT_SET=…`"],
  ["--label 'a", "a quote is not closed", "close it, or write it as `\\'`"],
  ["--network", "the flag `--network` requires a value", "write it as one entry, like `--network=host`"],
])("the docker flag %s is refused", async (flag, message, hint) => {
  await expectRefusal(
    {
      "workspace.poly": workspaceWith(
        "- {name: greet, script: echo hi}",
        `docker_flags: [${JSON.stringify(flag)}]`,
      ),
    },
    ["run", "b", "greet"],
    65,
    `error: workspace.poly:5:20: \`config.container.docker_flags\`: ${message}\nhint: ${hint}\n`,
  );
});

test("a program called docker has to be there: 69", async () => {
  using folder = makeFolder({ "workspace.poly": good });
  const { stderr, exitCode } = await folder.run(["run", "b", "greet"], { env: { PATH: "/nowhere" } });
  expect(stderr).toBe(
    "error: `docker` was not found on PATH\nhint: install the docker command line client, or add its folder to PATH\n",
  );
  expect(exitCode).toBe(69);
  expect(folder.records()).toMatchObject([{ status: "failed", exit_code: 69 }]);
});

test("a workspace file of another user, found by walking up, is not trusted", async () => {
  using folder = makeFolder({ "workspace.poly": good, "below/file": "" });
  await call(["chown", "12345", join(folder.path, "workspace.poly")]);
  const { stderr, exitCode } = await folder.run(["list", "--workspace", "."]);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  const walked = await folder.run(["list"]);
  expect(walked.stderr).toBe(
    `error: \`${folder.path}/workspace.poly\` belongs to another user (uid 12345)\nhint: if you trust it, use \`--workspace ${folder.path}\`\n`,
  );
  expect(walked.exitCode).toBe(64);
});

let mounted: string | undefined;
beforeAll(() => {
  mounted = undefined;
});
afterAll(async () => {
  if (mounted !== undefined) await call(["umount", mounted]);
});

test("a workspace on a read-only file system is refused with 73 before anything runs", async () => {
  using folder = makeFolder({ "workspace.poly": good });
  const target = join(folder.path, "mounted");
  mkdirSync(target);
  expect((await call(["mount", "--bind", folder.path, target])).exitCode).toBe(0);
  mounted = target;
  expect((await call(["mount", "-o", "remount,ro,bind", target])).exitCode).toBe(0);
  const { stderr, exitCode } = await folder.run(["run", "--workspace", target, "b", "greet"]);
  await call(["umount", target]);
  mounted = undefined;
  expect(stderr).toBe(
    `error: cannot write \`${target}/.logs\`: the file system is read-only\nhint: use a writable file system\n`,
  );
  expect(exitCode).toBe(73);
});
