import { expect, test } from "bun:test";
import { busybox, call, executable, makeFolder } from "../support/harness.ts";

const workspace = (workflow: string, actions = "") => `name: test-workspace
config: {container: {image: "${busybox}", stop_timeout: 1}}
blocks:
  - name: app
    actions:
      - {name: build, script: "echo building $POLYCRATE_WORKFLOW/$POLYCRATE_STEP"}
      - {name: fail, script: exit 7}
      - {name: deploy, script: echo deploying}
${actions}
workflows:
  - name: release
${workflow}
`;

const steps = `    steps:
      - {name: first, block: app, action: build}
      - {name: second, block: app, action: fail}
      - {name: third, block: app, action: deploy}`;

test("the steps run in order, each as a transaction under one workflow run, and the first failure stops", async () => {
  using folder = makeFolder({ "workspace.poly": workspace(steps) });
  const { stdout, stderr, exitCode } = await folder.run(["run", "release"]);
  expect(stdout).toBe("building release/first\n");
  expect(exitCode).toBe(7);
  expect(stderr).toContain("step 1/3 first: app build\n");
  expect(stderr).toMatch(
    /workflow release, [\d.]+ s:\n {2}first +succeeded +[\d.]+ s\n {2}second +failed +[\d.]+ s\n {2}third +not run\n$/,
  );
  const records = folder.records();
  expect(records.map(({ step, status, workflow }) => [workflow, step, status])).toEqual([
    ["release", "first", "succeeded"],
    ["release", "second", "failed"],
  ]);
  expect(new Set(records.map(({ workflow_run }) => workflow_run)).size).toBe(1);
});

test("allow_failure goes on after a step that failed", async () => {
  using folder = makeFolder({ "workspace.poly": workspace(`    allow_failure: true\n${steps}`) });
  const { stdout, exitCode } = await folder.run(["run", "release"]);
  expect(stdout).toBe("building release/first\ndeploying\n");
  expect(exitCode).toBe(0);
});

test("`--step` runs one step, `--from-step` the rest from there", async () => {
  using folder = makeFolder({ "workspace.poly": workspace(steps) });
  expect((await folder.run(["run", "release", "--step", "third"])).stdout).toBe("deploying\n");
  expect((await folder.run(["run", "release", "--from-step", "second"])).exitCode).toBe(7);
  expect(await folder.run(["run", "release", "--step", "thrid"])).toEqual({
    stdout: "",
    stderr: "error: workflow `release` has no step `thrid`\nhint: did you mean `third`?\n",
    exitCode: 64,
  });
});

test("a dry run prints the workflow as one script that stops as the run would", async () => {
  using folder = makeFolder({ "workspace.poly": workspace(steps) });
  const dry = await folder.run(["run", "release", "--dry-run"]);
  const printed = await call(["sh"], { directory: "/", input: dry.stdout });
  expect(printed).toMatchObject({ stdout: "building release/first\n", exitCode: 7 });
  folder.write("workspace.poly", workspace(`    allow_failure: true\n${steps}`));
  const second = await folder.run(["run", "release", "--dry-run"]);
  expect(await call(["sh"], { directory: "/", input: second.stdout })).toMatchObject({
    stdout: "building release/first\ndeploying\n",
    exitCode: 0,
  });
});

test("an interrupt always stops a workflow", async () => {
  using folder = makeFolder({
    "workspace.poly": workspace(
      `    allow_failure: true
    steps:
      - {name: first, block: app, action: wait}
      - {name: second, block: app, action: deploy}`,
      "      - {name: wait, script: [echo ready, sleep 300]}",
    ),
  });
  const child = Bun.spawn([executable, "run", "release"], {
    cwd: folder.path,
    stdout: "pipe",
    stderr: "ignore",
  });
  const reader = child.stdout.getReader();
  await reader.read();
  child.kill("SIGTERM");
  expect(await child.exited).toBe(143);
  expect(folder.records()).toMatchObject([{ status: "interrupted" }]);
});

