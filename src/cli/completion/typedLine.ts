/** A command line up to the cursor, as somebody types it: the words before the one at the cursor, and that one. */
export type TypedLine = { readonly words: readonly string[]; readonly current: TypedWord };

export type TypedWord = {
  /** What the word means, without its quotes. */
  readonly text: string;
  /** The quote that is still open. */
  readonly quote: "" | "'" | '"';
  /** How much of `text` the shell keeps: it replaces only what follows an open quote or a word break like `=` or `:`. */
  readonly kept: number;
};

/**
 * Splits an unfinished line of bash into words. Nothing is expanded or run: `$(…)` and `$NAME` stay the characters they
 * are. `breaks` are the characters of COMP_WORDBREAKS.
 */
export function readTypedLine(line: string, breaks: string): TypedLine {
  const words: string[] = [];
  let word: { text: string; kept: number } | undefined;
  let quote: TypedWord["quote"] = "";
  let escaped = false;
  for (const character of line) {
    if (quote === "" && !escaped && /\s/.test(character)) {
      if (word !== undefined) words.push(word.text);
      word = undefined;
      continue;
    }
    word ??= { text: "", kept: 0 };
    if (escaped) {
      const isPlainBackslash: boolean = quote === '"' && !/["$`\\]/.test(character);
      word.text += isPlainBackslash ? `\\${character}` : character;
      escaped = false;
    } else if (character === "\\" && quote !== "'") escaped = true;
    else if (character === quote) quote = "";
    else if (quote === "" && (character === "'" || character === '"')) {
      quote = character;
      word.kept = word.text.length;
    } else {
      word.text += character;
      if (quote === "" && breaks.includes(character)) word.kept = word.text.length;
    }
  }
  const { text, kept } = word ?? { text: "", kept: 0 };
  return { words, current: { text, quote, kept } };
}

/** Returns what a shell has to read at the cursor to arrive at `value`: its end, in the quotes that are open. */
export function writeTypedWord(value: string, { quote, kept }: TypedWord): string {
  const rest = value.slice(kept);
  if (quote === "'") return rest.replaceAll("'", `'\\''`);
  if (quote === '"') return rest.replace(/["$`\\]/g, "\\$&");
  return rest.replace(/[^\p{L}\p{N}_./:=@%+,-]/gu, "\\$&");
}
