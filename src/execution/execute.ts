import { chmodSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { exitCodes, PolycrateError, printable } from "../errors.ts";
import type { Plan, Step } from "../plan/plan.ts";
import { type Word, writtenWords } from "../plan/words.ts";
import type { BuildContext } from "../workspace/buildContext.ts";
import { learnBases, reasonInBases } from "./baseImages.ts";
import { buildReason } from "./buildReason.ts";
import { sendContext } from "./contextTar.ts";
import { type Host, sizeOf } from "./host.ts";
import { readImage } from "./imageReading.ts";
import { takeLock } from "./lock.ts";
import { maskedTexts } from "./mask.ts";
import { type Log, relay, terminalRelay } from "./output.ts";
import { clientFilePrefix, ownerFile, ownerOf, thisOwner, writeOwner } from "./owner.ts";
import { ask, startAtTerminal, startProcess } from "./process.ts";
import { createFile, createFileUnlessThere, makeFolder } from "./safeFiles.ts";
import type { Stopping, StopReason } from "./stopping.ts";

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
  /** Called when the container is about to be started, with everything before it done. */
  readonly onRun: () => void;
  /** Called when the container has started, or ended before it was seen to. */
  readonly onStarted: () => void;
};

/**
 * Carries the plan out: writes its files, runs its steps until one fails, and removes the run directory whatever happens.
 * Throws (73) when something cannot be written, (69) when there is no docker.
 */
export async function execute(plan: Plan, attendance: Attendance): Promise<Execution> {
  try {
    writeFiles(plan);
    return await runSteps(plan, attendance);
  } finally {
    if (plan.runDirectory !== undefined) {
      rmSync(join(plan.workspace, plan.runDirectory), { recursive: true, force: true });
    }
  }
}

function writeFiles({ workspace, runDirectory, folders, files }: Plan): void {
  for (const { path, content, mode } of files.filter(({ lifetime }) => lifetime === "stays")) {
    createFileUnlessThere(workspace, path, content, mode);
  }
  if (runDirectory !== undefined) {
    makeFolder(workspace, runDirectory, 0o700);
    createFile(workspace, `${runDirectory}/${ownerFile}`, writeOwner(thisOwner()), 0o600);
  }
  for (const folder of folders) makeFolder(workspace, folder);
  for (const { path, content, mode } of files.filter(({ lifetime }) => lifetime === "run")) {
    createFile(workspace, path, content, mode);
    // The container's user may be anybody, whatever the caller's umask says; the run directory keeps others out.
    if (dirname(path) !== runDirectory) chmodSync(join(workspace, dirname(path)), 0o755);
  }
}

async function runSteps(plan: Plan, attendance: Attendance): Promise<Execution> {
  let last: Execution = nothingDone;
  for (const step of plan.steps) {
    last =
      step.stdin === undefined
        ? await runStep(plan, step, attendance)
        : await runBuild(plan, step, step.stdin, attendance);
    if (last.exitCode !== 0 || last.stopped !== undefined) return last;
  }
  return last;
}

const nothingDone: Execution = {
  exitCode: 0,
  step: "build",
  started: false,
  failedLine: undefined,
  tail: "",
  stopped: undefined,
};

/** Builds unless the image is there. Of two processes that need the same image one builds, and the other waits for it. */
async function runBuild(
  plan: Plan,
  step: Step,
  context: BuildContext,
  attendance: Attendance,
): Promise<Execution> {
  const { host } = attendance;
  if (await isDone(plan, step, attendance)) return nothingDone;
  const lock = await takeLock(
    plan.workspace,
    `build-${context.hash.slice(0, 32)}`,
    "builds the same image",
    host,
  );
  try {
    if (lock.waited && (await isDone(plan, step, attendance))) return nothingDone;
    await refuseChangedBase(plan.workspace, context, host);
    const reason =
      step.unless === undefined ? "because of `--build`" : await buildReason(plan.workspace, context, host);
    host.say(`building the image: ${printable(reason)}`);
    return await runStep(plan, step, attendance);
  } finally {
    lock.release();
  }
}

