import { expect, test } from "bun:test";
import { containersOf } from "../support/docker.ts";
import { busybox, call, executable, type Folder, makeFolder } from "../support/harness.ts";
import { openScreen } from "../support/screen.ts";

const workspace = (steps: string, actions = "", head = "") => `name: test-workspace
config: {container: {image: "${busybox}", stop_timeout: 1}}
blocks:
  - name: app
    actions:
      - {name: say, script: 'echo "$POLYCRATE_STEP \${MATRIX_N-} $*"'}
      - {name: fail, script: exit 7}
      - {name: nap, script: sleep 0.3}
${actions}
workflows:
  - name: release
${head}    steps:
${steps
  .trim()
  .split("\n")
  .map((line) => `      - {block: app, ${line.trim()}}`)
  .join("\n")}
`;

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** The records of a folder by the names of their steps, with their combination. */
const ends = (folder: Folder) =>
  folder.records().map(({ step, matrix, attempt, status }) => [step, matrix, attempt, status]);

test("many at once: at most as many as wanted, every record whole, each with a log and a container of its own", async () => {
  using folder = makeFolder({
    "workspace.poly": workspace(`name: nap, action: nap, matrix: {n: [${numbers(12).join(", ")}]}`),
  });
  const { stdout, stderr, exitCode } = await folder.run(["run", "release", "--jobs=4"]);
  expect([stdout, exitCode]).toEqual(["", 0]);
  const records = folder.records();
  expect(records.map(({ matrix }) => matrix)).toEqual(
    expect.arrayContaining(numbers(12).map((n) => ({ n: String(n) }))),
  );
  for (const { status, exit_code, workflow_run } of records) {
    expect([status, exit_code, workflow_run]).toEqual(["succeeded", 0, records[0]?.workflow_run]);
  }
  const names = records.map(({ command }) =>
    [command].flat().find((word) => String(word).startsWith("--name=")),
  );
  expect(new Set(names).size).toBe(12);
  expect(folder.glob(".logs/[0-9]*/**/*.log")).toHaveLength(12);
  expect(folder.glob(".polycrate/run/**")).toEqual([]);
  const changes = records.flatMap(({ started, finished }) => [
    [Date.parse(String(started)), 1] as const,
    [Date.parse(String(finished)), -1] as const,
  ]);
  let [now, most] = [0, 0];
  for (const [, change] of changes.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    now += change;
    most = Math.max(most, now);
  }
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(4);
  expect(stderr).not.toContain("Warning");
  expect(stderr).toMatch(/workflow release, [\d.]+ s:\n(?: {2}nap \(n=\d+\) +succeeded +[\d.]+ s\n){12}$/);
});

const graph = workspace(
  `name: build, action: say, arguments: [a, yes]
  name: deploy, action: say, needs: build, matrix: {n: [1, 2]}, env: {A: 1}
  name: flaky, action: again, needs: build, retries: 2
  name: broken, action: fail, needs: build, retries: 1
  name: maybe, action: fail, needs: build, allow_failure: true
  name: after, action: say, needs: [broken]
  name: undo, action: say, needs: [broken], when: failure
  name: end, action: say, needs: [deploy, after, undo, maybe, flaky], when: always`,
  `
      - {name: again, script: 'cd /workspace; [ -e there ] || { touch there; exit 3; }'}`,
);

const expected = [
  ["build", {}, 1, "succeeded"],
  ["deploy", { n: "1" }, 1, "succeeded"],
  ["deploy", { n: "2" }, 1, "succeeded"],
  ["flaky", {}, 1, "failed"],
  ["flaky", {}, 2, "succeeded"],
  ["broken", {}, 1, "failed"],
  ["broken", {}, 2, "failed"],
  ["maybe", {}, 1, "failed"],
  ["undo", {}, 1, "succeeded"],
  ["end", {}, 1, "succeeded"],
];

test("a failure stops what depends on it, the rest runs on; lines have names, and the end says what failed first", async () => {
  using folder = makeFolder({ "workspace.poly": graph });
  const { stdout, stderr, exitCode } = await folder.run(["run", "release", "--", "x"]);
  expect(exitCode).toBe(7);
  expect(stdout.split("\n").sort().join("\n").trim()).toBe(
    [
      "build        | build  a yes x",
      "deploy (n=1) | deploy 1 x",
      "deploy (n=2) | deploy 2 x",
      "end          | end  x",
      "undo         | undo  x",
    ].join("\n"),
  );
  expect(ends(folder)).toEqual(expect.arrayContaining(expected));
  expect(folder.records()).toHaveLength(expected.length);
  expect(stderr).toContain("\nafter        | skipped: a step that it needs did not succeed\n");
  expect(stderr).toMatch(/\n {2}flaky +succeeded +[\d.]+ s \(2 attempts\)\n/);
  expect(stderr).toMatch(/\n {2}after +skipped\n/);
  expect(stderr).toMatch(/\nfirst failure: broken failed with exit code 7\n$/);
});

