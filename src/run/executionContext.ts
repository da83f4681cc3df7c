import { type Arg, toShell } from "../host/arg.ts";
import type { Host } from "../host/stdio.ts";
import type { BuildOutput } from "../image/image.ts";
import type { Step } from "../plan/plan.ts";
import type { Stopping, StopReason } from "./cancellation.ts";
import type { Log } from "./outputRelay.ts";

/** What happened. */
export type Execution = {
  /** docker's exit code of the last step: the container's own when it started. */
  readonly exitCode: number;
  readonly step: Step["name"];
  /** True when the container's entrypoint ran, so that the exit code is the action's. */
  readonly started: boolean;
  /** Where the script failed, as the entrypoint noted it: a line of the script, counted from 1. */
  readonly failedLine: number | undefined;
  /** The last few kilobytes of the last step's output. */
  readonly tail: string;
  readonly stopped: StopReason | undefined;
};

/** What an execution is watched and controlled by. */
export type Attendance = {
  readonly host: Host;
  readonly stopping: Stopping;
  readonly log: Log;
  /** The name of the container, the file its entrypoint writes, and the run's terminal. */
  readonly container: string;
  readonly status: string;
  readonly terminal: { readonly interactive: boolean; readonly isTerminal: boolean };
  /** Show each docker command as it is run, and how long it took. */
  readonly verbose: boolean;
  readonly buildOutput: BuildOutput;
  /** Called when the container is about to be started, with everything before it done. */
  readonly onRun: () => void;
  /** Called with the id of the image when docker has told it anyway. */
  readonly onImage: (id: string) => void;
  /** Called when the container has started, or ended before it was seen to. */
  readonly onStarted: () => void;
};

/** Shows the command and its time when that is wanted, word for word as a dry run prints it. */
export async function shown<Result>(
  argv: readonly Arg[],
  { verbose, host }: Attendance,
  run: () => Promise<Result>,
): Promise<Result> {
  if (!verbose) return run();
  const command = toShell(argv).join(" ");
  host.say(`+ ${command}`);
  const before = performance.now();
  const result = await run();
  host.say(`+ ${toShell(argv.slice(0, 3)).join(" ")} took ${Math.round(performance.now() - before)} ms`);
  return result;
}
