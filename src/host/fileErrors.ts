import { exitCodes, PolycrateError } from "../errors.ts";

/** Runs `action`; a system error becomes a PolycrateError (73) with the path and the reason. */
export function wrapFileError<Result>(path: string, action: () => Result, verb: Verb = "write"): Result {
  try {
    return action();
  } catch (cause) {
    throw cause instanceof PolycrateError ? cause : fileError(verb, `\`${path}\``, cause);
  }
}

type Verb = "write" | "open" | "remove";

/** Runs cleanup that may fail; its error must not replace the one that is being reported. */
export function ignoreErrors(action: () => void): void {
  try {
    action();
  } catch {
    // the caller continues without it
  }
}

/** Returns the error (73) for something that cannot be written. */
export function cannotWrite(what: string, cause: unknown): PolycrateError {
  return fileError("write", what, cause);
}

/** Returns the error (73) for a failed operation on `what`, with the system's reason and a hint. */
export function fileError(verb: Verb, what: string, cause: unknown): PolycrateError {
  return new PolycrateError(`cannot ${verb} ${what}: ${reasonOf(cause)}`, {
    hint: errorHints[codeOf(cause)] ?? "check the path, and the owner and permissions of its folder",
    exitCode: exitCodes.cannotWrite,
    cause,
  });
}

/** Returns the error (73) for a path that is not a file or folder, such as a link. */
export function wrongKind(kind: "file" | "folder", path: string): PolycrateError {
  return new PolycrateError(`\`${path}\` is not a ${kind}`, {
    hint: "polycrate does not follow links here; move or remove it",
    exitCode: exitCodes.cannotWrite,
  });
}

/** Returns the reason of a system error, like `the disk is full`; its code when there is no text for it. */
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
  EDQUOT: "the disk quota is exceeded",
  EEXIST: "it already exists",
  EIO: "input/output error",
  ELOOP: "it is a symbolic link",
  EMFILE: "too many files are open",
  ENOENT: "it does not exist",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is not a folder",
  ENOTEMPTY: "it is not empty",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
};

const errorHints: Readonly<Record<string, string>> = {
  EACCES: "run polycrate as the owner of the folder, or change its permissions",
  EDQUOT: "free disk space, or raise the quota",
  EIO: "check the disk, and the kernel's log",
  EMFILE: "raise the limit of open files: `ulimit -n`",
  ENOSPC: "free disk space",
  EROFS: "use a writable file system",
};
