import { expect, test } from "bun:test";
import fc from "fast-check";
import { markdownReport } from "../../../src/reports/markdown.ts";
import { actionReport, shortLog, workflowReport } from "../../support/reports.ts";

test("a run is told with its facts, its artifacts and its log", () => {
  const artifacts = [{ path: "a/plan.json", size: 3412, change: "new", uid: 0, sha256: undefined } as const];
  expect(markdownReport(actionReport({ transaction: { artifacts } }), () => shortLog("hi\n"))).toBe(
    [
      "# web install succeeded",
      "",
      "|  |  |",
      "| --- | --- |",
      "| Transaction | `0198a1b2-0000-7000-8000-000000000001` |",
      "| Started | `2026-01-31T12:00:00.000Z` |",
      "| Finished | `2026-01-31T12:00:02.000Z` |",
      "| Time | `2.0 s` |",
      "| Exit code | `0` |",
      "| Image | `debian:12-slim` |",
      `| Image id | \`sha256:${"1f".repeat(32)}\` |`,
      `| Git commit | \`${"3f".repeat(20)}\` |`,
      "| Run by | `anna on h` |",
      "| polycrate | `1.2.3` |",
      "| Log | `.logs/2026/01/31/0198a1b2-0000-7000-8000-000000000001.log` |",
      "",
      "| Artifact | Size |  | SHA-256 |",
      "| --- | --- | --- | --- |",
      "| `a/plan.json` | 3.4 kB | new |  |",
      "",
      "Log:",
      "",
      "```",
      "hi",
      "```",
      "",
    ].join("\n"),
  );
});

test("a workflow is a table of its steps, and then each run", () => {
  const text = markdownReport(workflowReport(), () => shortLog(""));
  expect(text.split("\n").filter((line) => /^(?:#|\| (?:Step|check|deploy|notify)|Hint)/.test(line))).toEqual(
    [
      "# Workflow release failed",
      "| Step | Status | Time | Action |",
      "| check | succeeded | 41.0 s | `web check` |",
      "| deploy | failed | 53.0 s | `web install` |",
      "| notify | not run |  |  |",
      "## check\\: web check succeeded",
      "## deploy\\: web install failed with exit code 7 (item 2, line 3)",
      "Hint: see what \\`terraform plan\\` says",
    ],
  );
});

test("what took the time is a table, where more than one thing did", () => {
  const spans = [
    ["build", 0, 1],
    ["run", 1, 2],
  ] as const;
  const text = markdownReport(actionReport({ spans }), () => shortLog(""));
  expect(text).toContain("| Part | Time |\n| --- | --- |\n| build | 1.0 s |\n| run | 1.0 s |\n");
});

test("of a run that died it says when its last output was", () => {
  const lost = { transaction: { status: "lost", finished: undefined, exitCode: undefined } } as const;
  const text = markdownReport(actionReport(lost), () => shortLog(""));
  expect(text).toStartWith("# web install was lost\\: polycrate ended before it did\n");
  expect(text).toContain("| Last output | `2026-01-31T12:00:02.000Z` |\n| Image |");
});

test("what a record knows of its image, its files, its arguments and its hosts is in the report", () => {
  const hash = "5a".repeat(32);
  const counts = { ok: 3, changed: 1, unreachable: 0, failed: 2, skipped: 0, rescued: 0, ignored: 0 };
  const transaction = {
    ...{ imageDigest: "debian@sha256:7", dirty: true, snapshotHash: hash, arguments: ["--region", "e u"] },
    artifacts: [{ path: "a", size: 1, change: "new", uid: 0, sha256: hash } as const],
    hosts: [{ host: "web|1", ...counts }],
  };
  const text = markdownReport(actionReport({ transaction }), () => shortLog(""));
  for (const line of [
    ...["| Image digest | `debian@sha256:7` |", "| Changed files | `yes` |"],
    ...["| Arguments | `--region 'e u'` |", `| Snapshot | \`${hash}\` |`],
    ...["| `web\\|1` | 3 | 1 | 0 | 2 | 0 | 0 | 0 |", `| \`a\` | 1 B | new | \`${hash}\` |`],
  ]) {
    expect(text).toContain(`\n${line}\n`);
  }
});

test("a log that is not there is said", () => {
  const missing = { size: 0, parts: [], problem: "missing" } as const;
  expect(markdownReport(actionReport(), () => missing)).toEndWith("\nThe log is missing.\n");
});

/** The lines outside of the log's block, and what is in it. */
function parts(text: string) {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => /^`{3,}$/.test(line));
  const end = lines.indexOf(lines[start] ?? "", start + 1);
  return { before: lines.slice(0, start), log: lines.slice(start + 1, end), after: lines.slice(end + 1) };
}

test("no output ends the log's block, and nothing in it is obeyed by a terminal", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("`", "`````", "\n", "a", "|", "\u001b[2J", "\u202e") }),
      (log) => {
        const text = markdownReport(actionReport(), () => shortLog(`x${log}`));
        const { before, after } = parts(text);
        expect([before.at(-2), after]).toEqual(["Log:", [""]]);
        expect(text).not.toMatch(/[\u001b\u202e]/);
      },
    ),
  );
});

test("no line of the log is a command to GitHub's runner", () => {
  const text = markdownReport(actionReport(), () => shortLog("a::b\n ::error::x\n##[error]x\n"));
  expect(text).toContain("\na::b\n \\u003a:error::x\n#\\u0023[error]x\n");
});

test("no name is markup, and a bar in it ends no cell", () => {
  const block = "</script><b>*_[x](y)`|\n# @anna\u001b[2J";
  const text = markdownReport(actionReport({ transaction: { block, image: "a|`b`" } }), () => shortLog(""));
  expect(text.split("\n")[0]).toBe(
    "# \\</script\\>\\<b\\>\\*\\_\\[x\\](y)\\`\\| \\# \\@anna\\\\u001b\\[2J install succeeded",
  );
  expect(text).toContain("| Image | `` a\\|`b` `` |");
});
