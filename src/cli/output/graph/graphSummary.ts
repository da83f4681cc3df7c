import { counted, printable } from "../../../errors.ts";
import { formatDuration } from "../../../reports/humanize.ts";
import type { RunEvent, StepRun, Timed } from "../../../run/events.ts";
import type { Status } from "../../../transactions/transaction.ts";
import { statusTone } from "../statusTone.ts";
import { formatTable, paint, type Tone } from "../table.ts";

type Result = {
  readonly name: string;
  readonly status: Status | "skipped" | "not run";
  readonly attempt: number;
  readonly started: Date | undefined;
  readonly ended: Date | undefined;
  /** How it failed, as the rest of a sentence; undefined if it did not. */
  readonly failure: string | undefined;
};

/**
 * Collects how the steps of a graph end; `text` is the table of all of them. `mayFail` are the steps whose failure counts as
 * success, by their indexes.
 */
export function graphSummary(mayFail: ReadonlySet<number>) {
  let name = "";
  let results: readonly Result[] = [];
  let [begin, end] = [new Date(0), new Date(0)];
  const set = ({ index }: StepRun, change: Partial<Result>) => {
    results = results.map((one, place) => (place === index ? { ...one, ...change } : one));
  };
  const take = (event: Timed<RunEvent>) => {
    const { of, time } = event;
    if (event.type === "workflow") {
      name = event.name;
      begin = time;
      const base = { status: "not run", attempt: 1, started: undefined } as const;
      results = event.steps.map((step) => ({ name: step, ...base, ended: undefined, failure: undefined }));
    }
    if (event.type === "workflowFinished") end = time;
    if (of === undefined) return;
    if (event.type === "step")
      set(of, { status: "running", attempt: of.attempt, ...(of.attempt === 1 ? { started: time } : {}) });
    if (event.type === "stepSkipped") set(of, { status: "skipped" });
    if (event.type === "stepError") set(of, { status: "failed", ended: time, failure: "ended in an error" });
    if (event.type !== "finished") return;
    set(of, { status: event.status, ended: time, failure: failureOf(event) });
  };
  const text = (stream: NodeJS.WriteStream) =>
    summaryText(stream, {
      ...{ name, results, mayFail, milliseconds: end.getTime() - begin.getTime() },
    });
  return { take, text };
}

function failureOf({ status, exitCode }: Extract<RunEvent, { type: "finished" }>): string | undefined {
  if (status === "timed_out") return "timed out";
  return status === "failed" ? `failed with exit code ${exitCode}` : undefined;
}

/** What failed first in time, at its last attempt, and was not allowed to. */
function firstFailureOf(results: readonly Result[], mayFail: ReadonlySet<number>): string | undefined {
  const [first] = results
    .filter(({ failure }, index) => failure !== undefined && !mayFail.has(index))
    .toSorted((a, b) => (a.ended?.getTime() ?? 0) - (b.ended?.getTime() ?? 0));
  return first === undefined ? undefined : `${first.name} ${first.failure}`;
}

type Facts = {
  readonly name: string;
  readonly results: readonly Result[];
  readonly milliseconds: number;
  readonly mayFail: ReadonlySet<number>;
};

/** Fits on one screen: where there are too many steps, those that succeeded are counted. What failed first comes last. */
function summaryText(stream: NodeJS.WriteStream, { name, results, milliseconds, mayFail }: Facts): string {
  const firstFailure = firstFailureOf(results, mayFail);
  const { columns, rows = 24, isTTY } = stream;
  const room = Math.max(3, rows - 5);
  const bad = results.filter(({ status }) => status !== "succeeded");
  const isLong = isTTY === true && results.length > room;
  const listed = isLong ? bad.slice(0, bad.length > room ? room - 1 : room) : results;
  const rest = results.length - listed.length - (results.length - bad.length);
  const table = formatTable(
    listed.map((result) => rowOf(stream, result)),
    isTTY === true ? columns : undefined,
  ).trimEnd();
  const lines = [
    `workflow ${printable(name)}, ${formatDuration(milliseconds)}:`,
    ...(table === "" ? [] : [table]),
    ...(isLong && rest > 0 ? [`  and ${rest} more that did not succeed`] : []),
    ...(isLong ? [`  ${counted(results.length - bad.length, "step")} succeeded`] : []),
    ...(firstFailure === undefined
      ? []
      : [paint(stream, "bad", printable(`first failure: ${firstFailure}`))]),
  ];
  return lines.join("\n");
}

function rowOf(
  stream: NodeJS.WriteStream,
  { name, status, attempt, started, ended }: Result,
): readonly string[] {
  const tone: Tone = status === "skipped" || status === "not run" ? "faint" : statusTone(status);
  const shown = paint(stream, tone, status.replace("_", " "));
  if (started === undefined || ended === undefined) return [`  ${printable(name)}`, shown];
  const time = formatDuration(ended.getTime() - started.getTime());
  return [`  ${printable(name)}`, shown, attempt === 1 ? time : `${time} (${attempt} attempts)`];
}
