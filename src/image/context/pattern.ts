/** A compiled pattern of paths. `crosses` is true when a character class may match a slash, which Go allows. */
export type ContextPattern = { readonly matches: (path: string) => boolean; readonly crosses: boolean };

/**
 * Compiles a pattern as Go's filepath.Match reads it (`COPY`), or with `**` for any number of folders as docker's
 * ignore files have it. Matching takes time proportional to the length of the path times that of the pattern, even with many
 * stars. Returns undefined for a malformed pattern, which matches nothing.
 */
export function compilePattern(
  pattern: string,
  { doubleStar }: { readonly doubleStar: boolean },
): ContextPattern | undefined {
  const parts =
    (doubleStar ? suffixParts(pattern) : undefined) ?? patternParts(codePoints(pattern), doubleStar);
  if (parts === undefined) return undefined;
  const crosses = parts.some((part) => part.crosses === true);
  const [beginning, ending] = [plainBeginning(parts), plainBeginning(parts.toReversed()).toReversed()].map(
    (plain) => plain.map(({ text = "" }) => text).join(""),
  );
  // The beginning or the end rules out most paths.
  const matches = (path: string) =>
    path.startsWith(beginning ?? "") && path.endsWith(ending ?? "") && matchParts(parts, codePoints(path));
  return { matches, crosses };
}

function plainBeginning(parts: readonly PatternPart[]): readonly PatternPart[] {
  const end = parts.findIndex(({ text }) => text === undefined);
  return parts.slice(0, end < 0 ? undefined : end);
}

/** An element of a pattern, which matches one character, once or any number of times. */
type PatternPart = {
  readonly takes: (code: number) => boolean;
  /** `folders` matches nothing, or anything up to a slash. */
  readonly repeats: "never" | "freely" | "folders";
  readonly crosses?: boolean;
  /** The character, for an element that matches only one. */
  readonly text?: string;
};

const slash = codePoint("/");
const star = codePoint("*");
const backslash = codePoint("\\");

const anything: PatternPart = { takes: () => true, repeats: "freely" };
const folders: PatternPart = { takes: () => true, repeats: "folders" };
const inFolder: PatternPart = { takes: (code) => code !== slash, repeats: "freely" };
const oneInFolder: PatternPart = { takes: (code) => code !== slash, repeats: "never" };

/** Follows all possible matches at once, so that there is no backtracking. */
function matchParts(parts: readonly PatternPart[], path: readonly number[]): boolean {
  const [added, entered] = [new Int32Array(parts.length + 1), new Int32Array(parts.length + 1)];
  let states: number[] = [];
  const add = (state: number, step: number): void => {
    if (added[state] !== step) states.push(state);
    added[state] = step;
  };
  /** A repeated part may match nothing, so the part after it is entered too. */
  const enter = (first: number, step: number): void => {
    for (let state = first; entered[state] !== step; state++) {
      entered[state] = step;
      add(state, step);
      if ((parts[state]?.repeats ?? "never") === "never") return;
    }
  };
  enter(0, -1);
  for (const [index, code] of path.entries()) {
    if (states.length === 0) return false;
    const before = states;
    states = [];
    for (const state of before) {
      const part = parts[state];
      if (part?.takes(code) !== true) continue;
      if (part.repeats === "folders") add(state, index + 1);
      if (part.repeats === "freely") enter(state, index + 1);
      else if (part.repeats === "never" || code === slash) enter(state + 1, index + 1);
    }
  }
  return states.includes(parts.length);
}

function patternParts(codes: readonly number[], doubleStar: boolean): readonly PatternPart[] | undefined {
  const parts: PatternPart[] = [];
  for (let at = 0; at < codes.length; ) {
    const code = codes[at] ?? 0;
    if (code === codePoint("[")) {
      const parsed = classAt(codes, at + 1);
      if (parsed === undefined) return undefined;
      parts.push(parsed.part);
      at = parsed.end;
    } else if (code === backslash) {
      const escaped = codes[at + 1];
      if (escaped === undefined) return undefined;
      parts.push({ ...character(escaped), crosses: escaped === slash });
      at += 2;
    } else if (doubleStar && code === star && codes[at + 1] === star) {
      const end = codes[at + 2] === slash ? at + 3 : at + 2;
      parts.push(end === codes.length ? anything : folders);
      at = end;
    } else {
      parts.push(code === star ? inFolder : code === codePoint("?") ? oneInFolder : character(code));
      at += 1;
    }
  }
  return parts;
}

/** `**name` matches every path with that ending, where nothing else in it is special (newer versions of docker). */
function suffixParts(pattern: string): readonly PatternPart[] | undefined {
  const [, name] = /^\*\*([^/*?[\]\\][^*?[\]\\]*)$/.exec(pattern) ?? [];
  return name === undefined ? undefined : [anything, ...codePoints(name).map(character)];
}

function character(expected: number): PatternPart {
  const text = String.fromCodePoint(expected);
  return { takes: (code) => code === expected, repeats: "never", text };
}

type Range = { readonly low: number; readonly high: number };

/** Reads a character class whose `[` is before `start`. A descending range matches nothing. */
function classAt(
  codes: readonly number[],
  start: number,
): { readonly part: PatternPart; readonly end: number } | undefined {
  const negated = codes[start] === codePoint("^");
  const ranges: Range[] = [];
  for (let at = negated ? start + 1 : start; ; ) {
    if (codes[at] === codePoint("]") && ranges.length > 0) {
      const takes = (code: number) => ranges.some(({ low, high }) => low <= code && code <= high) !== negated;
      return { part: { takes, repeats: "never", crosses: takes(slash) }, end: at + 1 };
    }
    const low = classCharacterAt(codes, at);
    if (low === undefined) return undefined;
    const high = codes[low.end] === codePoint("-") ? classCharacterAt(codes, low.end + 1) : low;
    if (high === undefined) return undefined;
    ranges.push({ low: low.code, high: high.code });
    at = high.end;
  }
}

function classCharacterAt(
  codes: readonly number[],
  at: number,
): { readonly code: number; readonly end: number } | undefined {
  const escaped = codes[at] === backslash;
  const code = codes[escaped ? at + 1 : at];
  if (code === undefined || (!escaped && (code === codePoint("-") || code === codePoint("]"))))
    return undefined;
  const end = escaped ? at + 2 : at + 1;
  return end < codes.length ? { code, end } : undefined;
}

function codePoints(text: string): readonly number[] {
  return Array.from(text, codePoint);
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}
