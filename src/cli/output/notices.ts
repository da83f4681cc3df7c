import { exitCodes, PolycrateError, printable } from "../../errors.ts";
import { finishLine } from "../../run/outputRelay.ts";

/** How much is said beside the results: `quiet` is errors alone. */
export type Loudness = { readonly quiet: boolean; readonly verbose: boolean };

let isQuiet = false;

/** Reads `--quiet` and `--verbose`, and from then on obeys the first. Throws (64) when both are given. */
export function readLoudness(flags: {
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
}): Loudness {
  const { quiet = false, verbose = false } = flags;
  if (quiet && verbose) {
    throw new PolycrateError("`--quiet` and `--verbose` exclude each other", {
      hint: "write one of them",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  isQuiet = quiet;
  return { quiet, verbose };
}

/** Prints lines about what is done on standard error, unless only errors are asked for. */
export function notice(lines: string): void {
  if (!isQuiet) say(lines);
}

/** Prints lines on standard error; the output before them may have ended within a line. */
export function say(lines: string): void {
  finishLine(process.stdout, process.stderr);
  process.stderr.write(`${printable(lines, true)}\n`);
}
