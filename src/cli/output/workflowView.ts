import { printable } from "../../errors.ts";
import type { Output } from "../../host/output.ts";
import { formatDuration } from "../../reports/humanize.ts";
import type { Reader } from "../../run/events.ts";
import type { Status } from "../../transactions/transaction.ts";
import type { Messages } from "./messages.ts";
import { statusTone } from "./statusTone.ts";
import { formatTable, paint } from "./table.ts";

type StepResult = { readonly status: Status | "declined" | "skipped"; readonly milliseconds: number };

/** Returns the reader that prints a heading for each step of a workflow, and a table of all steps at its end. */
export function workflowView({ styledNotice, outputs }: Messages): Reader {
  const { stderr } = outputs;
  let name = "";
  let steps: readonly string[] = [];
  let results: ReadonlyMap<number, StepResult> = new Map();
  let started = new Date(0);
  let current = 0;
  /** The time of a step is that of all its attempts. */
  const add = (index: number, { status, milliseconds }: StepResult) => {
    const before = results.get(index)?.milliseconds ?? 0;
    results = new Map([...results, [index, { status, milliseconds: before + milliseconds }]]);
  };
  return (event) => {
    switch (event.type) {
      case "workflow":
        ({ name, steps } = event);
        results = new Map();
        return undefined;
      case "step": {
        current = event.index;
        const attempt = event.of?.attempt ?? 1;
        const again = attempt === 1 ? "" : ` (attempt ${attempt})`;
        const head = `step ${event.index + 1}/${steps.length} ${steps[event.index]}: ${event.runs}${again}`;
        styledNotice(paint(stderr, "strong", printable(head)));
        return undefined;
      }
      case "stepDeclined":
        add(current, { status: "declined", milliseconds: 0 });
        return undefined;
      case "stepSkipped":
        // What follows a failure is not run, as ever.
        if (event.reason === "condition") add(event.index, { status: "skipped", milliseconds: 0 });
        return undefined;
      case "planned":
        started = event.time;
        return undefined;
      case "finished":
        if (event.execution === undefined) return undefined;
        add(current, { status: event.status, milliseconds: event.time.getTime() - started.getTime() });
        return undefined;
      case "workflowFinished":
        styledNotice(summaryOf(stderr, name, steps, results));
        return undefined;
      default:
        return undefined;
    }
  };
}

function summaryOf(
  stderr: Output,
  name: string,
  steps: readonly string[],
  results: ReadonlyMap<number, StepResult>,
): string {
  const total = [...results.values()].reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const rows = steps.map((step, index) => {
    const result = results.get(index);
    if (result === undefined || result.status === "skipped")
      return [`  ${printable(step)}`, paint(stderr, "faint", result?.status ?? "not run")];
    const status = paint(stderr, statusTone(result.status), result.status.replace("_", " "));
    return [`  ${printable(step)}`, status, formatDuration(result.milliseconds)];
  });
  return `workflow ${printable(name)}, ${formatDuration(total)}:\n${formatTable(rows, undefined).trimEnd()}`;
}