test("an action that takes too long is stopped: 124, and the record says so", async () => {
  using folder = makeFolder({
    "workspace.poly": workspace(
      steps,
      `      - {name: slow, timeout: 1s, script: [sleep 300]}
      - {name: older, config: {timeout: 1}, script: [sleep 300]}
      - {name: deaf, timeout: 1, script: ["trap '' TERM; while :; do sleep 1; done"]}`,
    ),
  });
  for (const action of ["slow", "older", "deaf"]) {
    const { stderr, exitCode } = await folder.run(["run", "app", action]);
    expect(stderr).toContain("timed out: waiting for the action to end; it will be killed after 1 s\n");
    expect(stderr).toContain(`error: app ${action} timed out after`);
    expect(exitCode).toBe(124);
  }
  expect(folder.records().map(({ status }) => status)).toEqual(["timed_out", "timed_out", "timed_out"]);
}, 30_000);

const asking = workspace(
  `    prompt: {message: Release now?}
    steps:
      - {name: first, block: app, action: build}
      - {name: second, block: app, action: drop, prompt: {message: Really drop?}}`,
  "      - {name: drop, prompt: {message: Drop all?}, script: echo dropped}",
);

test("without a terminal and without --yes a question is an error before anything runs", async () => {
  using folder = makeFolder({ "workspace.poly": asking });
  expect(await folder.run(["run", "app", "drop"])).toEqual({
    stdout: "",
    stderr:
      "error: cannot ask for confirmation without a terminal: Drop all?\nhint: pass `--yes` to confirm in advance\n",
    exitCode: 64,
  });
  expect((await folder.run(["run", "release", "--from-step", "second"])).exitCode).toBe(64);
  expect(folder.records()).toEqual([]);
  for (const yes of ["--yes", "-y", "--force", "-f"]) {
    expect((await folder.run(["run", "app", "drop", yes])).stdout).toBe("dropped\n");
  }
});

test.each([
  ["y", 0, "dropped"],
  ["n", 1, ""],
  ["\r", 1, ""],
  ["\x03", 1, ""],
])("on a terminal %j answers the question with exit code %d", async (key, code, output) => {
  using folder = makeFolder({ "workspace.poly": asking });
  let seen = "";
  const child = Bun.spawn([executable, "run", "app", "drop"], {
    cwd: folder.path,
    env: { ...process.env, CI: "" },
    terminal: {
      data: (terminal, data) => {
        const before = seen.includes("Drop all?");
        seen += Buffer.from(data).toString();
        if (!before && seen.includes("Drop all?")) terminal.write(key);
      },
    },
  });
  expect(await child.exited).toBe(code);
  expect(seen.includes("dropped")).toBe(output !== "");
  expect(folder.records().length).toBe(output === "" ? 0 : 1);
});

test("a block alone lists its actions, and a template is not run", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: test-workspace
blocks:
  - {name: base, template: true, actions: [{name: install, script: "true", description: Installs it}]}
  - {name: app, from: base}`,
  });
  const listed = await folder.run(["run", "app"]);
  expect(listed.stderr).toContain("error: missing argument ACTION; block `app` has these actions:\n");
  expect(listed.stderr).toContain("install");
  expect(listed.exitCode).toBe(64);
  expect(await folder.run(["run", "base", "install"])).toEqual({
    stdout: "",
    stderr: "error: block `base` is a template\nhint: run a block that inherits from it: `from: base`\n",
    exitCode: 64,
  });
});

test("`--output json` keeps standard output for the finished transaction", async () => {
  using folder = makeFolder({ "workspace.poly": workspace(steps) });
  const { stdout, stderr, exitCode } = await folder.run(["run", "app", "deploy", "--output", "json"]);
  expect(JSON.parse(stdout)).toMatchObject([
    { block: "app", action: "deploy", status: "succeeded", exit_code: 0 },
  ]);
  expect(stderr).toStartWith("deploying\n");
  expect(exitCode).toBe(0);
  const release = await folder.run(["run", "release", "--output", "json"]);
  expect(JSON.parse(release.stdout)).toMatchObject([{ step: "first" }, { step: "second", exit_code: 7 }]);
});

test("`--verbose` shows each docker command and how long it took", async () => {
  using folder = makeFolder({ "workspace.poly": workspace(steps) });
  const { stderr } = await folder.run(["run", "app", "deploy", "--verbose"]);
  expect(stderr).toMatch(
    /^\+ starting and loading the workspace took \d+ ms\n\+ planning and hashing the build context took \d+ ms\n\+ docker run --rm .*\/run\/polycrate\/entrypoint\n[\s\S]*\+ docker run --rm took \d+ ms\n/m,
  );
});
