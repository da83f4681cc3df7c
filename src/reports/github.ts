import { containerStepOf, type Plan } from "../plan/plan.ts";
import { perRun, type RunEvent, type Timed } from "../run/events.ts";
import { positionOfFailure } from "../workspace/blocks/actionSource.ts";
import type { CiLog } from "./ciLog.ts";
import { explainRun } from "./failure.ts";
import { type Annotation, annotationLine, githubCommand } from "./githubCommands.ts";
import type { SourceRoot } from "./sourceRoot.ts";

/** What the log of GitHub Actions is made with. */
export type GithubOptions = {
  /** Random: what an action cannot guess. */
  readonly token: string;
  readonly root: SourceRoot;
  /** Whether builds and runs are groups. */
  readonly groups: boolean;
  /** The lines of several runs are mixed: the runner obeys nothing before the end, and gets the annotations then. */
  readonly isMixed?: boolean;
};

/**
 * Returns the log for GitHub Actions: a group for each build and run, and an annotation for a run that failed. The runner
 * obeys commands in all output of a step, standard output too, so it is stopped from the first event to the end, and resumes
 * only for the commands of one call.
 */
export function githubLog({ token, root, groups, isMixed = false }: GithubOptions): CiLog {
  const [stop, resume] = [githubCommand("stop-commands", {}, token), githubCommand(token, {}, "")];
  let isStopped = false;
  let late = "";
  const runOf = perRun((): GroupedRun => ({ plan: undefined, isInGroup: false }));
  const commandsAt = (event: Timed<RunEvent>): string => {
    const run = runOf(event);
    const group = (title: string) => {
      run.isInGroup = groups;
      return groups ? githubCommand("group", {}, title) : "";
    };
    const endGroup = () => {
      const line = run.isInGroup ? githubCommand("endgroup", {}, "") : "";
      run.isInGroup = false;
      return line;
    };
    if (event.type === "planned") run.plan = event.plan;
    const { plan } = run;
    if (event.type === "building")
      return group(`build image ${(plan && containerStepOf(plan))?.image.reference ?? ""}`);
    if (event.type === "built") return endGroup();
    if (event.type === "starting") return group(`run ${runTitle(plan)}`);
    if (event.type !== "finished") return "";
    const annotation = annotationOf(plan, event);
    const line = annotation === undefined ? "" : annotationLine(annotation, root);
    if (!isMixed) return endGroup() + line;
    late += line;
    return "";
  };
  return {
    linesAt: (event) => {
      const commands = commandsAt(event);
      if (isStopped && commands === "") return "";
      const lines = `${isStopped ? resume : ""}${commands}${stop}`;
      isStopped = true;
      return lines;
    },
    end: () => (isStopped ? `${resume}${late}` : ""),
  };
}

type GroupedRun = { plan: Plan | undefined; isInGroup: boolean };

function runTitle(plan: Plan | undefined): string {
  const { record } = plan ?? {};
  return record === undefined ? "" : `${record.block} ${record.action}`;
}

/** A run without an execution ended in an error, which its caller reports. */
function annotationOf(
  plan: Plan | undefined,
  { status, execution, exitCode }: Extract<RunEvent, { type: "finished" }>,
): Annotation | undefined {
  if (status === "succeeded" || execution === undefined) return undefined;
  const title = runTitle(plan);
  const source = plan && containerStepOf(plan)?.source;
  const failure = status === "failed" ? explainRun(execution, exitCode, "whole") : undefined;
  if (failure === undefined) {
    const message = status === "timed_out" ? "timed out" : `was ${status}`;
    return { severity: "error", title, message, at: source && positionOfFailure(source, undefined) };
  }
  const { by, message, hint, place } = failure;
  const where = place === undefined ? "" : ` (item ${place.item}, line ${place.line})`;
  return {
    severity: "error",
    title,
    message: `${message}${where}${hint === undefined ? "" : `\nhint: ${hint}`}`,
    at: by === "action" && source !== undefined ? positionOfFailure(source, place) : undefined,
  };
}
