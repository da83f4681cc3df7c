import { expect, test } from "bun:test";
import { call, executable, makeFolder, workspaceWith } from "../support/harness.ts";
import { openScreen } from "../support/screen.ts";

const actions = `
- {name: open, script: "printf open"}
- {name: openerr, script: "printf open >&2"}
- {name: missing, script: "terraform plan"}
- {name: killed, script: 'kill -KILL $$'}
- {name: read, script: 'cat; echo "got $1"'}
- {name: wait, timeout: 1h, script: [echo ready, sleep 300]}`;

const files = {
  "workspace.poly": `${workspaceWith(actions)}workflows:
  - {name: release, steps: [{name: first, block: b, action: open}]}
`,
};

/** Runs a line of shell in the folder, with the executable as \`$P\`. */
function shell(directory: string, line: string) {
  return call(["sh", "-c", line], { directory, env: { P: executable } });
}

test("output that ends within a line does not swallow the summary", async () => {
  using folder = makeFolder(files);
  const joined = await shell(folder.path, '"$P" run b open 2>&1');
  expect(joined.stdout).toMatch(/^open\nb open succeeded in/);
  const apart = await folder.run(["run", "b", "open"]);
  expect(apart.stdout).toBe("open");
  expect(apart.stderr).toMatch(/^b open succeeded in/);
  const error = await folder.run(["run", "b", "openerr"]);
  expect(error.stderr).toMatch(/^open\nb openerr succeeded in/);
  const file = await shell(folder.path, '"$P" exec -- printf open >out 2>&1; cat out');
  expect(file.stdout).toBe("open");
});

test("on a terminal it does not either", async () => {
  using folder = makeFolder(files);
  await using screen = openScreen([executable, "run", "b", "open"], { directory: folder.path });
  expect(await screen.until("succeeded in")).toStartWith("open\nb open");
});

test("a tool that the image has not got is named with the images that have it", async () => {
  using folder = makeFolder(files);
  const run = await folder.run(["run", "b", "missing"]);
  expect(run.stderr).toContain(
    "error: b missing failed with exit code 127: `terraform` was not found in image `polycrate-test:busybox` (item 1, line 1)\nhint: use the official image ",
  );
  const exec = await folder.run(["exec", "--", "nope"]);
  expect(exec.exitCode).toBe(127);
  expect(exec.stderr).toEndWith(
    "error: the command failed with exit code 127: `nope` was not found in image `polycrate-test:busybox`\nhint: install it in a `Dockerfile.poly`\n",
  );
});

test("an action that SIGKILL ended says so", async () => {
  using folder = makeFolder(files);
  const { stderr, exitCode } = await folder.run(["run", "b", "killed"]);
  expect(exitCode).toBe(137);
  expect(stderr).toContain("error: b killed was killed (SIGKILL, exit code 137)\nhint: the kernel kills");
});

test("docker's reason for a refusal is printed once", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(actions, 'docker_flags: ["--memory=1"]'),
  });
  const { stderr, exitCode } = await folder.run(["run", "b", "open"]);
  expect(exitCode).toBe(125);
  expect(stderr.match(/minimum memory limit/gi)).toHaveLength(1);
  expect(stderr).toContain("error: b open: docker did not run the container; its error is above\n");
});

test("`--no-stdin` leaves what polycrate could read to others", async () => {
  using folder = makeFolder(files);
  const loop = (flags: string) =>
    shell(
      folder.path,
      `printf 'one\\ntwo\\n' | while read -r x; do "$P" run b read ${flags} -- "$x" 2>/dev/null; done`,
    );
  expect((await loop("")).stdout).toBe("two\ngot one\n");
  expect((await loop("--no-stdin")).stdout).toBe("got one\ngot two\n");
  const exec = await shell(folder.path, 'echo x | { "$P" exec --no-stdin -- cat; cat; }');
  expect(exec.stdout).toBe("x\n");
  const both = await folder.run(["run", "b", "read", "-i", "--no-stdin"]);
  expect({ stderr: both.stderr, exitCode: both.exitCode }).toEqual({
    stderr: "error: `--interactive` and `--no-stdin` cannot be used together\nhint: use only one of them\n",
    exitCode: 64,
  });
});

test("`--timeout` wins over the action's own", async () => {
  using folder = makeFolder(files);
  const { stderr, exitCode } = await folder.run(["run", "b", "wait", "--timeout", "1s"]);
  expect(exitCode).toBe(124);
  expect(stderr).toContain("error: b wait timed out after ");
  const wrong = await folder.run(["run", "b", "wait", "--timeout=soon"]);
  expect({ stderr: wrong.stderr, exitCode: wrong.exitCode }).toEqual({
    stderr:
      "error: invalid value `soon` for `--timeout`\nhint: use a number of seconds, or a duration like `90s`, `5m` or `1h30m`\n",
    exitCode: 64,
  });
});

test("`run --output=json` is a list, of an action as of a workflow, and `history` shows the workflow's step", async () => {
  using folder = makeFolder(files);
  const one = await folder.run(["run", "b", "open", "--output=json"]);
  expect(JSON.parse(one.stdout)).toMatchObject([{ action: "open", workflow: null }]);
  expect((await folder.run(["history"])).stdout).not.toContain("WORKFLOW");
  const all = await folder.run(["run", "release", "--output=json"]);
  expect(JSON.parse(all.stdout)).toMatchObject([{ action: "open", workflow: "release" }]);
  const { stdout } = await folder.run(["history"]);
  expect(stdout).toMatch(/^ID .* ACTION +WORKFLOW STEP\n.* b open +release first\n.* b open\n$/);
});

test("a signal in a build ends it without waiting for an action", async () => {
  using folder = makeFolder({
    ...files,
    "Dockerfile.poly": "FROM polycrate-test:busybox\nRUN echo building; sleep 300\n",
  });
  const child = Bun.spawn([executable, "build"], { cwd: folder.path, stdin: "ignore", stderr: "pipe" });
  let stderr = "";
  const reader = child.stderr.getReader();
  for (let signalled = false; ; ) {
    const { value, done } = await reader.read();
    if (done) break;
    stderr += new TextDecoder().decode(value);
    if (!signalled && /^building$/m.test(stderr)) {
      signalled = true;
      child.kill("SIGTERM");
    }
  }
  expect(await child.exited).toBe(143);
  expect(stderr).not.toContain("waiting for");
});

test("`prune` says when there was nothing", async () => {
  using folder = makeFolder(files);
  expect(await folder.run(["prune"])).toEqual({
    stdout: "",
    stderr: "nothing to remove\n",
    exitCode: 0,
  });
});
