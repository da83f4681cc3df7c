import { distance } from "fastest-levenshtein";

/**
 * The exit codes of polycrate itself; any other code is the container's.
 * 64 to 73 follow sysexits(3), 124 timeout(1), 125 docker run, 128+n a signal's number.
 */
export const exitCodes = {
  declined: 1,
  notFound: 1,
  runsDiffer: 1,
  selfTestFailed: 1,
  lockMoved: 1,
  wrongCommandLine: 64,
  invalidWorkspace: 65,
  noDocker: 69,
  bug: 70,
  cannotWrite: 73,
  notTrusted: 77,
  cannotFetch: 74,
  timedOut: 124,
  dockerRefused: 125,
  hungUp: 129,
  interrupted: 130,
  readerGone: 141,
  terminated: 143,
} as const;

/** The meaning of each exit code, for `polycrate help exit-codes`. */
export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  declined: "The answer to a question was no.",
  notFound: "`polycrate help --search` found nothing.",
  runsDiffer: "`polycrate history diff` found differences.",
  selfTestFailed: "`polycrate self-test` found something that the engine does not do.",
  lockMoved: "`polycrate lock --check` found differences.",
  wrongCommandLine:
    "The command line is invalid, or a question or an interactive action requires a terminal.",
  invalidWorkspace: "The workspace is invalid, or a file that the command requires is missing.",
  noDocker: "docker is missing, not reachable or cannot run actions, or `doctor` found an error.",
  bug: "A bug in polycrate.",
  cannotWrite: "A file or standard output cannot be written, for example because the disk is full.",
  cannotFetch: "What an action wrote on another machine could not be fetched; its container was kept.",
  notTrusted: "The workspace asks for access to this machine that nobody has agreed to (`polycrate trust`).",
  timedOut: "The action ran longer than its `timeout`.",
  dockerRefused:
    "docker could not run the container or did not say how it ended, or an image could not be built.",
  hungUp: "SIGHUP: the terminal was closed.",
  interrupted: "SIGINT: Ctrl-C.",
  readerGone: "The reader of the output closed it, as `head` does.",
  terminated: "SIGTERM or SIGQUIT.",
};

/** A line and column of a file, both starting at 1; the path of a workspace file is relative to the workspace. */
export type FilePosition = { readonly file: string; readonly line: number; readonly column: number };

type ErrorOptions = {
  readonly hint?: string | undefined;
  readonly exitCode: number;
  readonly position?: FilePosition | undefined;
  readonly cause?: unknown;
};

/**
 * An error for the user: what is wrong, what to do about it (`hint`), the exit code, and the position in a file that the
 * message is about. The message itself does not contain the position.
 */
export class PolycrateError extends Error {
  readonly hint: string | undefined;
  readonly exitCode: number;
  readonly position: FilePosition | undefined;

  constructor(message: string, { hint, exitCode, position, cause }: ErrorOptions) {
    super(message, { cause });
    this.name = "PolycrateError";
    this.hint = hint;
    this.exitCode = exitCode;
    this.position = position;
  }
}

/** Returns `file:line:column: message`, or the message alone when the error has no position. */
export function locatedMessage({ message, position }: PolycrateError): string {
  return position === undefined ? message : `${locationOf(position)}: ${message}`;
}

/** Returns `file:line:column`, without control characters. */
export function locationOf({ file, line, column }: FilePosition): string {
  return `${printable(file)}:${line}:${column}`;
}

/** Returns "did you mean `x`?" for the candidate nearest to `word`, rather one that it begins; undefined when none is close. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const lower = word.toLowerCase();
  let nearest: string | undefined;
  let smallest = (word.length <= 3 ? 1 : Math.max(2, Math.floor(word.length / 3))) + 1;
  for (const candidate of candidates) {
    const steps = typingErrors(lower, candidate.toLowerCase());
    const isTie = nearest !== undefined && steps === smallest && !nearest.toLowerCase().startsWith(lower);
    if (steps < smallest || (isTie && candidate.toLowerCase().startsWith(lower))) {
      nearest = candidate;
      smallest = steps;
    }
  }
  return nearest === undefined ? undefined : `did you mean \`${nearest}\`?`;
}

/** Counts two adjacent letters in the wrong order as one error. */
function typingErrors(word: string, candidate: string): number {
  const at = [...word].findIndex((letter, index) => letter !== candidate[index]);
  const swapped = word.slice(0, at) + (word[at + 1] ?? "") + (word[at] ?? "") + word.slice(at + 2);
  return at >= 0 && swapped === candidate ? 1 : distance(word, candidate);
}

/** Returns `1 block`, `2 blocks`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * Control characters except line feeds and tabs, and invisible marks of direction, as the inside of a character class of a
 * regular expression.
 */
export const unseen =
  "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff";

const unseenOrWhite = new RegExp(`[${unseen}\\t\\n]`, "g");

/**
 * Returns the text with every control character and invisible direction mark written as an escape, so that a name
 * or value from a file cannot control the terminal. Line feeds and tabs stay when `multiline`.
 */
export function printable(text: string, multiline = false): string {
  return text.replace(unseenOrWhite, (character) => {
    if (multiline && (character === "\n" || character === "\t")) return character;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
