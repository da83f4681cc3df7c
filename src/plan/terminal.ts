import { exitCodes, PolycrateError } from "../errors.ts";

/** What polycrate is connected to. */
export type Stdio = {
  readonly stdin: "terminal" | "data" | "nothing";
  /** The size of the terminal that standard output is; undefined when it is not a terminal. */
  readonly stdout: { readonly rows: number; readonly columns: number } | undefined;
  /** True when standard output and standard error are one file. */
  readonly joined: boolean;
  /** True when the variable `CI` is set and not `0` or `false`: then nobody types, and standard input is whatever the CI system left open. */
  readonly ci: boolean;
};

/** How the container's terminal is set up before the script runs. */
export type Terminal = {
  /** docker's `--interactive`: the action reads what polycrate gets on standard input. */
  readonly interactive: boolean;
  /** docker's `--tty`; the size is in characters, undefined when there is no terminal. */
  readonly size: { readonly rows: number; readonly columns: number } | undefined;
};

/** A container without a terminal that reads nothing. */
export const noTerminal: Terminal = { interactive: false, size: undefined };

/** What the command line says of the terminal. */
export type TerminalOptions = {
  readonly interactive?: boolean | undefined;
  readonly stdin?: boolean | undefined;
  /** The plan is only printed: then whoever runs the script has a terminal. */
  readonly dryRun: boolean;
};

/**
 * Returns what docker is told about standard input and the terminal; the options win over the action's setting. Only an
 * interactive action gets a person's input; on a terminal the others get a terminal to print to and nothing to read. Throws
 * (64) when an interactive action has no terminal, and when the options contradict each other.
 */
export function chooseTerminal(
  stdio: Stdio,
  { interactive, stdin, dryRun }: TerminalOptions,
  setting: boolean,
): Terminal {
  if (stdin !== false) return terminalOf(stdio, interactive ?? setting, dryRun);
  if (interactive === true) {
    throw new PolycrateError("`--interactive` and `--no-stdin` exclude each other", {
      hint: "leave one of them out",
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
    throw new PolycrateError("an interactive action needs a terminal", {
      hint: "run it from a terminal, with neither input nor output redirected",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  if (stdin === "data") return { interactive: !ci, size: undefined };
  return { interactive: false, size: isPerson ? stdout : undefined };
}

/** Of a terminal that is not known yet; docker tells the container of the real one a moment after the start. */
const usualSize = { rows: 24, columns: 80 };
