import { printable } from "../errors.ts";
import { argValue } from "../host/arg.ts";
import { perRun, type RunEvent, type StepRun, type Timed } from "../run/events.ts";
import { afterEvent } from "../run/record.ts";
import type { Transaction } from "../transactions/transaction.ts";
import type { ReportedEvent } from "./eventSchema.ts";
import { explainRun } from "./failure.ts";
import { outputPieces } from "./outputPieces.ts";

type EventOf<Type extends RunEvent["type"]> = Extract<Timed<RunEvent>, { type: Type }>;

/** What the lines of a run have in common. */
type Head = Pick<
  ReportedEvent,
  "v" | "time" | "transaction" | "workflow_run" | "step" | "matrix" | "attempt"
>;

/** Returns the event as one line of JSON; characters that a terminal would obey are escaped. */
export function eventLine({ v, type, time, ...rest }: ReportedEvent): string {
  return `${printable(JSON.stringify({ v, type, time, ...rest }))}\n`;
}

/** Returns what describes the events of a run or workflow, given one after the other, as programs get them. */
// Longer than most, because it is the list of what each event is reported as.
export function eventDescriber(): (event: Timed<RunEvent>) => readonly ReportedEvent[] {
  const place = eventPlace();
  const outputsOf = perRun(outputDescriber);
  return (event) => {
    const head = place.after(event);
    const outputs = outputsOf(event);
    switch (event.type) {
      case "workflow":
        return [{ ...head, type: "workflow", name: event.name, steps: [...event.steps] }];
      case "step":
        return [{ ...head, type: "step", index: event.index, runs: event.runs }];
      case "stepDeclined":
        return [{ ...head, type: "step_declined" }];
      case "stepSkipped":
        return [{ ...head, type: "step_skipped", reason: event.reason }];
      case "stepError":
        return [{ ...head, type: "step_error", message: event.message, hint: event.hint ?? null }];
      case "workflowFinished":
        return [{ ...head, type: "workflow_finished", exit_code: event.exitCode }];
      case "planned":
        return describePlanned(head, event);
      case "warning":
        return [{ ...head, type: "warning", message: event.message, hint: event.hint ?? null }];
      case "command":
        return [{ ...head, type: "command", command: commandOf(event.argv) }];
      case "commandEnded": {
        const milliseconds = Math.round(event.milliseconds);
        return [{ ...head, type: "command_ended", command: commandOf(event.argv), milliseconds }];
      }
      case "waiting":
        return [{ ...head, type: "waiting", message: event.message }];
      case "building":
        return [{ ...head, type: "building", reason: event.reason }];
      case "built":
        return [...outputs.end(head), { ...head, type: "built", failed: event.failed }];
      case "image":
        return [{ ...head, type: "image", id: event.id, digest: event.digest ?? null }];
      case "worktree":
        return [{ ...head, type: "worktree", dirty: event.dirty }];
      case "starting":
        return [{ ...head, type: "starting" }];
      case "pulling":
        return [{ ...head, type: "pulling" }];
      case "started":
        return [{ ...head, type: "started" }];
      case "warm":
        return [{ ...head, type: "warm" }];
      case "inspecting":
        return [{ ...head, type: "inspecting" }];
      case "inspected":
        return [{ ...head, type: "inspected", milliseconds: Math.round(event.milliseconds) }];
      case "output":
        return outputs.pass(head, event);
      case "stopping": {
        const seconds = event.grace !== undefined && "seconds" in event.grace ? event.grace.seconds : null;
        return [{ ...head, type: "stopping", cause: event.cause, grace_seconds: seconds }];
      }
      case "sent": {
        const { files, bytes, leftOut } = event;
        return [{ ...head, type: "sent", files, bytes, left_out: [...leftOut] }];
      }
      case "fetched":
        return [describeFetched(head, event)];
      case "recap":
        return [{ ...head, type: "recap", hosts: [...event.hosts] }];
      case "artifact": {
        const { path, size, change, sha256 } = event.artifact;
        return [{ ...head, type: "artifact", path, size, change, sha256: sha256 ?? null }];
      }
      case "foreignFiles":
        return [{ ...head, type: "foreign_files", paths: [...event.paths] }];
      case "finished":
        return [...outputs.end(head), ...describeFinished(head, event)];
    }
  };
}

