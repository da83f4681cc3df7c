import { printable } from "../../errors.ts";
import { toShell } from "../../host/arg.ts";
import type { BuildOutput } from "../../image/image.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Grace } from "../../run/cancellation.ts";
import type { Reader, RunEvent, Timed } from "../../run/events.ts";
import type { Artifact } from "../../transactions/artifacts.ts";
import { fetchedText, sentText } from "../../transfer/summary.ts";
import { type BuildView, buildOutputOf, buildView } from "./buildView.ts";
import { type Messages, type Verbosity, warningLines } from "./messages.ts";

/** What the view of a run shows. */
export type RunViewOptions = Verbosity & {
  /** What standard output is for in place of the action's output: this goes to standard error, or is in the events alone. */
  readonly output: "json" | "events" | undefined;
  /** How much of a build is shown; left out, it depends on the terminal. */
  readonly buildOutput?: BuildOutput;
  /** The warnings that were printed; those of all runs that share it are printed once. */
  readonly warned?: Set<string>;
};

/** A run as far as its events have come. */
export type ViewedRun = {
  readonly plan: Plan;
  /** The path of the log; undefined when no record is kept. */
  readonly log: string | undefined;
  readonly started: Date;
  readonly artifacts: readonly Artifact[];
  readonly buildOutput: BuildOutput;
};

/** The last event of a run. */
export type Finished = Extract<Timed<RunEvent>, { type: "finished" }>;

/** Prints how a run ended. */
export type Summarize = (run: ViewedRun, finished: Finished, messages: Messages) => void;

/** Returns the reader that prints the events of a run. */
// Longer than 40 lines, because it lists how each event is printed.
export function runView(messages: Messages, options: RunViewOptions, summarize: Summarize): Reader {
  const { stdout, stderr } = messages.outputs;
  const target = { stdout: options.output === "json" ? stderr : stdout, stderr };
  const { buildOutput = buildOutputOf(stderr, options), warned = new Set<string>() } = options;
  let run: ViewedRun | undefined;
  let build: BuildView | undefined;
  let sent: Extract<RunEvent, { type: "sent" }> | undefined;
  const warn = (message: string, hint: string | undefined) => {
    const lines = warningLines(message, hint);
    if (!warned.has(lines)) messages.notice(lines);
    warned.add(lines);
  };
  const verbose = (line: string) => {
    if (options.verbose) messages.notice(line);
  };
  return (event) => {
    switch (event.type) {
      case "planned":
        for (const one of Object.values(target)) one.awaitReader();
        run = startedRun(event, buildOutput);
        for (const { message, hint } of event.plan.warnings) warn(message, hint);
        return undefined;
      case "warning":
        warn(event.message, event.hint);
        return undefined;
      case "command":
        verbose(`+ ${toShell(event.argv).join(" ")}`);
        return undefined;
      case "commandEnded":
        verbose(`+ ${toShell(event.argv.slice(0, 3)).join(" ")} took ${Math.round(event.milliseconds)} ms`);
        return undefined;
      case "starting":
        // While the engine works: making the streams takes milliseconds.
        setImmediate(() => [stdout.stream, stderr.stream]);
        return undefined;
      case "waiting":
        messages.notice(event.message);
        return undefined;
      case "building":
        messages.notice(`building the image: ${event.reason}`);
        return undefined;
      case "built":
        build?.end(event.failed);
        build = undefined;
        return undefined;
      case "output":
        if (event.source === "action" && options.output === "events") return undefined;
        if (event.source !== "build") return target[event.stream].write(event.bytes);
        build ??= buildView(stderr, buildOutput);
        return build.take(event.bytes);
      case "stopping":
        build?.clear();
        for (const one of Object.values(target)) one.abandon();
        if (event.grace !== undefined) messages.notice(stoppingLine(event.cause, event.grace));
        return undefined;
      case "sent":
        sent = event;
        return undefined;
      case "fetched":
        if (sent !== undefined) messages.notice(travelLine(sent, event));
        for (const { path, theirs } of event.conflicts) warn(...conflictLines(path, theirs));
        for (const { path, reason } of [...(sent?.leftOut ?? []), ...event.leftOut]) {
          warn(`\`${path}\` did not travel: ${reason}`, undefined);
        }
        return undefined;
      case "artifact":
        if (run !== undefined) run = { ...run, artifacts: [...run.artifacts, event.artifact] };
        return undefined;
      case "foreignFiles":
        messages.notice(foreignLines(event.paths));
        return undefined;
      case "finished":
        if (run !== undefined) summarize(run, event, messages);
        return undefined;
      default:
        return undefined;
    }
  };
}

function startedRun(
  { plan, record, time }: Extract<Timed<RunEvent>, { type: "planned" }>,
  buildOutput: BuildOutput,
): ViewedRun {
  const started = record?.transaction.started ?? time;
  return { plan, log: record?.files.log, started, artifacts: [], buildOutput };
}

function travelLine(
  { files, bytes }: Extract<RunEvent, { type: "sent" }>,
  fetched: Extract<RunEvent, { type: "fetched" }>,
): string {
  return `${sentText(files, bytes)}; ${fetchedText(fetched)}`;
}

function conflictLines(path: string, theirs: string | undefined): [string, string] {
  return theirs === undefined
    ? [`\`${path}\` was removed by the action and changed here meanwhile`, "yours was kept"]
    : [
        `\`${path}\` was changed by the action and here meanwhile`,
        `yours was kept; the other is \`${theirs}\``,
      ];
}

function stoppingLine(cause: string, grace: Grace): string {
  return "seconds" in grace
    ? `${cause}: waiting for the action to end; it will be killed after ${grace.seconds} s`
    : "waiting for the action to end; press Ctrl-C again to kill it";
}

function foreignLines(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).map((path) => `  ${printable(path)}`);
  const more = paths.length > shown.length ? [`  and ${paths.length - shown.length} more`] : [];
  const hint =
    "hint: set `config.container.user: host` to run actions as your own user; see `polycrate help user`";
  return ["warning: the action wrote files that you do not own:", ...shown, ...more, hint].join("\n");
}
