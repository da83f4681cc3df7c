import { exitCodes, PolycrateError } from "../errors.ts";

/** What polycrate is connected to. */
export type Stdio = {
  readonly stdin: "terminal" | "data" | "nothing";
  /** The size of the terminal that standard output is; undefined when it is not a terminal. */
  readonly stdout: { readonly rows: number; readonly columns: number } | undefined;
  /** True when standard output and standard error are one file. */
  readonly joined: boolean;
  /** True when the variable `CI` is set and not `0` or `false`: then there is no user, and standard input may be anything. */
  readonly ci: boolean;
};

/** How the container's terminal is set up before the script runs. */
export type Terminal = {
  /** docker's `--interactive`: the action reads polycrate's standard input. */
  readonly interactive: boolean;
  /** docker's `--tty`; the size is in characters, undefined when there is no terminal. */
  readonly size: { readonly rows: number; readonly columns: number } | undefined;
};

/** A container without a terminal that reads nothing. */
export const noTerminal: Terminal = { interactive: false, size: undefined };

/** The command line's options for the terminal. */
export type TerminalOptions = {
  readonly interactive?: boolean | undefined;
  readonly stdin?: boolean | undefined;
  /** The plan is only printed; the script may then be run at a terminal. */
  readonly dryRun: boolean;
};

/**
 * Returns docker's settings for standard input and the terminal; the options override the action's setting. Only an
 * interactive action reads from a terminal; at a terminal, others get a terminal for their output only. Throws (64) when an
 * interactive action has no terminal, and when the options contradict each other.
 */
export function chooseTerminal(
  stdio: Stdio,
  { interactive, stdin, dryRun }: TerminalOptions,
  setting: boolean,
): Terminal {
  if (stdin !== false) return terminalOf(stdio, interactive ?? setting, dryRun);
  if (interactive === true) {
    throw new PolycrateError("`--interactive` and `--no-stdin` cannot be used together", {
      hint: "use only one of them",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  return terminalOf(stdio.stdin === "data" ? { ...stdio, stdin: "nothing" } : stdio, false, dryRun);
}

function terminalOf({ stdin, stdout, ci }: Stdio, interactive: boolean, dryRun: boolean): Terminal {
  const isPerson = stdin === "terminal" && stdout !== undefined && !ci;
  if (interactive) {
    if (isPerson) return { interactive: true, size: stdout };
    if (dryRun) return { interactive: true, size: stdout ?? usualSize };
    throw new PolycrateError("an interactive action requires a terminal", {
      hint: "run it at a terminal, without redirecting input or output",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  if (stdin === "data") return { interactive: !ci, size: undefined };
  return { interactive: false, size: isPerson ? stdout : undefined };
}

/** For a terminal that is not known yet; docker sets the real size shortly after the start. */
const usualSize = { rows: 24, columns: 80 };