/** A base image that moved since it was looked at may copy what this context does not have. */
async function refuseChangedBase(workspace: string, context: BuildContext, host: Host): Promise<void> {
  if (context.wholeContextReason !== undefined) return;
  const why = reasonInBases(context.parsed, await learnBases(workspace, context.parsed, host, true));
  if (why === undefined) return;
  throw new PolycrateError(`${context.dockerfile}:${why.line}: ${why.reason} by now`, {
    hint: "run it again; the whole workspace will count",
    exitCode: exitCodes.invalidWorkspace,
  });
}

async function isDone(plan: Plan, { unless }: Step, attendance: Attendance): Promise<boolean> {
  if (unless === undefined) return false;
  const { environment } = attendance.host;
  const answer = await shown(unless, attendance, () =>
    ask(unless, { directory: plan.workspace, environment }),
  );
  return answer.exitCode === 0;
}

/** Shows the command and its time when that is wanted, word for word as a dry run prints it. */
async function shown<Result>(
  argv: readonly Word[],
  { verbose, host }: Attendance,
  run: () => Promise<Result>,
): Promise<Result> {
  if (!verbose) return run();
  const command = writtenWords(argv).join(" ");
  host.say(`+ ${command}`);
  const before = performance.now();
  const result = await run();
  host.say(`+ ${writtenWords(argv.slice(0, 3)).join(" ")} took ${Math.round(performance.now() - before)} ms`);
  return result;
}

async function runStep(plan: Plan, step: Step, attendance: Attendance): Promise<Execution> {
  const carriers = Object.fromEntries(step.environment.map(({ name, value }) => [name, value]));
  const options: Options = {
    directory: plan.workspace,
    environment: { ...attendance.host.environment, ...carriers },
    onStart: (pid) => noteClient(plan, step, pid),
  };
  const secrets = maskedTexts(step.environment.map(({ value }) => value));
  const { reads } = step;
  if (reads !== undefined) {
    const read = await readImage(plan, step, reads, attendance, (argv, run) => shown(argv, attendance, run));
    return notStarted(step.name, read, attendance);
  }
  if (step.name === "run") attendance.onRun();
  const runIt = step.name === "run" && attendance.terminal.isTerminal ? runAtTerminal : runPiped;
  const running = shown(step.argv, attendance, () => runIt(step, options, secrets, attendance));
  if (step.name === "run") await tellOfStart(running, attendance);
  const ended = await running;
  const { stopping, status } = attendance;
  const stopped = stopping.reason();
  if (step.name !== "run") return notStarted(step.name, ended, attendance);
  if (stopped !== undefined) await removeContainer(attendance, options);
  return { ...ended, step: step.name, ...readStatus(status, ended.exitCode), stopped };
}

/** Nothing that is asked about the run may delay its start; a container that ends at once is told of when it has ended. */
async function tellOfStart(running: Promise<unknown>, { status, onStarted }: Attendance): Promise<void> {
  let isRunning = true;
  const stop = () => {
    isRunning = false;
  };
  void running.then(stop, stop);
  while (isRunning && !hasStarted(status)) await Bun.sleep(10);
  onStarted();
}

function notStarted(step: Step["name"], ended: Ended, { stopping }: Attendance): Execution {
  return { ...ended, step, started: false, failedLine: undefined, stopped: stopping.reason() };
}

/** docker's client outlives a polycrate that is killed, and would go on to build and run: `prune` ends it by this note. */
function noteClient({ workspace, runDirectory }: Plan, { name }: Step, pid: number): void {
  if (runDirectory === undefined) return;
  createFile(workspace, `${runDirectory}/${clientFilePrefix}${name}`, writeOwner(ownerOf(pid)), 0o600);
}

type Options = {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onStart: (pid: number) => void;
};
type Ended = { readonly exitCode: number; readonly tail: string };

