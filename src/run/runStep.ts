import { askEngine } from "../engine/ask.ts";
import type { Engine } from "../engine/engine.ts";
import { PolycrateError } from "../errors.ts";
import { startAtTerminal, startProcess } from "../host/process.ts";
import { sizeOf } from "../host/stdio.ts";
import { stageContext } from "../image/stage.ts";
import { sendContext } from "../image/tar.ts";
import type { Plan, Step } from "../plan/plan.ts";
import { maskedTexts } from "../secrets/mask.ts";
import { plainOutput, viewBuild } from "./buildView.ts";
import type { Stoppable } from "./cancellation.ts";
import { hasStarted, readStatus } from "./containerStatus.ts";
import { type Attendance, type Execution, shown } from "./executionContext.ts";
import { relay, terminalRelay } from "./outputRelay.ts";
import { readImage } from "./probeStep.ts";

/** Runs one docker command to its end, its output passed on and signals passed to it; says how it ended. */
export async function runStep(plan: Plan, step: Step, attendance: Attendance): Promise<Execution> {
  const carriers = Object.fromEntries(step.environment.map(({ name, value }) => [name, value]));
  const options: Options = {
    engine: plan.engine,
    directory: plan.workspace,
    workspace: plan.workspace,
    environment: { ...attendance.host.environment, ...carriers },
  };
  const secrets = maskedTexts(step.environment.map(({ value }) => value));
  const { reads } = step;
  if (reads !== undefined) {
    const read = await readImage(plan, step, reads, attendance, {
      shown: (argv, run) => shown(argv, attendance, run),
      stoppable: (signal) => stoppableOf(step, signal, attendance, options),
    });
    if (attendance.stopping.reason() !== undefined) await removeContainer(attendance, options);
    return notStarted(step.name, read, attendance);
  }
  if (step.name === "run") attendance.onRun();
  const runIt =
    step.context?.sentAs === "folder"
      ? runInFolder
      : step.name === "run" && attendance.terminal.isTerminal
        ? runAtTerminal
        : runPiped;
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
async function tellOfStart(
  running: Promise<unknown>,
  { status, onStarted, host }: Attendance,
): Promise<void> {
  let isRunning = true;
  const stop = () => {
    isRunning = false;
  };
  void running.then(stop, stop);
  const slow = setTimeout(
    () => host.say("docker has not started the container yet; Ctrl-C gives up"),
    30_000,
  );
  while (isRunning && !hasStarted(status)) await Bun.sleep(10);
  clearTimeout(slow);
  onStarted();
}

function notStarted(step: Step["name"], ended: Ended, { stopping }: Attendance): Execution {
  return { ...ended, step, started: false, failedLine: undefined, stopped: stopping.reason() };
}

type Options = {
  readonly engine: Engine;
  readonly directory: string;
  readonly workspace: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
};
type Ended = { readonly exitCode: number; readonly tail: string };

/** The command finds its build context where it is started. */
async function runInFolder(
  step: Step,
  options: Options,
  secrets: readonly Buffer[],
  attendance: Attendance,
): Promise<Ended> {
  if (step.context === undefined) return runPiped(step, options, secrets, attendance);
  const isStopped = () => attendance.stopping.reason() !== undefined;
  const staged = await stageContext(step.context, options.directory, isStopped);
  try {
    if (isStopped()) return { exitCode: 1, tail: "" };
    return await runPiped(step, { ...options, directory: staged.directory }, secrets, attendance);
  } finally {
    staged.remove();
  }
}

async function runPiped(
  step: Step,
  options: Options,
  secrets: readonly Buffer[],
  attendance: Attendance,
): Promise<Ended> {
  const { host, stopping, log, terminal } = attendance;
  const tar = step.context?.sentAs === "tar" ? step.context : undefined;
  const input =
    tar !== undefined ? "piped" : terminal.interactive && step.name === "run" ? "ours" : "nothing";
  const running = startProcess(step.argv, { ...options, input });
  const view = step.name === "run" ? undefined : viewBuild(host.stderr, attendance.buildOutput);
  const relays =
    view === undefined
      ? [relay(running.stdout, host.stdout, log, secrets), relay(running.stderr, host.stderr, log, secrets)]
      : [running.stdout, running.stderr].map((stream) =>
          relay(plainOutput(stream), view.target, log, secrets),
        );
  stopping.attach({
    ...stoppableOf(step, running.signal, attendance, options),
    letGo: () => {
      view?.letGo();
      for (const one of relays) one.letGo();
    },
  });
  const { stdin } = running;
  const sending =
    tar !== undefined && stdin !== undefined ? sendContext(tar, options.directory, stdin) : undefined;
  const [sent, exit] = await Promise.allSettled([sending, running.ended]);
  await Promise.all(relays.map(({ finished }) => finished));
  stopping.detach();
  view?.end(
    sent.status === "fulfilled" &&
      exit.status === "fulfilled" &&
      exit.value !== 0 &&
      stopping.reason() === undefined,
  );
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
 * The engine gives a build up when its client is gone, but not a container; BuildKit's client may swallow a signal (docker 20.10).
 */
function stoppableOf(
  step: Step,
  signal: (name: NodeJS.Signals) => void,
  attendance: Attendance,
  options: Options,
): Omit<Stoppable, "letGo"> {
  const kill = () => signal("SIGKILL");
  const remove = () => {
    // What is left of it when polycrate ends would wait for the engine for ever.
    const patient = { ...options, timeout: 5 };
    const removal = askEngine(options.engine, options.engine.removeContainer(attendance.container), patient);
    removal.catch(() => {});
    setTimeout(kill, 2000).unref();
  };
  if (step.name !== "run") {
    const tell = async (name: NodeJS.Signals) => {
      signal(name);
      if (step.reads === undefined) setTimeout(kill, 1000).unref();
      else remove();
    };
    return { isAction: false, tell, kill: step.reads === undefined ? kill : remove };
  }
  return {
    isAction: true,
    tell: async (name) => {
      for (let waited = 0; waited < 1000 && !hasStarted(attendance.status); waited += 10) await Bun.sleep(10);
      signal(name);
    },
    kill: remove,
  };
}

/** A client that was told to end may have left a container that was only just being made. */
async function removeContainer({ container, status, host }: Attendance, options: Options): Promise<void> {
  const attempts = hasStarted(status) ? 1 : 5;
  try {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const removal = options.engine.removeContainer(container);
      const answer = await askEngine(options.engine, removal, { ...options, timeout: 5 });
      if (answer.exitCode === 0 && answer.stderr === "") return;
      if (attempt + 1 < attempts) await Bun.sleep(100);
    }
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    host.say(
      `warning: the container may still be there: ${error.message}\nhint: \`polycrate prune\` removes it later`,
    );
  }
}