test("a dry run of it does the same, one after the other", async () => {
  using folder = makeFolder({ "workspace.poly": graph });
  const dry = await folder.run(["run", "release", "--dry-run"]);
  const { stdout, exitCode } = await call(["sh"], { directory: "/", input: dry.stdout });
  expect(stdout).toBe("build  a yes\ndeploy 1 \ndeploy 2 \nundo  \nend  \n");
  expect(exitCode).toBe(7);
});

test("`--output=json` has each run, and NDJSON the step, combination and attempt of each event", async () => {
  using folder = makeFolder({ "workspace.poly": graph });
  const json = await folder.run(["run", "release", "--output=json"]);
  expect(JSON.parse(json.stdout).length).toBe(expected.length);
  expect(json.stderr).toContain("deploy (n=2) | deploy 2 \n");
  const { stdout } = await folder.run(["run", "release", "--step=deploy", "--matrix=n=2", "--output=events"]);
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const own = events.filter(({ step }) => step !== null);
  expect(own.length).toBeGreaterThan(5);
  for (const { step, matrix, attempt } of own)
    expect([step, matrix, attempt]).toEqual(["deploy", { n: "2" }, 1]);
  expect(events.at(0).steps).toEqual(["deploy (n=2)"]);
});

test("`grouped` shows each step whole, in the order in which they start, and is the default in CI", async () => {
  const count = 60;
  using folder = makeFolder({
    "workspace.poly": workspace(
      "name: talk, action: talk, matrix: {n: [1, 2, 3]}",
      `      - {name: talk, script: 'for i in $(seq ${count}); do echo "$MATRIX_N line $i"; sleep 0.01; done'}`,
    ),
  });
  const { stdout } = await folder.run(["run", "release", "--jobs=3"], { env: { CI: "true" } });
  const lines = [1, 2, 3].flatMap((n) => numbers(count).map((line) => `${n} line ${line}\n`));
  expect(stdout).toBe(lines.join(""));
  const mixed = await folder.run(["run", "release", "--jobs=3"]);
  const own = (n: number) => mixed.stdout.split("\n").filter((line) => line.startsWith(`talk (n=${n}) | `));
  for (const n of [1, 2, 3]) {
    expect(own(n)).toEqual(numbers(count).map((line) => `talk (n=${n}) | ${n} line ${line}`));
  }
});

test("`--fail-fast` stops the others after the first failure, but not what is there for it", async () => {
  using folder = makeFolder({
    "workspace.poly": workspace(
      `name: broken, action: late
      name: long, action: wait, needs: []
      name: undo, action: say, needs: [long], when: failure`,
      `      - {name: wait, script: [touch /workspace/there, sleep 300]}
      - {name: late, script: 'until [ -e /workspace/there ]; do sleep 0.1; done; exit 7'}`,
    ),
  });
  const { stdout, stderr, exitCode } = await folder.run(["run", "release", "--fail-fast", "--jobs=2"]);
  expect([stdout, exitCode]).toEqual(["undo   | undo  \n", 7]);
  expect(stderr).toContain("long   | another step failed: waiting for the action to end;");
  expect(ends(folder)).toEqual(
    expect.arrayContaining([
      ["broken", {}, 1, "failed"],
      ["long", {}, 1, "interrupted"],
      ["undo", {}, 1, "succeeded"],
    ]),
  );
});

/** Reads a stream as it comes; `until` resolves when it has had the text so often. */
function following(stream: ReadableStream<Uint8Array>) {
  let seen = "";
  let look = () => {};
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      seen += decoder.decode(chunk, { stream: true });
      look();
    }
    return seen;
  })();
  const until = (text: string, times = 1) =>
    new Promise<void>((resolve) => {
      look = () => {
        if (seen.split(text).length > times) resolve();
      };
      look();
    });
  return { until, ended };
}

