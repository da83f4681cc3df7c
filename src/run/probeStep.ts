import { join } from "node:path";
import { askEngine } from "../engine/ask.ts";
import { exitCodes, PolycrateError } from "../errors.ts";
import type { Arg } from "../host/arg.ts";
import type { CaptureOptions } from "../host/capture.ts";
import { createFile, replaceFile } from "../host/files.ts";
import { readOwnText } from "../host/filesBelow.ts";
import { collect, startProcess } from "../host/process.ts";
import type { ImageReading, Plan, Step } from "../plan/plan.ts";
import type { Stoppable } from "./cancellation.ts";
import type { Attendance } from "./executionContext.ts";
import { relay } from "./outputRelay.ts";

/** How a command is run: it is shown when that is wanted, and stopped by what is returned for its signals. */
export type Manner = {
  readonly shown: <Result>(argv: readonly Arg[], run: () => Promise<Result>) => Promise<Result>;
  readonly stoppable: (signal: (name: NodeJS.Signals) => void) => Omit<Stoppable, "letGo">;
};

/** The most bytes of a text that is read: a directory service has no more users than that. */
const largest = 1_000_000;

/**
 * Writes the files of the reading, for which the image is read unless its text is kept already. Returns docker's exit code
 * and what it complained about. Throws (73) when something cannot be written, (125) when the image prints no end of it.
 */
export async function readImage(
  { engine, workspace, runDirectory }: Plan,
  { argv }: Step,
  { shell, identify, folder, anew, files }: ImageReading,
  attendance: Pick<Attendance, "host" | "stopping" | "log">,
  manner: Manner,
): Promise<{ readonly exitCode: number; readonly tail: string }> {
  const { environment, cancelled } = attendance.host;
  const options = { directory: workspace, environment, cancelled };
  const keptPath = async (): Promise<string | undefined> => {
    const { exitCode, stdout } = await manner.shown(identify, () => askEngine(engine, identify, options));
    return exitCode === 0 ? join(folder, stdout.trim().replace(/^.*:/, "")) : undefined;
  };
  const path = anew ? undefined : await keptPath();
  let text = path === undefined ? undefined : readOwnText(workspace, path, largest);
  if (text === undefined) {
    const answer = await manner.shown(argv, () => startReading(argv, options, attendance, manner));
    if (answer.isEndless) throw endless(shell);
    if (answer.exitCode !== 0 || attendance.stopping.reason() !== undefined) return answer;
    text = answer.text;
    const target = path ?? (await keptPath());
    if (target !== undefined) replaceFile(workspace, target, text, 0o644);
  }
  for (const file of files) {
    if (runDirectory === undefined) break;
    const path = `${runDirectory.path}/${file.path}`;
    createFile(runDirectory.root, path, file.content + labelledLines(text, file.label), 0o644);
  }
  return { exitCode: 0, tail: "" };
}

function endless(shell: string): PolycrateError {
  return new PolycrateError(`\`${shell}\` in the image prints more than the image's users`, {
    hint: "`config.container.shell` names the shell; with `user: image` nothing is read",
    exitCode: exitCodes.dockerRefused,
  });
}

/** The image may have to be pulled first, which takes its time and can be interrupted; its shell may be anything. */
async function startReading(
  argv: readonly Arg[],
  options: Omit<CaptureOptions, "hint">,
  { host, stopping, log }: Pick<Attendance, "host" | "stopping" | "log">,
  { stoppable }: Manner,
) {
  const running = startProcess(argv, { ...options, input: "nothing" });
  const { kill, ...stop } = stoppable(running.signal);
  let isEndless = false;
  const text = collect(running.stdout, largest, () => {
    isEndless = true;
    kill();
  });
  const complaints = relay(running.stderr, host.stderr, log, []);
  stopping.attach({ ...stop, kill, letGo: complaints.letGo });
  const exitCode = await running.ended;
  await complaints.finished;
  stopping.detach();
  return { exitCode, tail: complaints.tail(), text: text(), isEndless };
}

function labelledLines(text: string, label: string): string {
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${label}:`))
    .map((line) => `${line.slice(label.length + 1)}\n`)
    .join("");
}
