import { reasonOf } from "../../host/fileErrors.ts";
import { appendToFile } from "../../host/files.ts";
import type { Output } from "../../host/output.ts";
import { postJson } from "../../host/postJson.ts";
import { isOneFile } from "../../host/stdio.ts";
import type { CiLog } from "../../reports/ciLog.ts";
import { githubLog } from "../../reports/github.ts";
import { gitlabLog } from "../../reports/gitlab.ts";
import { traceRequest } from "../../reports/otlp.ts";
import { type OtlpSettings, otlpSettings } from "../../reports/otlpSettings.ts";
import { collectReport, type RunReport } from "../../reports/runReport.ts";
import { sourceRootOf } from "../../reports/sourceRoot.ts";
import type { Reader } from "../../run/events.ts";
import type { StepMessages } from "./graph/stepMessages.ts";
import { type Messages, warningLines } from "./messages.ts";
import { renderReport } from "./renderReport.ts";

/** What the readers that the environment asks for are made with. */
export type EnvironmentOptions = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The workspace's folder, absolute. */
  readonly workspace: string;
  readonly quiet: boolean;
  /** The messages of steps that run at once; undefined for what runs alone. */
  readonly steps?: StepMessages | undefined;
};

/** Readers, and what is done when they have read all; that never fails. */
export type EnvironmentReaders = AsyncDisposable & { readonly readers: readonly Reader[] };

/** Returns the readers for the CI system and the collector of spans that the environment names. */
export function ciReaders(messages: Messages, options: EnvironmentOptions): EnvironmentReaders {
  const { environment, workspace } = options;
  const log = ciLogOf(options);
  const summary = environment.GITHUB_ACTIONS === "true" ? environment.GITHUB_STEP_SUMMARY : undefined;
  const tracing = otlpSettings(environment);
  const collected = collectReport();
  const { stdout } = messages.outputs;
  const isApart = environment.GITHUB_ACTIONS === "true" && !isOneFile(1, 2);
  const settle = () => (isApart ? taken(stdout) : undefined);
  return {
    readers: [
      ...(log === undefined ? [] : [ciLogReader(log, messages, settle, options.steps)]),
      ...(summary === undefined && tracing === undefined ? [] : [collected.read]),
    ],
    [Symbol.asyncDispose]: async () => {
      if (summary !== undefined) writeSummary(summary, collected.report(), workspace, messages);
      if (tracing !== undefined) await sendSpans(collected.report(), tracing, messages);
      const lines = log?.end() ?? "";
      if (lines === "") return;
      await settle();
      messages.marker(lines);
    },
  };
}

/** What is not printed in blocks is not put into groups. */
function ciLogOf({ environment, workspace, quiet, steps }: EnvironmentOptions): CiLog | undefined {
  const isMixed = steps?.style === "prefix";
  if (environment.GITHUB_ACTIONS === "true") {
    const root = sourceRootOf(workspace, environment);
    return githubLog({ token: crypto.randomUUID(), root, groups: !quiet && !isMixed, isMixed });
  }
  return environment.GITLAB_CI === "true" && !quiet && !isMixed ? gitlabLog() : undefined;
}

/**
 * Returns the reader that prints the lines of a CI system, those at the end of a run when `settle` has ended. Of steps that run at
 * once they are printed with the block of the step.
 */
function ciLogReader(
  log: CiLog,
  messages: Messages,
  settle: () => Promise<void> | undefined,
  steps: StepMessages | undefined,
): Reader {
  return (event) => {
    const lines = log.linesAt(event);
    if (lines === "") return undefined;
    if (event.of !== undefined && steps !== undefined) {
      if (event.type === "finished") steps.wait(event.of, async () => settle());
      steps.messagesOf(event.of).marker(lines);
      return undefined;
    }
    const wait = event.type === "finished" ? settle() : undefined;
    if (wait === undefined) messages.marker(lines);
    return wait?.then(() => messages.marker(lines));
  };
}

/**
 * Waits until standard output was taken: GitHub's runner reads each stream by itself, standard error first (actions/runner,
 * ProcessInvoker.cs), and must not resume before it has read what an action printed on the other one.
 */
async function taken({ stream }: Output): Promise<void> {
  for (let waited = 0; stream.writableLength > 0 && waited < 2000; waited += 10) await Bun.sleep(10);
  await Bun.sleep(100);
}

function writeSummary(path: string, report: RunReport, workspace: string, { notice }: Messages): void {
  if (report.runs.length === 0) return;
  try {
    appendToFile(path, renderReport("markdown", report, workspace));
  } catch (error) {
    notice(warningLines(`cannot write the summary of the job: ${reasonOf(error)}`, undefined));
  }
}

async function sendSpans(report: RunReport, settings: OtlpSettings, { notice }: Messages): Promise<void> {
  const request = traceRequest(report, settings.parent, settings.resource);
  const problem = request === undefined ? undefined : await postJson(request, settings);
  if (problem !== undefined)
    notice(warningLines(`the spans of the run were not sent: ${problem}`, undefined));
}