/** Knows the run and the step that an event belongs to. */
function eventPlace() {
  const runOf = perRun((): { current: Transaction | undefined } => ({ current: undefined }));
  let workflow: EventOf<"workflow"> | undefined;
  let step: string | undefined;
  const after = (event: Timed<RunEvent>): Head => {
    if (event.type === "workflow") workflow = event;
    if (event.type === "workflowFinished") step = undefined;
    const run = runOf(event);
    if (event.type === "step") {
      step = workflow?.steps[event.index];
      run.current = undefined;
    }
    run.current = afterEvent(run.current, event);
    return {
      v: 1,
      time: event.time.toISOString(),
      transaction: run.current?.id ?? null,
      workflow_run: workflow?.id ?? null,
      step: event.of?.step ?? step ?? null,
      ...(event.of === undefined ? {} : placeOfStep(event.of)),
    };
  };
  return { after };
}

function placeOfStep({ matrix, attempt }: StepRun): Pick<Head, "matrix" | "attempt"> {
  if (matrix.length === 0) return { attempt };
  return { matrix: Object.fromEntries(matrix.map(({ name, value }) => [name, value])), attempt };
}

function describePlanned(head: Head, { plan, record }: EventOf<"planned">): readonly ReportedEvent[] {
  const warnings = plan.warnings.map((warning): ReportedEvent => ({ ...head, type: "warning", ...warning }));
  if (record === undefined) return warnings;
  const { transaction, files } = record;
  const { workspace, block, action, workflow, image, user, owner, version, commit } = transaction;
  const planned: ReportedEvent = {
    ...head,
    ...{ type: "planned", workspace, block, action, workflow: workflow ?? null, image, user },
    ...{ host: owner.host, polycrate: version, git_commit: commit ?? null },
    ...files,
    steps: plan.steps.map((step) => ({ kind: step.kind, image: step.image.reference })),
  };
  return [planned, ...warnings];
}

/** The program and its subcommand: arguments may have values that are for the engine alone. */
function commandOf(argv: EventOf<"command">["argv"]): string[] {
  const words = argv.map(argValue).filter((word) => !word.startsWith("--context="));
  return words.slice(0, 2).filter((word, index) => index === 0 || /^[a-z]+$/.test(word));
}

function describeFetched(head: Head, event: EventOf<"fetched">): ReportedEvent {
  const { fetched, removed, bytes, conflicts, leftOut } = event;
  return {
    ...{ ...head, type: "fetched" },
    ...{ files: fetched, removed, bytes, left_out: [...leftOut] },
    conflicts: conflicts.map(({ path, reason, theirs }) => ({ path, reason, theirs: theirs ?? null })),
  };
}

/** Describes output, each stream by itself. */
function outputDescriber() {
  type Stream = Pick<EventOf<"output">, "source" | "stream">;
  const open = new Map<string, Stream & { readonly pieces: ReturnType<typeof outputPieces> }>();
  const pass = (head: Head, { source, stream, bytes }: EventOf<"output">): readonly ReportedEvent[] => {
    const key = `${source} ${stream}`;
    const known = open.get(key) ?? { source, stream, pieces: outputPieces() };
    open.set(key, known);
    const piece = known.pieces.pass(bytes);
    return piece === undefined ? [] : [{ ...head, type: "output", source, stream, ...piece }];
  };
  const end = (head: Head): readonly ReportedEvent[] => {
    const ended = [...open.values()];
    open.clear();
    return ended.flatMap(({ source, stream, pieces }): readonly ReportedEvent[] => {
      const piece = pieces.end();
      return piece === undefined ? [] : [{ ...head, type: "output", source, stream, ...piece }];
    });
  };
  return { pass, end };
}

function describeFinished(head: Head, event: EventOf<"finished">): readonly ReportedEvent[] {
  const { status, exitCode, execution, stopped } = event;
  const hasFailed = status === "failed" && execution !== undefined;
  const failure = hasFailed ? explainRun(execution, exitCode, "whole") : undefined;
  const isOther = execution?.started === true && execution.exitCode !== exitCode;
  const finished: ReportedEvent = {
    ...{ ...head, type: "finished", status, exit_code: exitCode, stopped: stopped ?? null },
    container_exit_code: isOther ? execution.exitCode : null,
    failure:
      failure === undefined ? null : { by: failure.by, message: failure.message, hint: failure.hint ?? null },
  };
  const place = failure?.place;
  return place === undefined
    ? [finished]
    : [{ ...head, type: "item", item: place.item, line: place.line, status: "failed" }, finished];
}