/** Starts 8 steps that wait, and resolves when all have said that they are ready. */
async function eightWaiting(folder: Folder) {
  const child = Bun.spawn([executable, "run", "release", "--jobs=8"], {
    cwd: folder.path,
    env: { ...process.env, CI: undefined },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = [following(child.stdout), following(child.stderr)];
  await stdout.until("ready", 8);
  return { child, stderr };
}

const waiting = (script: string) =>
  workspace(
    "name: wait, action: wait, matrix: {n: [1, 2, 3, 4, 5, 6, 7, 8, 9]}",
    `      - {name: wait, script: ${script}}`,
  );

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)(
  "%s ends all of 8 steps with %d, says so once, starts no other, and leaves no container",
  async (signal, code) => {
    using folder = makeFolder({ "workspace.poly": waiting("[echo ready, sleep 300]") });
    const { child, stderr } = await eightWaiting(folder);
    child.kill(signal);
    expect(await child.exited).toBe(code);
    expect(await containersOf(folder)).toEqual([]);
    expect(folder.records().map(({ status, exit_code }) => [status, exit_code])).toEqual(
      Array(8).fill(["interrupted", code]),
    );
    expect(folder.glob(".polycrate/run/**")).toEqual([]);
    expect((await stderr.ended).split("waiting for the actions to end").length).toBe(2);
  },
);

test("a second Ctrl-C kills all that still runs, at once", async () => {
  using folder = makeFolder({
    "workspace.poly": waiting("[\"trap '' INT\", echo ready, 'while :; do sleep 1; done']").replace(
      "stop_timeout: 1",
      "stop_timeout: 600",
    ),
  });
  const { child, stderr } = await eightWaiting(folder);
  child.kill("SIGINT");
  await stderr.until("waiting for the actions to end");
  child.kill("SIGINT");
  expect(await child.exited).toBe(130);
  expect(await containersOf(folder)).toEqual([]);
  expect(new Set(folder.records().map(({ status }) => status))).toEqual(new Set(["interrupted"]));
});

test("after kill -9 with 8 running, `prune` ends them all, and the records say that they are lost", async () => {
  using folder = makeFolder({ "workspace.poly": waiting("[echo ready, sleep 300]") });
  const { child } = await eightWaiting(folder);
  child.kill("SIGKILL");
  await child.exited;
  expect((await folder.run(["prune"])).exitCode).toBe(0);
  expect(await containersOf(folder)).toEqual([]);
  expect(folder.records().map(({ status }) => status)).toEqual(Array(8).fill("lost"));
});

test.each([
  [["--interactive"], "`--interactive` cannot be used with a workflow whose steps run at the same time"],
  [["--shell-on-failure"], "`--shell-on-failure` cannot be used with a workflow"],
  [[], "step `talk` runs an interactive action, and steps that run at the same time have no terminal"],
  [["--step=ask"], "cannot ask for confirmation without a terminal: Really?"],
  [["--jobs=0"], "invalid value `0` for `--jobs`"],
  [["--matrix=n=1"], "`--matrix` requires `--step`"],
])("%p is refused before anything runs: %s", async (words, message) => {
  using folder = makeFolder({
    "workspace.poly": workspace(
      `name: say, action: say, needs: []
      name: ask, action: say, prompt: {message: "Really?"}
      name: talk, action: talk, needs: [say]`,
      "      - {name: talk, interactive: true, script: cat}",
    ),
  });
  const { stderr, exitCode } = await folder.run(["run", "release", ...words]);
  expect(stderr).toContain(`error: ${message}`);
  expect(exitCode).toBe(64);
  expect(folder.records()).toEqual([]);
});

test("at a terminal each running step has a line with its time, in 60 columns too, and the output is above", async () => {
  using folder = makeFolder({
    "workspace.poly": workspace(
      "name: wait, action: wait, matrix: {n: [1, 2, 3, 4, 5, 6]}",
      "      - {name: wait, script: 'echo ready; until [ -e /workspace/go ]; do sleep 0.1; done'}",
    ),
  });
  await using screen = openScreen([executable, "run", "release", "--jobs=6"], {
    ...{ directory: folder.path, columns: 60, rows: 8 },
  });
  // Four lines are half of the screen. They are drawn again with each output, and every second.
  await screen.until("  and 3 more");
  const shown = (await screen.until("ready")) + (await screen.until("  and 3 more"));
  expect(shown).toMatch(/ {2}wait \(n=\d\) +\d\.\d s/);
  for (const line of shown.split(/[\r\n]+/)) expect(Bun.stringWidth(line)).toBeLessThan(60);
  folder.write("go", "");
  await screen.until("  6 steps succeeded");
  expect(await screen.exited).toBe(0);
});

test("a terminal that is dumb gets lines, and no movements", async () => {
  using folder = makeFolder({ "workspace.poly": graph });
  await using screen = openScreen([executable, "run", "release", "--step=deploy"], {
    directory: folder.path,
    env: { TERM: "dumb" },
  });
  const shown = await screen.until("workflow release", { raw: true });
  expect(shown).toContain("deploy (n=1) | deploy 1 ");
  expect(shown).not.toContain("\u001b");
});

test("in order, too, a step has a timeout, retries, arguments and a `when` of its own", async () => {
  using folder = makeFolder({
    "workspace.poly": workspace(
      `name: first, action: again, retries: 1
      name: slow, action: wait, timeout: 1s
      name: undo, action: say, when: failure, arguments: [x, yes]
      name: next, action: say`,
      `      - {name: again, script: 'cd /workspace; [ -e there ] || { touch there; exit 3; }'}
      - {name: wait, timeout: 5m, script: sleep 300}`,
    ),
  });
  const { stdout, stderr, exitCode } = await folder.run(["run", "release"]);
  expect([stdout, exitCode]).toEqual(["undo  x yes\n", 124]);
  expect(stderr).toContain("\nstep 1/4 first: app again (attempt 2)\n");
  expect(stderr).toMatch(
    /\n {2}first +succeeded .*\n {2}slow +timed out .*\n {2}undo +succeeded .*\n {2}next +not run\n$/,
  );
  expect(ends(folder)).toEqual([
    ["first", {}, 1, "failed"],
    ["first", {}, 2, "succeeded"],
    ["slow", {}, 1, "timed_out"],
    ["undo", {}, 1, "succeeded"],
  ]);
});
