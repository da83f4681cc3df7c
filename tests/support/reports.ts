import { planWorkflow } from "../../src/plan/workflow/planWorkflow.ts";
import type { LogExcerpt } from "../../src/reports/logExcerpt.ts";
import type { ReportedRun, RunReport, Span } from "../../src/reports/runReport.ts";
import type { Transaction } from "../../src/transactions/transaction.ts";
import { workflowOf } from "./workflows.ts";

// Reports as a run would have left them, without a run.

/** What a test changes in a run; times are in seconds after the start of the report. */
export type RunChanges = {
  readonly transaction?: Partial<Transaction>;
  readonly spans?: readonly (readonly [Span["name"], number, number])[];
  readonly failure?: ReportedRun["failure"];
};

const epoch = Date.UTC(2026, 0, 31, 12);

/** That many seconds after the start of the report. */
export function at(seconds: number): Date {
  return new Date(epoch + seconds * 1000);
}

/** A run of `web install` that succeeded, but for the changes. */
export function reportedRun({ transaction, spans = [["run", 0, 2]], failure }: RunChanges = {}): ReportedRun {
  const id = "0198a1b2-0000-7000-8000-000000000001";
  return {
    transaction: {
      ...{ id, workspace: "/srv/infra", block: "web", action: "install", user: "anna" },
      ...{ workflow: undefined, workflowRun: undefined, step: undefined, matrix: [], attempt: 1 },
      ...{ status: "succeeded", exitCode: 0, containerExitCode: undefined },
      ...{ started: at(0), finished: at(2), image: "debian:12-slim", imageId: `sha256:${"1f".repeat(32)}` },
      ...{
        owner: { host: "h", pid: 1, start: "1" },
        version: "1.2.3",
        commit: "3f".repeat(20),
        ...{
          failedAt: undefined,
          inspected: undefined,
          warm: false,
          dirty: undefined,
          engine: "docker",
          context: "default",
        },
        ...{ imageDigest: undefined, locked: new Map(), snapshotHash: "", hosts: [] },
        ...{ arguments: [], inputs: new Map() },
      },
      ...{ command: ["docker", "run", "--rm", "debian:12-slim"], artifacts: [] },
      ...transaction,
    },
    log: `.logs/2026/01/31/${id}.log`,
    spans: spans.map(([name, start, end]) => ({ name, start: at(start), end: at(end) })),
    failure,
  };
}

/** A workflow of a run that succeeded, one that failed, and a step that was not run. */
export function workflowReport(): RunReport {
  const of = { workflow: "release", workflowRun: "0198a1b2-0000-7000-8000-00000000000f" };
  const artifacts = [
    { path: "artifacts/plan.json", size: 3412, change: "new", uid: 0, sha256: undefined } as const,
    { path: "artifacts/site.tar.gz", size: 4_700_000, change: "changed", uid: 0, sha256: undefined } as const,
  ];
  const check = reportedRun({
    transaction: { ...of, step: "check", action: "check", artifacts, started: at(0), finished: at(41) },
    spans: [
      ["prepare", 0, 1.5],
      ["build", 1.5, 29],
      ["prepare", 29, 31],
      ["run", 31, 41],
    ],
  });
  const deploy = reportedRun({
    transaction: { ...of, step: "deploy", status: "failed", exitCode: 7, started: at(42), finished: at(95) },
    spans: [
      ["prepare", 42, 43],
      ["run", 43, 95],
    ],
    failure: {
      ...{ by: "action", message: "failed with exit code 7", place: { item: 2, line: 3 } },
      hint: "see what `terraform plan` says",
    },
  });
  return { workflow: "release", steps: ["check", "deploy", "notify"], runs: [check, deploy] };
}

/** The same workflow, if its steps were a graph wide enough to be scrolled on a phone. */
export function graphReport(): RunReport {
  const report = workflowReport();
  const graph = planWorkflow(
    workflowOf(`{name: check, block: web, action: check}
      {name: deploy, block: web, action: deploy, needs: check}
      {name: notify, block: web, action: notify, needs: deploy, when: always, retries: 3}
      {name: a-step-with-a-long-name, block: web, action: check, needs: notify, matrix: {os: [linux, mac]}}`),
  );
  return { ...report, steps: graph.nodes.map(({ name }) => name), graph };
}

/** A report on one run. */
export function actionReport(changes: RunChanges = {}): RunReport {
  return { workflow: undefined, steps: [], runs: [reportedRun(changes)] };
}

/** The whole of a short log. */
export function shortLog(text: string): LogExcerpt {
  return {
    size: Buffer.byteLength(text),
    parts: [{ of: "end", omitted: 0, text }],
    problem: undefined,
  };
}

/** Output that would do something if it were anything but text. */
export const hostileText = [
  `</script><script>document.title="owned"</script>`,
  `<img src=x onerror="document.title='owned'">`,
  `</code></pre></style><iframe src="http://127.0.0.1:9/"></iframe>`,
  `" onmouseover="document.title='owned'" x="&lt;b&gt;&amp;amp;`,
  `\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[0m\x1b]8;;http://127.0.0.1:9/\x1b\\link\x1b]8;;\x1b\\`,
  `user\u202etxt.exe\u2066 nul\0 bell\x07 c1\x9b31m bom\ufeff \ufdd0\uffff \ud800 \u00a0`,
  "<!-- <![CDATA[ ]]> --> <svg onload=x>",
].join("\n");