async function runPiped(
  step: Step,
  options: Options,
  secrets: readonly Buffer[],
  attendance: Attendance,
): Promise<Ended> {
  const { host, stopping, log, terminal } = attendance;
  const input =
    step.stdin !== undefined ? "piped" : terminal.interactive && step.name === "run" ? "ours" : "nothing";
  const running = startProcess(step.argv, { ...options, input });
  options.onStart(running.pid);
  const toStdout = step.name === "run" ? host.stdout : host.stderr;
  const relays = [
    relay(running.stdout, toStdout, log, secrets),
    relay(running.stderr, host.stderr, log, secrets),
  ];
  stopping.attach({
    ...stoppableOf(step, running.signal, attendance, options),
    letGo: () => {
      for (const one of relays) one.letGo();
    },
  });
  const { stdin } = running;
  const sending =
    step.stdin !== undefined && stdin !== undefined
      ? sendContext(step.stdin, options.directory, stdin)
      : undefined;
  const [sent, exit] = await Promise.allSettled([sending, running.ended]);
  await Promise.all(relays.map(({ finished }) => finished));
  stopping.detach();
  if (sent.status === "rejected") throw sent.reason;
  if (exit.status === "rejected") throw exit.reason;
  return { exitCode: exit.value, tail: relays.map(({ tail }) => tail()).join("\n") };
}

async function runAtTerminal(
  step: Step,
  options: Options,
  secrets: readonly Buffer[],
  attendance: Attendance,
): Promise<Ended> {
  const { host, stopping, log, terminal } = attendance;
  const output = terminalRelay(host.stdout, log, secrets);
  const running = startAtTerminal(step.argv, options, sizeOf(host.stdout), output.pass);
  options.onStart(running.pid);
  stopping.attach({ ...stoppableOf(step, running.signal, attendance, options), letGo: output.letGo });
  const resize = () => running.resize(sizeOf(host.stdout));
  host.stdout.on("resize", resize);
  const type = (data: Buffer) => running.write(data);
  if (terminal.interactive) {
    host.stdin.setRawMode(true);
    host.stdin.on("data", type).resume();
  }
  const exitCode = await running.ended;
  if (terminal.interactive) {
    host.stdin.off("data", type).pause();
    host.stdin.setRawMode(false);
  }
  host.stdout.off("resize", resize);
  output.end();
  stopping.detach();
  return { exitCode, tail: output.tail() };
}

/**
 * docker's client passes a signal on to the container, but swallows one that comes before the container runs: so a run is
 * told when its entrypoint has started, or after a second, when docker is still pulling and the client itself has to end.
 */
function stoppableOf(
  step: Step,
  signal: (name: NodeJS.Signals) => void,
  attendance: Attendance,
  options: Options,
): { tell: (name: NodeJS.Signals) => Promise<void>; kill: () => void } {
  if (step.name !== "run") {
    return { tell: async (name) => signal(name), kill: () => signal("SIGKILL") };
  }
  return {
    tell: async (name) => {
      for (let waited = 0; waited < 1000 && !hasStarted(attendance.status); waited += 10) await Bun.sleep(10);
      signal(name);
    },
    kill: () => {
      void ask(["docker", "rm", "--force", attendance.container], options);
      setTimeout(() => signal("SIGKILL"), 2000).unref();
    },
  };
}

/** A client that was told to end may have left a container that was only just being made. */
async function removeContainer({ container, status }: Attendance, options: Options): Promise<void> {
  const attempts = hasStarted(status) ? 1 : 5;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const answer = await ask(["docker", "rm", "--force", container], options);
    if (answer.exitCode === 0 && answer.stderr === "") return;
    if (attempt + 1 < attempts) await Bun.sleep(100);
  }
}

function hasStarted(status: string): boolean {
  return statusLines(status)[0] === "started";
}

function readStatus(path: string, exitCode: number): { started: boolean; failedLine: number | undefined } {
  const [first, ...notes] = statusLines(path);
  const last = notes.at(-1)?.split(" ").map(Number);
  const line = last?.[0] === exitCode ? last[1] : undefined;
  return { started: first === "started", failedLine: line };
}

/** The action can write to this file, so no more of it is read than an entrypoint writes. */
function statusLines(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8")
      .slice(0, 65_536)
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    return [];
  }
}
