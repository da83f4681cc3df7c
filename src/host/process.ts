import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { $ } from "zx/core";
import { exitCodes, PolycrateError } from "../errors.ts";
import { type Arg, argValue } from "./arg.ts";
import { codeOf } from "./fileErrors.ts";
import { clientMark, clientVariable } from "./owner.ts";

/** Options for starting a program. */
export type StartOptions = {
  readonly directory: string;
  /** The workspace that it is started for, when that is not the directory. */
  readonly workspace?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The program's standard input: none, polycrate's own, or a pipe. */
  readonly input: "nothing" | "ours" | "piped";
};

/** A running program; `signal` reaches its whole process group, and does nothing after the program has ended. */
export type RunningProcess = {
  readonly pid: number;
  readonly stdin: NodeJS.WritableStream | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The exit code, or 128 plus the number of the signal that ended it; resolves after the last output. */
  readonly ended: Promise<number>;
  readonly signal: (name: NodeJS.Signals) => void;
};

/** Starts a program with its output piped, in its own session, so that it receives signals only through `signal`. */
export function startProcess(args: readonly Arg[], options: StartOptions): RunningProcess {
  const [program, ...argv] = findProgram(args);
  const input = { nothing: "ignore", ours: "inherit", piped: "pipe" } as const;
  const child = startWith(
    (spawnOptions) => spawn(program, argv, { ...spawnOptions, shell: false }),
    options,
    [input[options.input], "pipe", "pipe"],
  );
  const { stdout, stderr } = child.process;
  if (stdout === null || stderr === null) throw new Error("a piped process has no output");
  return { ...child, stdin: child.process.stdin ?? undefined, stdout, stderr };
}

/** A program with its own pseudo-terminal. */
export type TerminalProcess = Omit<RunningProcess, "stdin" | "stdout" | "stderr"> & {
  readonly write: (data: Uint8Array) => void;
  readonly resize: (size: TerminalSize) => void;
};

/** In characters. */
export type TerminalSize = { readonly rows: number; readonly columns: number };

/** Starts a program with a pseudo-terminal; `onOutput` receives all of its output before `ended` resolves. */
export function startAtTerminal(
  args: readonly Arg[],
  options: Omit<StartOptions, "input">,
  size: TerminalSize,
  onOutput: (data: Uint8Array) => void,
): TerminalProcess {
  const argv = findProgram(args);
  const outputEnded = Promise.withResolvers<void>();
  const terminal = {
    cols: size.columns,
    rows: size.rows,
    data: (_: unknown, data: Uint8Array) => onOutput(data),
    exit: () => outputEnded.resolve(),
  };
  let started: ReturnType<typeof spawnAtTerminal> | undefined;
  const child = startWith(
    ({ cwd, env }) => {
      started = spawnAtTerminal(argv, { terminal, cwd, env });
      return asChildProcess(started);
    },
    options,
    ["ignore", "ignore", "ignore"],
  );
  const ended = child.ended.then(async (code) => {
    await outputEnded.promise;
    return code;
  });
  return {
    pid: child.pid,
    signal: child.signal,
    ended,
    write: (data) => void started?.terminal?.write(data),
    resize: ({ columns, rows }) => {
      started?.terminal?.resize(columns, rows);
      child.signal("SIGWINCH");
      // The docker client only handles it some time after the container's first output, and misses earlier ones.
      setTimeout(() => child.signal("SIGWINCH"), 500).unref();
    },
  };
}

function spawnAtTerminal(
  argv: string[],
  {
    terminal,
    cwd,
    env,
  }: { terminal: Bun.TerminalOptions; cwd: SpawnOptions["cwd"]; env: SpawnOptions["env"] },
) {
  const started = Bun.spawn(argv, { terminal, detached: true, cwd: String(cwd), env: { ...env } });
  if (started.terminal !== undefined) {
    // The container's own terminal echoes, and turns line feeds into `\r\n`.
    started.terminal.setRawMode(true);
    started.terminal.outputFlags = 0;
  }
  return started;
}

