import type { Arg } from "../host/arg.ts";
import type { Plan } from "../plan/plan.ts";
import type { WorkflowPlan } from "../plan/workflow/planWorkflow.ts";
import type { Artifact } from "../transactions/artifacts.ts";
import type { HostRecap } from "../transactions/hostRecap.ts";
import type { Status, Transaction, TransactionFiles } from "../transactions/transaction.ts";
import type { LeftOut } from "../transfer/collect.ts";
import type { Landed } from "../transfer/landing.ts";
import type { Combination } from "../workspace/matrix.ts";
import type { Grace, StopReason } from "./cancellation.ts";
import type { Execution } from "./execution.ts";
import type { SkipReason } from "./walkGraph.ts";

/**
 * What happens in a run, in the order in which it happens, and in a workflow around its runs. Texts and bytes are masked.
 */
export type RunEvent = ActionEvent | WorkflowEvent;

type WorkflowEvent =
  /** The first of a workflow: the id that its runs share, its steps by name, and if it is a graph, what they wait for. */
  | {
      readonly type: "workflow";
      readonly name: string;
      readonly id: string;
      readonly steps: readonly string[];
      readonly graph?: WorkflowPlan | undefined;
    }
  /** An attempt of a step begins: its number from 0, and what it runs. */
  | { readonly type: "step"; readonly index: number; readonly runs: string }
  /** The answer to the step's question was no. */
  | { readonly type: "stepDeclined" }
  /** A step is not run: what it depends on did not succeed, or, for its `when`, did not fail. */
  | { readonly type: "stepSkipped"; readonly index: number; readonly reason: SkipReason }
  /** A step of a graph ended in an error; what follows is for people. */
  | { readonly type: "stepError"; readonly message: string; readonly hint: string | undefined }
  /** The last of a workflow, even when it ended in an error, which its caller reports. */
  | { readonly type: "workflowFinished"; readonly exitCode: number };

type ActionEvent =
  /** The first of a run, with its record as it begins; undefined when none is kept. */
  | { readonly type: "planned"; readonly plan: Plan; readonly record: BegunRecord | undefined }
  | { readonly type: "warning"; readonly message: string; readonly hint: string | undefined }
  /** A command of the engine's client starts, or has ended. */
  | { readonly type: "command"; readonly argv: readonly Arg[] }
  | { readonly type: "commandEnded"; readonly argv: readonly Arg[]; readonly milliseconds: number }
  /** Something keeps the run waiting; the message says what. */
  | { readonly type: "waiting"; readonly message: string }
  /** An image is about to be built, and why; then whether that failed. */
  | { readonly type: "building"; readonly reason: string }
  | { readonly type: "built"; readonly failed: boolean }
  /** The image that the container is made from: its id, and as a registry knows it. */
  | { readonly type: "image"; readonly id: string; readonly digest: string | undefined }
  /** Whether tracked files of the workspace differ from the commit of its record. */
  | { readonly type: "worktree"; readonly dirty: boolean }
  /** The engine was asked to run the container; it pulls the image that it does not have; then the entrypoint ran. */
  | { readonly type: "starting" }
  | { readonly type: "pulling" }
  | { readonly type: "started" }
  /** The action runs in a warm container, with this command in place of the one that was planned. */
  | { readonly type: "warm"; readonly command: readonly string[] }
  /** The script failed and a shell was opened in its place; then how long it was open. */
  | { readonly type: "inspecting" }
  | { readonly type: "inspected"; readonly milliseconds: number }
  | {
      readonly type: "output";
      readonly source: "build" | "probe" | "action";
      readonly stream: "stdout" | "stderr";
      readonly bytes: Buffer;
    }
  /** The run is cancelled. */
  | { readonly type: "stopping"; readonly cause: string; readonly grace: Grace | undefined }
  /** What was sent to an engine on another machine, and what has come back; a path that stayed at its end has a reason. */
  | {
      readonly type: "sent";
      readonly files: number;
      readonly bytes: number;
      readonly leftOut: readonly LeftOut[];
    }
  | ({ readonly type: "fetched" } & Omit<Landed, "files">)
  /** What the playbooks of the action did on each host. */
  | { readonly type: "recap"; readonly hosts: readonly HostRecap[] }
  | { readonly type: "artifact"; readonly artifact: Artifact }
  /** Files that the run wrote and the caller does not own, relative to the workspace. */
  | { readonly type: "foreignFiles"; readonly paths: readonly string[] }
  /** The last of a run. Without an execution it ended in an error, which its caller reports. */
  | {
      readonly type: "finished";
      readonly status: Status;
      readonly exitCode: number;
      readonly stopped: StopReason | undefined;
      readonly execution: Execution | undefined;
    };

/** The record of a run that has started, and where it and the log are. */
export type BegunRecord = { readonly transaction: Transaction; readonly files: TransactionFiles };

/** A run of a workflow's step. */
export type StepRun = {
  /** The place of its name among the steps of the workflow's first event. */
  readonly index: number;
  /** The name of the step and its combination: `deploy (region=eu)`. */
  readonly name: string;
  readonly step: string;
  readonly matrix: Combination;
  /** How often the step has been run with this one, from 1. */
  readonly attempt: number;
};

/** An event, when it happened, and the run of a workflow's step that it belongs to, of which several run at once. */
export type Timed<Event> = Event & { readonly time: Date; readonly of?: StepRun };

/**
 * Reads the events of runs. A reader that is busy returns a promise, and the source of the output waits for it. Only readers
 * that print do so. The bytes of output are only valid until then: a reader that keeps them copies them.
 */
export type Reader = (event: Timed<RunEvent>) => Promise<void> | undefined;

/** Passes an event to the readers, each in turn; returns the promise that the source of output has to wait for, of all of them. */
export type Emit = (event: RunEvent) => Promise<void> | undefined;

/**
 * Returns the function that passes events to the readers. A reader that throws gets no more events, and the others get a
 * warning: no reader can make a run fail.
 */
export function emitTo(readers: readonly Reader[], now: () => Date): Emit {
  const broken = new Set<Reader>();
  const emit: Emit = (event) => {
    const timed = { ...event, time: now() };
    let full: Promise<void> | undefined;
    for (const read of readers) {
      if (broken.has(read)) continue;
      try {
        full = both(full, read(timed));
      } catch (error) {
        broken.add(read);
        const reason = error instanceof Error ? error.message : String(error);
        emit({ type: "warning", message: `a reader of the run's events failed: ${reason}`, hint: undefined });
      }
    }
    return full;
  };
  return emit;
}

function both(one: Promise<void> | undefined, other: Promise<void> | undefined): Promise<void> | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Promise.all([one, other]).then(() => {});
}

/** Returns the readers for the events of one step's run. */
export function readersOf(of: StepRun, readers: readonly Reader[]): readonly Reader[] {
  return readers.map((read) => (event) => read({ ...event, of }));
}

/**
 * Returns a function that gives the events of each run a value of their own, which `make` makes at the first of them: what
 * folds a run would mix up those of a workflow, of which several run at once.
 */
export function perRun<Value>(make: (of: StepRun | undefined) => Value): (event: Timed<RunEvent>) => Value {
  const values = new Map<string, Value>();
  return ({ of, type }) => {
    const key = of === undefined ? "" : `${of.index} ${of.attempt}`;
    const value = values.get(key) ?? make(of);
    if (type === "finished") values.delete(key);
    else values.set(key, value);
    return value;
  };
}
