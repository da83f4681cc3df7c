import { printable } from "../../../errors.ts";
import { perRun, type Reader, type RunEvent, type Timed } from "../../../run/events.ts";
import { buildOutputOf } from "../buildView.ts";
import type { Messages } from "../messages.ts";
import { summarizeRun } from "../runSummary.ts";
import { type RunViewOptions, runView } from "../runView.ts";
import { paint } from "../table.ts";
import { graphSummary } from "./graphSummary.ts";
import type { LiveStep } from "./liveLines.ts";
import type { GraphScreen } from "./screen.ts";
import type { OutputStyle, StepMessages } from "./stepMessages.ts";

/** What the view of a graph shows. */
export type GraphViewOptions = RunViewOptions & {
  /** The indexes of the steps whose failure counts as success. */
  readonly mayFail: ReadonlySet<number>;
};

/**
 * Returns the reader that prints the events of a graph: of each step as of a single run, through its own messages; below them, at
 * a terminal, a line for each step that runs; at the end a table of all.
 */
export function graphView(
  messages: Messages,
  screen: GraphScreen,
  steps: StepMessages,
  { mayFail, ...options }: GraphViewOptions,
): Reader {
  const { stderr } = messages.outputs;
  const isShort = options.quiet || screen.isLive;
  const buildOutput = isShort ? "failure" : buildOutputOf(stderr.stream, { ...options, verbose: true });
  const warned = new Set<string>();
  const viewOf = perRun((of) =>
    runView(steps.messagesOf(of), { ...options, buildOutput, warned }, summarizeRun),
  );
  const running = runningSteps();
  const summary = graphSummary(mayFail);
  let isStopping = false;
  return (event) => {
    summary.take(event);
    if (running.take(event)) screen.show(running.steps());
    if (event.of === undefined) {
      if (event.type === "stopping") {
        isStopping = true;
        steps.abandon();
        for (const output of Object.values(messages.outputs)) output.abandon();
        if (event.grace !== undefined) messages.notice(stoppingLines(event.cause, event.grace));
      }
      if (event.type !== "workflowFinished") return undefined;
      return steps.printed().then(() => {
        screen.close();
        messages.styledNotice(summary.text(stderr.stream));
      });
    }
    printStepEvent(event, steps);
    // That everything stops is told once, for all of them.
    const told = event.type === "stopping" && isStopping ? { ...event, grace: undefined } : event;
    const full = viewOf(event)(told);
    if (isLastOf(event)) steps.close(event.of);
    return full;
  };
}

/** After it comes nothing of the same attempt, but for an error. */
function isLastOf({ type }: Pick<RunEvent, "type">): boolean {
  return type === "finished" || type === "stepError" || type === "stepSkipped";
}

function printStepEvent(event: Timed<RunEvent>, { style, messagesOf }: StepMessages): void {
  if (event.type === "step") {
    const { name = "", attempt = 1 } = event.of ?? {};
    const again = attempt === 1 ? "" : `attempt ${attempt}: `;
    const { styledNotice, outputs } = messagesOf(event.of);
    if (style === "grouped")
      styledNotice(paint(outputs.stderr.stream, "strong", printable(`${name}: ${again}${event.runs}`)));
    else if (attempt > 1) styledNotice(printable(`${again}${event.runs}`));
  }
  if (event.type === "stepSkipped") messagesOf(event.of).notice(skippedLine(event, style));
  if (event.type === "stepError") {
    const hint = event.hint === undefined ? "" : `\nhint: ${event.hint}`;
    messagesOf(event.of).error(`error: ${event.message}${hint}`);
  }
}

function skippedLine(
  { reason, of }: Extract<Timed<RunEvent>, { type: "stepSkipped" }>,
  style: OutputStyle,
): string {
  const why = reason === "needs" ? "a step that it needs did not succeed" : "no step that it needs failed";
  return style === "grouped" ? `${of?.name ?? ""}: skipped: ${why}` : `skipped: ${why}`;
}

function stoppingLines(
  cause: string,
  grace: Extract<RunEvent, { type: "stopping" }>["grace"] & object,
): string {
  return "seconds" in grace
    ? `${cause}: waiting for the actions to end; they will be killed after ${grace.seconds} s`
    : "waiting for the actions to end; press Ctrl-C again to kill them";
}

/** Knows which steps are running, and what each does; `take` is true when that has changed. */
function runningSteps() {
  const running = new Map<number, LiveStep>();
  const doing: Partial<Record<RunEvent["type"], string>> = {
    ...{ building: "building the image", waiting: "waiting", pulling: "pulling the image" },
    ...{ built: "", started: "", stopping: "stopping" },
  };
  const take = ({ of, type, time }: Timed<RunEvent>): boolean => {
    if (of === undefined) return false;
    if (isLastOf({ type })) return running.delete(of.index);
    const known = running.get(of.index);
    if (type === "step") {
      const again = of.attempt === 1 ? "" : `attempt ${of.attempt}`;
      running.set(of.index, { name: of.name, doing: again, started: known?.started ?? time });
      return true;
    }
    const now = doing[type];
    if (known === undefined || now === undefined || now === known.doing) return false;
    running.set(of.index, { ...known, doing: now });
    return true;
  };
  return { take, steps: () => [...running.values()] };
}