/** zx expects a child process of node; this one has the members that zx uses. */
function asChildProcess(started: ReturnType<typeof spawnAtTerminal>): ChildProcess {
  const child = Object.assign(new EventEmitter(), {
    pid: started.pid,
    stdin: null,
    stdout: null,
    stderr: null,
    kill: () => started.kill(),
  });
  void started.exited.then(() => {
    child.emit("exit", started.exitCode, started.signalCode);
    child.emit("close", started.exitCode, started.signalCode);
  });
  return child as unknown as ChildProcess; // zx uses only these members
}

/** Reads the stream; the returned function returns its text so far. After `limit` bytes output is dropped and `onLimit` called. */
export function collect(
  stream: Readable,
  limit = Number.POSITIVE_INFINITY,
  onLimit: () => void = () => {},
): () => string {
  const chunks: Buffer[] = [];
  let left = limit;
  stream.on("data", (chunk: Buffer) => {
    const isFull = left < 0;
    left -= chunk.length;
    if (left >= 0) chunks.push(chunk);
    else if (!isFull) onLimit();
  });
  return () => Buffer.concat(chunks).toString();
}

/**
 * Returns the arguments with the program's path in place of its name. Throws (69) when it is not on PATH: exit code 127 of
 * docker means "not found in the container".
 */
function findProgram(args: readonly Arg[]): [string, ...string[]] {
  const [name = "", ...rest] = args.map(argValue);
  const path = Bun.which(name);
  if (path !== null) return [path, ...rest];
  throw new PolycrateError(`\`${name}\` was not found on PATH`, {
    hint: "install the docker command line client, or add its folder to PATH",
    exitCode: exitCodes.noDocker,
  });
}

type Spawner = (options: SpawnOptions) => ChildProcess;

/** zx starts and awaits the program; its own copy of the output is discarded, because output goes through the streams. */
function startWith(
  spawner: Spawner,
  options: Omit<StartOptions, "input">,
  stdio: ("ignore" | "inherit" | "pipe")[],
) {
  let failure: unknown;
  const zxSpawn = (_command: string, _args: string[], spawnOptions: SpawnOptions) => {
    try {
      return spawner(spawnOptions);
    } catch (cause) {
      failure = cause;
      throw cause;
    }
  };
  const promise = $({
    spawn: zxSpawn as unknown as typeof spawn, // zx calls it with these three arguments only
    cwd: options.directory,
    env: { ...options.environment, [clientVariable]: clientMark(options.workspace ?? options.directory) },
    stdio,
    detached: true,
    nothrow: true,
    quiet: true,
    verbose: false,
    store: { stdout: discarding(), stderr: discarding(), stdall: discarding() },
  })`program`;
  const process = promise.child;
  if (process?.pid === undefined) throw startError(failure);
  const { pid } = process;
  let running = true;
  const waitForEnd = async (): Promise<number> => {
    const { exitCode, signal } = await promise;
    running = false;
    return exitCode ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  };
  const ended = waitForEnd();
  const signal = (name: NodeJS.Signals) => {
    if (running) signalGroup(pid, name);
  };
  return { process, pid, ended, signal };
}

/** zx collects output with `push`. */
function discarding() {
  return Object.assign([], { push: () => 0 });
}

/** Arguments and environment share a limit, usually 2 MiB (ARG_MAX, execve(2)). */
function startError(cause: unknown): Error {
  if (codeOf(cause) !== "E2BIG") return new Error("zx did not start the program", { cause });
  return new PolycrateError("the environment is too large: Linux passes at most 2 MiB to a program", {
    hint: "mount large values as files, with `extramounts` or `--mount`",
    exitCode: exitCodes.invalidWorkspace,
    cause,
  });
}

/** Signals the process group that a process leads. Ignores ESRCH: the group may already be gone. */
export function signalGroup(pid: number, name: NodeJS.Signals): void {
  if (pid > 1) signalProcess(-pid, name);
}

/** Signals a process; false when it no longer exists. */
export function signalProcess(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
