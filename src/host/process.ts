import { exitCodes, PolycrateError } from "../errors.ts";
import { type Arg, argValue } from "./arg.ts";
import { codeOf } from "./fileErrors.ts";
import { clientMark, clientVariable } from "./owner.ts";
import type { StartedProgram } from "./zx.ts";

/** Options for starting a program. */
export type StartOptions = {
  readonly directory: string;
  /** The workspace that it is started for, when that is not the directory. */
  readonly workspace?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The program's standard input: none, polycrate's own, or a pipe. */
  readonly input: "nothing" | "ours" | "piped";
};

/** What a program prints. It is read at the pace of its reader, and ends when every process that holds it has ended. */
export type ProgramOutput = AsyncIterable<Uint8Array>;

/** The standard input of a program. */
export type ProgramInput = {
  /** Resolves when more can be written; false when the program no longer reads. */
  readonly write: (part: Uint8Array) => Promise<boolean>;
  /** Hands over at once what was written. */
  readonly flush: () => Promise<void>;
  readonly end: () => Promise<void>;
};

/** A running program; `signal` reaches its whole process group, and does nothing after the program has ended. */
export type RunningProcess = {
  readonly pid: number;
  readonly stdin: ProgramInput | undefined;
  readonly stdout: ProgramOutput;
  readonly stderr: ProgramOutput;
  /** The exit code, or 128 plus the number of the signal that ended it; its output may not have been read to its end yet. */
  readonly ended: Promise<number>;
  readonly signal: (name: NodeJS.Signals) => void;
};

/** Starts a program with its output piped, in its own session, so that it receives signals only through `signal`. */
export function startProcess(args: readonly Arg[], options: StartOptions): RunningProcess {
  const stdin = ({ nothing: "ignore", ours: "inherit", piped: "pipe" } as const)[options.input];
  const started = start(args, options, (argv, common) =>
    Bun.spawn(argv, { ...common, stdin, stdout: "pipe", stderr: "pipe" }),
  );
  const { stdout, stderr } = started;
  const input = typeof started.stdin === "object" ? inputOf(started.stdin) : undefined;
  return { ...supervised(started), stdin: input, stdout, stderr };
}

/** Small parts are collected: each hand-over to the system takes longer than copying them. */
const mostBuffered = 65_536;

function inputOf(sink: Bun.FileSink): ProgramInput {
  let buffered = 0;
  let isClosed = false;
  const attempt = async (action: () => number | Promise<number>) => {
    try {
      await action();
    } catch {
      isClosed = true;
    }
  };
  return {
    write: async (part) => {
      if (isClosed) return false;
      buffered += part.length;
      await attempt(() => sink.write(part));
      if (buffered >= mostBuffered) {
        buffered = 0;
        await attempt(() => sink.flush());
      }
      return !isClosed;
    },
    flush: async () => {
      buffered = 0;
      if (!isClosed) await attempt(() => sink.flush());
    },
    end: async () => {
      await attempt(() => sink.end());
      isClosed = true;
    },
  };
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
  const outputEnded = Promise.withResolvers<void>();
  const settings = {
    cols: size.columns,
    rows: size.rows,
    data: (_: unknown, data: Uint8Array) => onOutput(data),
    exit: () => outputEnded.resolve(),
  };
  const started = start(args, options, (argv, common) => Bun.spawn(argv, { ...common, terminal: settings }));
  const { terminal } = started;
  if (terminal !== undefined) {
    // The container's own terminal echoes, and turns line feeds into `\r\n`.
    terminal.setRawMode(true);
    terminal.outputFlags = 0;
  }
  const { pid, signal, ended } = supervised(started);
  return {
    pid,
    signal,
    ended: ended.then(async (code) => {
      await outputEnded.promise;
      return code;
    }),
    write: (data) => void terminal?.write(data),
    resize: ({ columns, rows }) => {
      terminal?.resize(columns, rows);
      signal("SIGWINCH");
      // The docker client only handles it some time after the container's first output, and misses earlier ones.
      setTimeout(() => signal("SIGWINCH"), 500).unref();
    },
  };
}

/** Returns the text of the output at its end. After `limit` bytes output is dropped and `onLimit` called. */
export async function collect(
  output: ProgramOutput,
  limit = Number.POSITIVE_INFINITY,
  onLimit: () => void = () => {},
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let left = limit;
  for await (const chunk of output) {
    const isFull = left < 0;
    left -= chunk.length;
    if (left >= 0) chunks.push(chunk);
    else if (!isFull) onLimit();
  }
  return Buffer.concat(chunks).toString();
}

/**
 * Starts the program in its own session. Throws (69) when it is not on PATH: exit code 127 of docker means "not found in the
 * container"; (65) when the environment is too large.
 */
function start<Started>(
  args: readonly Arg[],
  { directory, workspace, environment }: Omit<StartOptions, "input">,
  spawn: (argv: string[], common: CommonOptions) => Started,
): Started {
  const [name = "", ...rest] = args.map(argValue);
  const path = Bun.which(name);
  if (path === null) {
    throw new PolycrateError(`\`${name}\` was not found on PATH`, {
      hint: "install the docker command line client, or add its folder to PATH",
      exitCode: exitCodes.noDocker,
    });
  }
  const env = {
    ...withoutIdentity(environment),
    [clientVariable]: clientMark(workspace ?? directory),
  };
  try {
    return spawn([path, ...rest], { cwd: directory, env, detached: true });
  } catch (cause) {
    throw startError(cause);
  }
}

/** The text of the identity that decrypts a workspace's secrets. Only polycrate reads it. */
export const identityVariable = "POLYCRATE_AGE_KEY";

/** Returns the environment for another program. */
export function withoutIdentity(environment: StartOptions["environment"]): StartOptions["environment"] {
  return { ...environment, [identityVariable]: undefined };
}

type CommonOptions = Required<
  Pick<Bun.SpawnOptions.BaseOptions<"pipe", "pipe", "pipe">, "cwd" | "env" | "detached">
>;

/** How a started program is signalled, and its end, as zx reports it. */
function supervised(started: StartedProgram) {
  const { pid } = started;
  const signal = (name: NodeJS.Signals) => {
    if (started.exitCode === null && started.signalCode === null) signalGroup(pid, name);
  };
  const ended = import("./zx.ts").then(({ exitCodeOf }) => exitCodeOf(started));
  return { pid, signal, ended };
}

/** Arguments and environment share a limit, usually 2 MiB (ARG_MAX, execve(2)). */
function startError(cause: unknown): Error {
  if (codeOf(cause) !== "E2BIG") return new Error("the program could not be started", { cause });
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
