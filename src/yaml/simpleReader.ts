import type { ReadOptions } from "./document.ts";
import type { YamlKey } from "./value.ts";

/** A text that is read line by line. */
export type SimpleReader = {
  readonly source: string;
  readonly verbatim: ReadOptions["verbatim"];
  /** The path of the value that is read. */
  readonly path: YamlKey[];
  /** Where the line after the current one begins. */
  next: number;
  /** The current line: how far it is indented (-1 after the last one), and where its content begins and ends. */
  indent: number;
  start: number;
  end: number;
  depth: number;
};

/** Thrown where the text is not simple. */
export const doubt = new Error("the text is not simple YAML");

/** Collections in collections; fewer than the exact reader accepts. */
export const mostNested = 100;

/** Goes to the next line with content: not empty, and not a comment alone. */
export function nextLine(reader: SimpleReader): void {
  const { source } = reader;
  while (reader.next < source.length) {
    const line = reader.next;
    const feed = source.indexOf("\n", line);
    const end = feed === -1 ? source.length : feed;
    reader.next = end + 1;
    let start = line;
    while (source.charCodeAt(start) === space) start++;
    if (start >= end || source.charCodeAt(start) === hash) continue;
    reader.indent = start - line;
    reader.start = start;
    reader.end = end;
    if (start === line && (source.startsWith("---", start) || source.startsWith("...", start))) throw doubt;
    return;
  }
  reader.indent = -1;
}

/** The codes of the characters. */
export const [space, hash, dash] = [0x20, 0x23, 0x2d];

/** True for a comment: it follows white space. */
export function isComment(source: string, at: number): boolean {
  return source.charCodeAt(at) === hash && source.charCodeAt(at - 1) === space;
}

/** Throws `doubt` unless only white space or a comment follows. */
export function assertEnd({ source, end }: SimpleReader, at: number): void {
  let rest = at;
  while (source.charCodeAt(rest) === space) rest++;
  if (rest < end && !isComment(source, rest)) throw doubt;
}

/** Returns where the spaces end. */
export function afterSpaces({ source }: SimpleReader, start: number): number {
  let at = start;
  while (source.charCodeAt(at) === space) at++;
  return at;
}
