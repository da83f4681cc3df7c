import { exitCodes, PolycrateError } from "../errors.ts";

/** Runs an action on the path; an error of the system becomes a PolycrateError (73) with path and reason. */
export function wrapFileError<Result>(path: string, action: () => Result, verb: Verb = "write"): Result {
  try {
    return action();
  } catch (cause) {
    throw cause instanceof PolycrateError ? cause : fileError(verb, `\`${path}\``, cause);
  }
}

type Verb = "write" | "open" | "remove";

/** Runs what may fail without harm, so that its error does not replace one that is being reported. */
export function ignoreErrors(action: () => void): void {
  try {
    action();
  } catch {
    // the caller goes on without it
  }
}

/** Returns the error (73) for something that cannot be written. */
export function cannotWrite(what: string, cause: unknown): PolycrateError {
  return fileError("write", what, cause);
}

/** Returns the error (73) for what could not be done to `what`, with the system's reason and a hint. */
export function fileError(verb: Verb, what: string, cause: unknown): PolycrateError {
  return new PolycrateError(`cannot ${verb} ${what}: ${reasonOf(cause)}`, {
    hint: errorHints[codeOf(cause)] ?? "see that the workspace can be written",
    exitCode: exitCodes.cannotWrite,
    cause,
  });
}

/** Returns the error (73) for something that is in the place of a file or folder, as a link is. */
export function wrongKind(kind: "file" | "folder", path: string): PolycrateError {
  return new PolycrateError(`\`${path}\` is not a ${kind}`, {
    hint: "polycrate follows no link here; move it away",
    exitCode: exitCodes.cannotWrite,
  });
}

/** Returns the reason of a system error in words, like `the disk is full`; its code where there are none. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return errorReasons[code] ?? code;
}

/** Returns the code of a system error, like `ENOSPC`, also when a PolycrateError wraps it. */
export function codeOf(error: unknown): string {
  const cause = error instanceof PolycrateError ? error.cause : error;
  return cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
}

const errorReasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EDQUOT: "the disk quota is used up",
  EEXIST: "it is there already",
  EIO: "the disk has an error",
  ELOOP: "it is a link",
  EMFILE: "too many files are open",
  ENOENT: "it does not exist",
  ENOSPC: "the disk is full",
  ENOTDIR: "a file is in the way",
  ENOTEMPTY: "something was put into it meanwhile",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
};

const errorHints: Readonly<Record<string, string>> = {
  EACCES: "run as the owner of the workspace, or give yourself write access to it",
  ENOSPC: "free some space",
  EROFS: "copy the workspace to a place that can be written",
};
