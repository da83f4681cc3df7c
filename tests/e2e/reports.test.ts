import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { eventSchema, type ReportedEvent } from "../../src/reports/eventSchema.ts";
import { call, executable, type Folder, makeFolder, workspaceWith } from "../support/harness.ts";

const canary = "canary-4b1d-väl";

const actions = `
- {name: good, script: ["printf 'h\\\\303'; sleep 0.2; printf '\\\\244\\\\n'; echo x >artifact"]}
- {name: bad, script: [echo one, "echo two >&2; exit 7"]}
- {name: raw, script: "printf 'caf\\\\351\\\\n'"}
- {name: wait, script: [echo ready, sleep 300]}
- {name: pour, script: "cat /dev/zero"}
- {name: much, script: "head -c 300000000 /dev/zero"}
- name: leak
  script: |
    echo "$TOKEN"
    printf %s "$TOKEN" | head -c 8; sleep 0.3; printf %s "$TOKEN" | tail -c +9
    printf '\\377'; sleep 0.2; printf %s "$TOKEN"; printf '\\377\\n'
    mkdir -p artifacts/blocks/b; echo "$TOKEN" >"artifacts/blocks/b/$TOKEN"
    exit 3`;

const workflows = `workflows:
  - name: release
    steps: [{name: first, block: b, action: good}, {name: second, block: b, action: bad}, {name: third, block: b, action: good}]
`;

const files = {
  "workspace.poly": `${workspaceWith(actions, "env:\n  TOKEN: {from_env: CANARY}")}${workflows}`,
};

/** The events of the lines, each as the schema has it. */
function eventsIn(text: string): readonly ReportedEvent[] {
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  return lines.map((line) => {
    const event = v.parse(eventSchema, line);
    expect<unknown>(event).toEqual(line);
    return event;
  });
}

/** What the events have of the action's streams. */
function outputOf(events: readonly ReportedEvent[], stream: "stdout" | "stderr"): Buffer {
  return Buffer.concat(
    events.flatMap((event) => {
      if (event.type !== "output" || event.stream !== stream) return [];
      return Buffer.from(event.text ?? event.base64 ?? "", event.text === undefined ? "base64" : "utf8");
    }),
  );
}

const env = { CANARY: canary };

test("the events of a workflow have its ids and times, and the reports have the same", async () => {
  using folder = makeFolder(files);
  const reports = ["junit=out/j.xml", "markdown=out/m.md", `html=${folder.path}/out/h.html`];
  const words = ["run", "release", "--output=events", ...reports.map((report) => `--report=${report}`)];
  const { stdout, stderr, exitCode } = await folder.run(words, { env });
  expect(exitCode).toBe(7);
  const events = eventsIn(stdout);
  const records = folder.records();
  const [record] = records;
  expect<unknown>(new Set(events.map(({ workflow_run }) => workflow_run))).toEqual(
    new Set([record?.workflow_run]),
  );
  const times = events.flatMap((event) => {
    if (event.type !== "finished") return [];
    return [[event.transaction, event.step, event.time, event.status, event.exit_code]];
  });
  expect<unknown>(times).toEqual(
    records.map((one) => [one.id, one.step, one.finished, one.status, one.exit_code]),
  );
  expect(events.at(0)).toMatchObject({
    type: "workflow",
    name: "release",
    steps: ["first", "second", "third"],
  });
  expect(events.at(-1)).toMatchObject({ type: "workflow_finished", exit_code: 7 });
  const texts = events.flatMap((event) => (event.type === "output" ? [event.text] : []));
  expect(texts).not.toContain(undefined);
  expect(outputOf(events, "stdout").toString()).toBe("hä\none\n");
  expect(outputOf(events, "stderr").toString()).toBe("two\n");
  expect(events.filter(({ type }) => type === "item")).toMatchObject([{ item: 2, line: 1 }]);
  expect(stderr).not.toMatch(/^(?:two|one)$/m);
  expect(stderr).toContain("error: b bad failed with exit code 7 (item 2, line 1)\n");
  for (const file of ["j.xml", "m.md", "h.html"]) {
    const text = folder.read(`out/${file}`);
    for (const { id } of records) expect(text).toContain(String(id));
    expect(text).toContain("hä");
    expect(text).toContain("not run");
  }
});

