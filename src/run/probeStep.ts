import { join } from "node:path";
import { askEngine } from "../engine/ask.ts";
import type { Arg } from "../host/arg.ts";
import type { AskOptions } from "../host/capture.ts";
import { createFile, readOwnText, replaceFile } from "../host/files.ts";
import { collect, startProcess } from "../host/process.ts";
import type { ImageReading, Plan, Step } from "../plan/plan.ts";
import type { Attendance } from "./executionContext.ts";
import { relay } from "./outputRelay.ts";

/** Runs a command, and shows it when that is wanted. */
export type Shown = <Result>(argv: readonly Arg[], run: () => Promise<Result>) => Promise<Result>;

/**
 * Writes the files of the reading, for which the image is read unless its text is kept already. Returns docker's exit code
 * and what it complained about. Throws (73) when something cannot be written.
 */
export async function readImage(
  { engine, workspace, runDirectory }: Plan,
  { argv }: Step,
  { identify, folder, anew, files }: ImageReading,
  attendance: Pick<Attendance, "host" | "stopping" | "log">,
  shown: Shown,
): Promise<{ readonly exitCode: number; readonly tail: string }> {
  const { environment, cancelled } = attendance.host;
  const options = { directory: workspace, environment, cancelled };
  const keptPath = async (): Promise<string | undefined> => {
    const { exitCode, stdout } = await shown(identify, () => askEngine(engine, identify, options));
    return exitCode === 0 ? join(folder, stdout.trim().replace(/^.*:/, "")) : undefined;
  };
  const path = anew ? undefined : await keptPath();
  let text = path === undefined ? undefined : readOwnText(workspace, path, 1_000_000);
  if (text === undefined) {
    const answer = await shown(argv, () => startReading(argv, options, attendance));
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

/** The image may have to be pulled first, which takes its time and can be interrupted. */
async function startReading(
  argv: readonly Arg[],
  options: Omit<AskOptions, "hint">,
  { host, stopping, log }: Pick<Attendance, "host" | "stopping" | "log">,
) {
  const running = startProcess(argv, { ...options, input: "nothing" });
  const text = collect(running.stdout);
  const complaints = relay(running.stderr, host.stderr, log, []);
  stopping.attach({
    isAction: false,
    tell: async (name) => running.signal(name),
    kill: () => running.signal("SIGKILL"),
    letGo: complaints.letGo,
  });
  const exitCode = await running.ended;
  await complaints.finished;
  stopping.detach();
  return { exitCode, tail: complaints.tail(), text: text() };
}

function labelledLines(text: string, label: string): string {
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${label}:`))
    .map((line) => `${line.slice(label.length + 1)}\n`)
    .join("");
}
