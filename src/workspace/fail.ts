import { exitCodes, PolycrateError } from "../errors.ts";
import type { YamlPath } from "../yaml/value.ts";
import { errorAt, type PolyFile } from "./poly/polyFile.ts";

/** Throws an error with a message and a hint, about what it was made for. */
export type Fail = (message: string, hint: string) => never;

/** Returns a function that throws (65) about the value at `path` of the file. */
export function failAt(file: PolyFile, path: YamlPath): Fail {
  return (message, hint) => {
    throw errorAt(file, path, message, hint);
  };
}

/** Returns a function that throws (64) about a flag of the command line. */
export function failFlag(flag: string): Fail {
  return (message, hint) => {
    throw new PolycrateError(`\`${flag}\`: ${message}`, { hint, exitCode: exitCodes.wrongCommandLine });
  };
}