test("output that is not UTF-8 is base64", async () => {
  using folder = makeFolder(files);
  const { stdout } = await folder.run(["run", "b", "raw", "--output=events"], { env });
  const events = eventsIn(stdout);
  expect(events.filter(({ type }) => type === "output")).toMatchObject([{ base64: "Y2Fm6Qo=" }]);
});

test("a run that fails before its end has a last event and a report, and an error is an error", async () => {
  using folder = makeFolder(files);
  const words = ["run", "b", "good", "--image=polycrate-test:none", "--pull=never", "--output=events"];
  const { stdout, exitCode } = await folder.run([...words, "--report=junit=j.xml"], { env });
  expect(exitCode).toBe(125);
  expect(eventsIn(stdout).at(-1)).toMatchObject({ type: "finished", failure: { by: "engine" } });
  expect(folder.read("j.xml")).toContain('<testsuites name="polycrate" tests="1" failures="0" errors="1"');
});

test("an image that is pulled is told of, once", async () => {
  using folder = makeFolder(files);
  const words = ["run", "b", "good", "--image=127.0.0.1:1/polycrate/none:1", "--output=events"];
  const { stdout } = await folder.run(words, { env });
  const types = eventsIn(stdout).map(({ type }) => type);
  expect(types.filter((type) => type === "pulling")).toEqual(["pulling"]);
  expect(types).not.toContain("started");
});

test("no event, report or file has a secret, wherever it is cut", async () => {
  using folder = makeFolder(files);
  const reports = ["junit=j.xml", "markdown=m.md", "html=h.html"].map((report) => `--report=${report}`);
  const words = ["run", "b", "leak", "--output=events", ...reports, "--", `--token=${canary}`];
  const { stdout, stderr } = await folder.run(words, { env });
  const events = eventsIn(stdout);
  const bytes = outputOf(events, "stdout");
  expect(bytes.toString("latin1")).toBe("***\n***\xff***\xff\n");
  expect(events.filter(({ type }) => type === "artifact")).toMatchObject([
    { path: "artifacts/blocks/b/***" },
  ]);
  const past = await Promise.all(
    ["markdown", "junit", "html"].map((kind) => folder.run(["report", `--${kind}`])),
  );
  const texts = [
    ...[stdout, stderr, ...past.map((one) => one.stdout)],
    ...["j.xml", "m.md", "h.html"].map((file) => folder.read(file)),
  ];
  for (const text of texts) {
    expect(text).not.toContain("canary-4b1d");
    expect(text).not.toContain(Buffer.from("canary-4b1d").toString("base64").slice(0, 12));
  }
});

test("wrong reports are refused before anything runs, one that cannot be written is a warning", async () => {
  using folder = makeFolder({ ...files, file: "" });
  for (const report of ["junit", "pdf=x.pdf", "html="]) {
    expect((await folder.run(["run", "b", "good", `--report=${report}`], { env })).exitCode).toBe(64);
  }
  expect(folder.records()).toEqual([]);
  const run = await folder.run(["run", "b", "good", "--report=junit=file/j.xml"], { env });
  expect(run.exitCode).toBe(0);
  expect(run.stderr.match(/^warning: the report .*$/gm)).toEqual([
    `warning: the report \`file/j.xml\` was not written: \`${folder.path}/file\` is not a folder`,
  ]);
});

test("an action cannot lead a report out of the workspace", async () => {
  using outside = makeFolder({});
  const script = `rm -rf out; ln -s ${outside.path} out`;
  using folder = makeFolder({
    "workspace.poly": workspaceWith(`- {name: plant, script: "${script}"}`),
    "out/x": "",
  });
  const { stderr, exitCode } = await folder.run(["run", "b", "plant", "--report=html=out/h.html"]);
  expect(exitCode).toBe(0);
  expect(stderr).toContain("/out` is not a folder\n");
  expect(outside.glob("**/*")).toEqual([]);
});

