import { printable } from "../../errors.ts";
import type { Output } from "../../host/output.ts";
import { formatDuration } from "../../reports/humanize.ts";
import type { Reader } from "../../run/events.ts";
import type { Status } from "../../transactions/transaction.ts";
import type { Messages } from "./messages.ts";
import { statusTone } from "./statusTone.ts";
import { formatTable, paint } from "./table.ts";

type StepResult = { readonly status: Status | "declined"; readonly milliseconds: number };

/** Returns the reader that prints a heading for each step of a workflow, and a table of all steps at its end. */
export function workflowView({ styledNotice, outputs }: Messages): Reader {
  const { stderr } = outputs;
  let name = "";
  let steps: readonly string[] = [];
  let results: readonly StepResult[] = [];
  let started = new Date(0);
  return (event) => {
    switch (event.type) {
      case "workflow":
        ({ name, steps } = event);
        results = [];
        return undefined;
      case "step": {
        const head = `step ${event.index + 1}/${steps.length} ${steps[event.index]}: ${event.runs}`;
        styledNotice(paint(stderr, "strong", printable(head)));
        return undefined;
      }
      case "stepDeclined":
        results = [...results, { status: "declined", milliseconds: 0 }];
        return undefined;
      case "planned":
        started = event.time;
        return undefined;
      case "finished":
        if (event.execution === undefined) return undefined;
        results = [
          ...results,
          { status: event.status, milliseconds: event.time.getTime() - started.getTime() },
        ];
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
  results: readonly StepResult[],
): string {
  const total = results.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const rows = steps.map((step, index) => {
    const result = results[index];
    if (result === undefined) return [`  ${printable(step)}`, paint(stderr, "faint", "not run")];
    const status = paint(stderr, statusTone(result.status), result.status.replace("_", " "));
    return [`  ${printable(step)}`, status, formatDuration(result.milliseconds)];
  });
  return `workflow ${printable(name)}, ${formatDuration(total)}:\n${formatTable(rows, undefined).trimEnd()}`;
}
