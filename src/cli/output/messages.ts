import { exitCodes, PolycrateError, printable } from "../../errors.ts";
import type { Outputs } from "../../host/output.ts";
import { isOneFile } from "../../host/stdio.ts";

/** How much is printed beside the results: `quiet` is errors alone. */
export type Verbosity = { readonly quiet: boolean; readonly verbose: boolean };

/** Returns what `--quiet` and `--verbose` say. Throws (64) when both are given. */
export function readVerbosity(flags: {
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
}): Verbosity {
  const { quiet = false, verbose = false } = flags;
  if (quiet && verbose) {
    throw new PolycrateError("`--quiet` and `--verbose` exclude each other", {
      hint: "write one of them",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  return { quiet, verbose };
}

/** Prints lines on standard error; the output before them may have ended within a line. */
export type Messages = {
  readonly outputs: Outputs;
  /** Prints lines about what is done, unless only errors are asked for. */
  readonly notice: (lines: string) => void;
  /** Prints such lines with their colours: what comes from files in them is printable already. */
  readonly styledNotice: (lines: string) => void;
  /** Prints lines of an error. */
  readonly error: (lines: string) => void;
};

/** Returns what prints messages. */
export function messagesTo(
  outputs: Outputs,
  { quiet }: Pick<Verbosity, "quiet"> = { quiet: false },
): Messages {
  const print = (lines: string) => {
    finishLine(outputs);
    void outputs.stderr.write(`${lines}\n`);
  };
  const error = (lines: string) => print(printable(lines, true));
  const nothing = () => {};
  return { outputs, error, notice: quiet ? nothing : error, styledNotice: quiet ? nothing : print };
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