/** Starts a run whose events are read until the text has come; then the reader goes away. */
async function readUntil(folder: Folder, words: readonly string[], text: string) {
  const child = Bun.spawn([executable, ...words], {
    ...{
      cwd: folder.path,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
      env: { ...process.env, ...env },
    },
  });
  const reader = child.stdout.getReader();
  let seen = "";
  while (!seen.includes(text)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`ended before: ${seen}`);
    seen += new TextDecoder().decode(value);
  }
  return { child, reader, seen };
}

test("a reader of the events that goes away ends the run, as one of its output does", async () => {
  using folder = makeFolder(files);
  const line = `${executable} run b pour --output=events; echo $? >code`;
  await call(["sh", "-c", `{ ${line}; } 2>/dev/null | head -c 300000 >/dev/null`], {
    ...{ directory: folder.path, env },
  });
  expect(folder.read("code")).toBe("141\n");
  expect(folder.records()).toMatchObject([{ status: "interrupted", exit_code: 141 }]);
});

test("after SIGKILL the lines that came are whole but the last, and `report` says what was known", async () => {
  using folder = makeFolder(files);
  const { child, seen, reader } = await readUntil(folder, ["run", "b", "wait", "--output=events"], "ready");
  child.kill("SIGKILL");
  await child.exited;
  await reader.cancel();
  const events = eventsIn(seen.slice(0, seen.lastIndexOf("\n") + 1));
  const id = String(events.find(({ type }) => type === "planned")?.transaction);
  for (const words of [[], [id.slice(0, 18)]]) {
    const { stdout } = await folder.run(["report", ...words]);
    expect(stdout).toStartWith("# b wait was lost\\: polycrate ended before it did\n");
    expect(stdout).toContain(`| Transaction | \`${id}\` |`);
    expect(stdout).toContain("\n```\nready\n```\n");
  }
  expect((await folder.run(["report", "--junit"])).stdout).toContain('<error message="b wait was lost');
  expect((await folder.run(["report", "--html"])).stdout).toContain("lost");
  await folder.run(["prune"]);
}, 60_000);

test("a workflow of the past is reported as a whole, by its id or as the newest, or by one of its steps", async () => {
  using folder = makeFolder(files);
  await folder.run(["run", "release"], { env });
  const [first, second] = folder.records();
  const whole = await folder.run(["report"]);
  expect(whole.stdout).toStartWith("# Workflow release failed\n\n| Step |");
  expect(await folder.run(["report", String(first?.workflow_run)])).toEqual(whole);
  const { stdout } = await folder.run(["report", String(first?.id)]);
  expect(stdout).toStartWith("# first\\: b good succeeded\n");
  await folder.run(["report", "--html", "--output=pages/run.html"]);
  const page = readFileSync(join(folder.path, "pages/run.html"), "utf8");
  expect(page).toStartWith("<!DOCTYPE html>");
  expect(second).toMatchObject({ status: "failed", failed_at: { item: 2, line: 1 } });
  expect(page).toContain("failed with exit code 7 in item 2 of the script, line 1");
});

test("much output in events keeps memory flat, also when it is read slowly", async () => {
  using folder = makeFolder(files);
  const line = `${executable} run b much --output=events & pid=$!; while kill -0 $pid 2>/dev/null; do grep VmHWM /proc/$pid/status >&2; sleep 0.2; done`;
  const { stdout, stderr } = await call(["sh", "-c", `{ ${line}; } | { sleep 2; wc -c; }`], {
    ...{ directory: folder.path, env },
  });
  expect(Number(stdout)).toBeGreaterThan(300_000_000 * 6);
  const peaks = [...stderr.matchAll(/VmHWM:\s+(\d+) kB/g)].map(([, kilobytes]) => Number(kilobytes));
  expect(peaks.length).toBeGreaterThan(3);
  expect(Math.max(...peaks)).toBeLessThan(250_000);
}, 180_000);
