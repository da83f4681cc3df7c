import { exitCodes, PolycrateError, printable } from "../../errors.ts";
import type { Outputs } from "../../host/output.ts";
import { isOneFile } from "../../host/stdio.ts";

/** How much is printed in addition to the results: with `quiet`, only errors. */
export type Verbosity = { readonly quiet: boolean; readonly verbose: boolean };

/** Returns the verbosity that the flags select. Throws (64) when both are given. */
export function readVerbosity(flags: {
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
}): Verbosity {
  const { quiet = false, verbose = false } = flags;
  if (quiet && verbose) {
    throw new PolycrateError("`--quiet` and `--verbose` cannot be used together", {
      hint: "use only one of them",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  return { quiet, verbose };
}

/** Prints lines on standard error, after finishing a line that earlier output left open. */
export type Messages = {
  readonly outputs: Outputs;
  /** Prints lines about progress, unless only errors are to be printed. */
  readonly notice: (lines: string) => void;
  /** Prints such lines with their colours; text from files in them must be escaped already. */
  readonly styledNotice: (lines: string) => void;
  /** Writes whole lines for a program that reads them, as they are. */
  readonly marker: (lines: string) => void;
  /** Prints lines of an error. */
  readonly error: (lines: string) => void;
};

/** Returns the functions that print messages. */
export function messagesTo(
  outputs: Outputs,
  { quiet }: Pick<Verbosity, "quiet"> = { quiet: false },
): Messages {
  const marker = (lines: string) => {
    finishLine(outputs);
    void outputs.stderr.write(lines);
  };
  const print = (lines: string) => marker(`${lines}\n`);
  const error = (lines: string) => print(printable(lines, true));
  const nothing = () => {};
  return { outputs, marker, error, notice: quiet ? nothing : error, styledNotice: quiet ? nothing : print };
}

/** Ends the line that the output of an action left open: on standard error, or on standard output when both are one file. */
function finishLine({ stdout, stderr }: Outputs): void {
  if (stderr.isInLine()) void stderr.write("\n");
  else if (stdout.isInLine() && isOneFile(1, 2)) void stdout.write("\n");
}

/** Returns a warning and its hint as lines. */
export function warningLines(message: string, hint: string | undefined): string {
  return `warning: ${printable(message)}${hint === undefined ? "" : `\nhint: ${printable(hint)}`}`;
}
