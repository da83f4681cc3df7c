import { join } from "node:path";
import { askEngine } from "../engine/ask.ts";
import { exitCodes, PolycrateError } from "../errors.ts";
import { createFile, replaceFile } from "../host/files.ts";
import { readOwnText } from "../host/filesBelow.ts";
import { collect, startProcess } from "../host/process.ts";
import type { Plan, ProbeStep } from "../plan/plan.ts";
import { type ClientOptions, reported, type SignalClient } from "./client.ts";
import type { ExecutionContext } from "./context.ts";
import { type ClientResult, type Execution, withoutContainer } from "./execution.ts";
import { relay } from "./outputRelay.ts";
import { tellingOfPull } from "./pull.ts";
import { killContainer, removeContainer } from "./removeContainer.ts";

/** The most bytes that are read from an image: enough for the users of a directory service. */
const largest = 1_000_000;

/**
 * Writes the files of the probe, and reads the image for them unless its text is cached. Throws (73) when something cannot
 * be written, (125) when the image prints too much.
 */
export async function probeImage(plan: Plan, step: ProbeStep, context: ExecutionContext): Promise<Execution> {
  const { engine, workspace } = plan;
  const options = { engine, directory: workspace, workspace, environment: context.host.environment };
  const ended = await probe(plan, step, options, context);
  const stopped = context.cancellation.reason();
  if (stopped !== undefined) await removeContainer(step.container, false, options, context.emit);
  return withoutContainer(step, ended, stopped);
}

async function probe(
  { workspace, runDirectory }: Plan,
  step: ProbeStep,
  options: ClientOptions,
  context: ExecutionContext,
): Promise<ClientResult> {
  const { refresh, files } = step.probe;
  const path = refresh ? undefined : await keptPath(step, options, context);
  let text = path === undefined ? undefined : readOwnText(workspace, path, largest);
  if (text === undefined) {
    const answer = await reported(step.argv, context, () => readFromImage(step, options, context));
    if (answer.exitCode !== 0 || context.cancellation.reason() !== undefined) return answer;
    text = answer.text;
    const target = path ?? (await keptPath(step, options, context));
    if (target !== undefined) replaceFile(workspace, target, text, 0o644);
  }
  for (const file of files) {
    if (runDirectory === undefined) break;
    const target = `${runDirectory.path}/${file.path}`;
    createFile(runDirectory.root, target, file.content + labelledLines(text, file.label), 0o644);
  }
  return { exitCode: 0, tail: "" };
}

/** Where the text of the image is cached; undefined when the engine does not have the image. */
async function keptPath(
  { probe: { identify, folder } }: ProbeStep,
  { engine, ...options }: ClientOptions,
  context: ExecutionContext,
): Promise<string | undefined> {
  const { signal } = context.cancellation;
  const { exitCode, stdout } = await reported(identify, context, () =>
    askEngine(engine, identify, { ...options, cancelled: signal }),
  );
  return exitCode === 0 ? join(folder, stdout.trim().replace(/^.*:/, "")) : undefined;
}

/** The image may have to be pulled first, which takes time and can be interrupted; its shell may be any program. */
async function readFromImage(
  { argv, container, probe: { shell } }: ProbeStep,
  options: ClientOptions,
  { cancellation, ...context }: ExecutionContext,
): Promise<ClientResult & { readonly text: string }> {
  const emit = tellingOfPull(context.emit, () => false);
  const running = startProcess(argv, { ...options, input: "nothing" });
  const kill = () => killContainer(container, running.signal, options);
  let isEndless = false;
  const text = collect(running.stdout, largest, () => {
    isEndless = true;
    kill();
  });
  const complaints = relay(
    running.stderr,
    (bytes) => emit({ type: "output", source: "probe", stream: "stderr", bytes }),
    [],
  );
  cancellation.attach({
    isAction: false,
    kill,
    signal: async (name) => signalProbe(running.signal, name, kill),
  });
  const exitCode = await running.ended;
  await complaints.finished;
  cancellation.detach();
  if (isEndless) throw endless(shell);
  return { exitCode, tail: complaints.tail(), text: await text };
}

/** The engine cancels a build when its client is gone, but not a container. */
function signalProbe(signal: SignalClient, name: NodeJS.Signals, kill: () => void): void {
  signal(name);
  kill();
}

function endless(shell: string): PolycrateError {
  return new PolycrateError(`\`${shell}\` printed too much output while the image's users were read`, {
    hint: "check `config.container.shell`; with `user: image` the users are not read",
    exitCode: exitCodes.dockerRefused,
  });
}

function labelledLines(text: string, label: string): string {
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${label}:`))
    .map((line) => `${line.slice(label.length + 1)}\n`)
    .join("");
}
