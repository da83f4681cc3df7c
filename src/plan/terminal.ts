import { exitCodes, PolycrateError } from "../errors.ts";
import type { Terminal } from "./entrypoint.ts";

/** What polycrate is connected to. */
export type Connections = {
  readonly stdin: "terminal" | "data" | "nothing";
  /** The size of the terminal that standard output is; undefined when it is none. */
  readonly stdout: { readonly rows: number; readonly columns: number } | undefined;
  /** True when standard output and standard error are one file. */
  readonly joined: boolean;
  /** True when the variable `CI` is set and not `0` or `false`: then nobody types, and standard input is whatever the CI system left open. */
  readonly ci: boolean;
};

/**
 * Returns what docker is told about standard input and the terminal. Only an interactive action gets a person's input; on
 * a terminal the others get a terminal to print to and nothing to read. Throws (64) when an interactive action has none,
 * unless it is only to be printed: then whoever runs the script has one.
 */
export function chooseTerminal(
  { stdin, stdout, ci }: Connections,
  interactive: boolean,
  isPrinted = false,
): Terminal {
  if (interactive) {
    if (stdin === "terminal" && stdout !== undefined && !ci) return { interactive: true, size: stdout };
    if (isPrinted) return { interactive: true, size: stdout ?? usualSize };
    throw new PolycrateError("an interactive action needs a terminal", {
      hint: "run it from a terminal, with neither input nor output redirected",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  if (stdin === "data") return { interactive: !ci, size: undefined };
  return {
    interactive: false,
    size: stdin === "terminal" && stdout !== undefined && !ci ? stdout : undefined,
  };
}

/** Of a terminal that is not known yet; docker tells the container of the real one a moment after the start. */
const usualSize = { rows: 24, columns: 80 };
