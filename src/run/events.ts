import type { Arg } from "../host/arg.ts";
import type { Plan } from "../plan/plan.ts";
import type { Artifact } from "../transactions/artifacts.ts";
import type { HostRecap } from "../transactions/hostRecap.ts";
import type { Status, Transaction, TransactionFiles } from "../transactions/transaction.ts";
import type { Grace, StopReason } from "./cancellation.ts";
import type { Execution } from "./execution.ts";

/**
 * What happens in a run, in the order in which it happens, and in a workflow around its runs. Texts and bytes are masked.
 */
export type RunEvent = ActionEvent | WorkflowEvent;

type WorkflowEvent =
  /** The first of a workflow: the id that its runs share, and its steps by name. */
  | {
      readonly type: "workflow";
      readonly name: string;
      readonly id: string;
      readonly steps: readonly string[];
    }
  /** A step begins: its number from 0, and what it runs. */
  | { readonly type: "step"; readonly index: number; readonly runs: string }
  /** The answer to the step's question was no. */
  | { readonly type: "stepDeclined" }
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

/** An event and when it happened. */
export type Timed<Event> = Event & { readonly time: Date };

/**
 * Reads the events of runs. A reader that is busy returns a promise, and the source of the output waits for it. Only readers
 * that print do so.
 */
export type Reader = (event: Timed<RunEvent>) => Promise<void> | undefined;

/** Passes an event to the readers, each in turn; returns the promise that the source of output has to wait for. */
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
        full = read(timed) ?? full;
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
