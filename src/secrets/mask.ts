import { type ByteSpan, searchFor, type TextSearch } from "./search.ts";

/** Turns secrets in a stream of output into `***`; also a secret that is split over two chunks. */
export type Mask = {
  /** Returns what can be written now; the end of the chunk is held back while it can be the beginning of a secret. */
  readonly pass: (chunk: Buffer) => Buffer;
  /** Returns what was held back. */
  readonly end: () => Buffer;
};

/** Shorter values are too common in ordinary output to be masked. */
const shortestMasked = 4;

/** Shorter lines of a value with several lines are only masked as part of the value. */
const shortestMaskedLine = 8;

/** True when the value is too short to be masked. */
export function isTooShortToMask(value: string): boolean {
  return withoutLastLineFeeds(value).length < shortestMasked;
}

/**
 * Returns the texts to mask for the values: each value of 4 or more characters, also as JSON and quoted YAML spell it, and each line
 * of 8 or more of one with several lines, because tools print keys and certificates line by line. A terminal writes a line feed
 * as `\r\n`.
 */
export function maskedTexts(values: readonly string[]): readonly Buffer[] {
  const known = textsByValues.get(values);
  if (known !== undefined) return known;
  const texts = values.map(withoutLastLineFeeds).flatMap((whole) => {
    const lines = whole.includes("\n") ? whole.split("\n").map((line) => line.replace(/\r$/, "")) : [];
    return [
      ...[whole, whole.replace(/\r?\n/g, "\r\n"), ...escapedForms(whole)].filter(
        (text) => text.length >= shortestMasked,
      ),
      ...lines.filter((line) => line.length >= shortestMaskedLine),
    ];
  });
  const found = [...new Set(texts)].map((text) => Buffer.from(text));
  textsByValues.set(values, found);
  return found;
}

/** A function of the values, so keeping it only saves time. */
const textsByValues = new WeakMap<readonly string[], readonly Buffer[]>();

/** As JSON (and so a snapshot) has it, also without letters that are not ASCII; and as Python prints it, in either of its quotes. */
function escapedForms(value: string): readonly string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const ascii = json.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const python = json.replace(/\\(["\\])/g, (pair, character) => (character === '"' ? '"' : pair));
  return [json, ascii, python, python.replaceAll("'", "\\'")];
}

function withoutLastLineFeeds(value: string): string {
  return value.replace(/(?:\r?\n)+$/, "");
}

/**
 * Returns a mask for one stream; without texts it changes nothing. The result does not depend on how the output is split into
 * chunks: overlapping secrets become one `***`.
 */
export function maskOf(texts: readonly Buffer[]): Mask {
  if (texts.length === 0) return { pass: (chunk) => chunk, end: () => Buffer.alloc(0) };
  let kept: Buffer = Buffer.alloc(0);
  const search = searchFor(texts);
  let covered = 0; // bytes of what is kept that belong to a secret whose stars are written
  return {
    pass: (chunk) => {
      const all = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
      const spans = spansOf(all, search, covered);
      const open = search.openEnd(all);
      const begun = spans.filter(({ start }, index) => start < open || (covered > 0 && index === 0));
      const result = replaceSpans(all.subarray(0, open), begun, covered > 0);
      kept = Buffer.from(all.subarray(open));
      covered = Math.max(0, (begun.at(-1)?.end ?? 0) - open);
      return result;
    },
    end: () => {
      const rest = replaceSpans(kept, spansOf(kept, search, covered), covered > 0);
      kept = Buffer.alloc(0);
      covered = 0;
      return rest;
    },
  };
}

/** The positions of the secrets, in order; overlapping ones are one span. The first `covered` bytes are part of a secret. */
function spansOf(all: Buffer, search: TextSearch, covered: number): readonly ByteSpan[] {
  const found = [...(covered > 0 ? [{ start: 0, end: covered }] : []), ...search.find(all)];
  const merged: ByteSpan[] = [];
  for (const span of found.sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) merged.push(span);
    else if (span.end > last.end) merged[merged.length - 1] = { start: last.start, end: span.end };
  }
  return merged;
}

/** Returns a short text with the secrets in it as `***`. */
export function masked(text: string, texts: readonly Buffer[]): string {
  if (texts.length === 0) return text;
  const mask = maskOf(texts);
  return Buffer.concat([mask.pass(Buffer.from(text)), mask.end()]).toString();
}

const stars = Buffer.from("***");

/** The last span can end after the data; the stars of the first are already written when it is `continued`. */
function replaceSpans(all: Buffer, spans: readonly ByteSpan[], continued: boolean): Buffer {
  if (spans.length === 0) return all;
  const parts: Buffer[] = [];
  let position = 0;
  for (const [index, { start, end }] of spans.entries()) {
    parts.push(all.subarray(position, start), continued && index === 0 ? all.subarray(0, 0) : stars);
    position = end;
  }
  parts.push(all.subarray(position));
  return Buffer.concat(parts);
}
