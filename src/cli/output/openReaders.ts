import type { Reader } from "../../run/events.ts";
import type { RequestedReport } from "../reportFlags.ts";
import { environmentReaders } from "./environmentReaders.ts";
import type { GraphOutputOptions } from "./graph/graphOutput.ts";
import type { StepMessages } from "./graph/stepMessages.ts";
import type { Messages } from "./messages.ts";
import { runReaders } from "./runReaders.ts";
import { summarizeRun } from "./runSummary.ts";
import { type RunViewOptions, runView } from "./runView.ts";

/** What runs are read with. */
export type ReadersOptions = RunViewOptions & {
  /** The workspace's folder, absolute. */
  readonly workspace: string;
  readonly reports: readonly RequestedReport[];
  /** How a graph is shown; undefined for what runs alone. */
  readonly graph?: GraphOutputOptions | undefined;
};

/** Readers, and what is done when they have read all. */
export type OpenReaders = AsyncDisposable & { readonly readers: readonly Reader[] };

/** Returns the readers of runs: those that the environment asks for, what prints, and those that write reports. */
export async function openReaders(messages: Messages, options: ReadersOptions): Promise<OpenReaders> {
  const { workspace, quiet, reports } = options;
  const { view, steps } = await openView(messages, options);
  const outer = await environmentReaders(messages, { environment: process.env, workspace, quiet, steps });
  const files = await reportReaders(reports, workspace, messages);
  return {
    readers: [...outer.readers, ...(await runReaders(messages, view, options.output)), ...files],
    [Symbol.asyncDispose]: () => outer[Symbol.asyncDispose](),
  };
}

/** The view of a graph is loaded only for one. */
async function openView(
  messages: Messages,
  options: ReadersOptions,
): Promise<{ readonly view: Reader; readonly steps: StepMessages | undefined }> {
  if (options.graph === undefined)
    return { view: runView(messages, options, summarizeRun), steps: undefined };
  const { graphOutput } = await import("./graph/graphOutput.ts");
  return graphOutput(messages, options.graph, options);
}

/** What reports are made with is loaded only for them. */
async function reportReaders(
  reports: readonly RequestedReport[],
  workspace: string,
  messages: Messages,
): Promise<readonly Reader[]> {
  if (reports.length === 0) return [];
  const { reportFiles } = await import("./reportFiles.ts");
  return [reportFiles(reports, workspace, messages)];
}
