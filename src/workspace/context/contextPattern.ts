/** A pattern of a path, compiled. `crosses` tells that a character class of it may stand for a slash, which Go allows. */
export type ContextPattern = { readonly expression: RegExp; readonly crosses: boolean };

/**
 * Compiles a pattern as Go's filepath.Match reads it (`COPY`), or with `**` for any number of folders as docker's
 * ignore files have it. Returns undefined for a malformed pattern, which matches nothing.
 */
export function compilePattern(
  pattern: string,
  options: { readonly doubleStar: boolean },
): ContextPattern | undefined {
  const characters = Array.from(pattern);
  let source = "";
  let crosses = false;
  let at = 0;
  while (at < characters.length) {
    const character = characters[at] ?? "";
    if (character === "[") {
      const parsed = classAt(characters, at + 1);
      if (parsed === undefined) return undefined;
      source += parsed.source;
      crosses ||= new RegExp(parsed.source, "su").test("/");
      at = parsed.end;
    } else if (character === "\\") {
      const escaped = characters[at + 1];
      if (escaped === undefined) return undefined;
      source += literal(escaped);
      crosses ||= escaped === "/";
      at += 2;
    } else if (options.doubleStar && character === "*" && characters[at + 1] === "*") {
      const end = characters[at + 2] === "/" ? at + 3 : at + 2;
      source += end === characters.length ? ".*" : "(?:.*/)?";
      at = end;
    } else {
      source += character === "*" ? "[^/]*" : character === "?" ? "[^/]" : literal(character);
      at += 1;
    }
  }
  return { expression: new RegExp(`^${suffixOf(pattern, options.doubleStar) ?? source}$`, "su"), crosses };
}

/** `**name` stands for everything that ends so, where nothing else in it is special; newer versions of docker agree on that. */
function suffixOf(pattern: string, doubleStar: boolean): string | undefined {
  const [, name] = /^\*\*([^/*?[\]\\][^*?[\]\\]*)$/.exec(pattern) ?? [];
  return doubleStar && name !== undefined ? `.*${Array.from(name, literal).join("")}` : undefined;
}

type Class = { readonly source: string; readonly end: number };

/** Reads a character class whose `[` stands before `start`. A range that runs backwards holds nothing. */
function classAt(characters: readonly string[], start: number): Class | undefined {
  const negated = characters[start] === "^";
  let at = negated ? start + 1 : start;
  let source = "";
  for (let count = 0; ; count++) {
    if (characters[at] === "]" && count > 0)
      return { source: `[${negated ? "^" : ""}${source}]`, end: at + 1 };
    const low = classCharacterAt(characters, at);
    if (low === undefined) return undefined;
    const high = characters[low.end] === "-" ? classCharacterAt(characters, low.end + 1) : low;
    if (high === undefined) return undefined;
    if (codeOf(low) <= codeOf(high)) source += `${literal(low.character)}-${literal(high.character)}`;
    at = high.end;
  }
}

type ClassCharacter = { readonly character: string; readonly end: number };

function classCharacterAt(characters: readonly string[], at: number): ClassCharacter | undefined {
  const escaped = characters[at] === "\\";
  const character = characters[escaped ? at + 1 : at];
  if (character === undefined || (!escaped && (character === "-" || character === "]"))) return undefined;
  const end = escaped ? at + 2 : at + 1;
  return end < characters.length ? { character, end } : undefined;
}

function codeOf({ character }: ClassCharacter): number {
  return character.codePointAt(0) ?? 0;
}

function literal(character: string): string {
  return /[a-zA-Z0-9_]/.test(character) ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
