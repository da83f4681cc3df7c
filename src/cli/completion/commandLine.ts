/** A command line up to the cursor: the words before the one at the cursor, and that one. */
export type CommandLine = { readonly words: readonly string[]; readonly current: CurrentWord };

export type CurrentWord = {
  /** The word without its quotes. */
  readonly text: string;
  /** The quote that is still open. */
  readonly quote: "" | "'" | '"';
  /** The index in `text` from which the shell replaces: after an open quote or a word break like `=` or `:`. */
  readonly replaceFrom: number;
};

/**
 * Splits an unfinished line of bash into words. Nothing is expanded or run: `$(…)` and `$NAME` stay the characters they
 * are. `breaks` are the characters of COMP_WORDBREAKS.
 */
export function parseCommandLine(line: string, breaks: string): CommandLine {
  const words: string[] = [];
  let word: { text: string; replaceFrom: number } | undefined;
  let quote: CurrentWord["quote"] = "";
  let escaped = false;
  for (const character of line) {
    if (quote === "" && !escaped && /\s/.test(character)) {
      if (word !== undefined) words.push(word.text);
      word = undefined;
      continue;
    }
    word ??= { text: "", replaceFrom: 0 };
    if (escaped) {
      const isPlainBackslash: boolean = quote === '"' && !/["$`\\]/.test(character);
      word.text += isPlainBackslash ? `\\${character}` : character;
      escaped = false;
    } else if (character === "\\" && quote !== "'") escaped = true;
    else if (character === quote) quote = "";
    else if (quote === "" && (character === "'" || character === '"')) {
      quote = character;
      word.replaceFrom = word.text.length;
    } else {
      word.text += character;
      if (quote === "" && breaks.includes(character)) word.replaceFrom = word.text.length;
    }
  }
  const { text, replaceFrom } = word ?? { text: "", replaceFrom: 0 };
  return { words, current: { text, quote, replaceFrom } };
}

/** Returns the text to insert at the cursor so that a shell reads `value`: its end, in the open quotes. */
export function completeWord(value: string, { quote, replaceFrom }: CurrentWord): string {
  const rest = value.slice(replaceFrom);
  if (quote === "'") return rest.replaceAll("'", `'\\''`);
  if (quote === '"') return rest.replace(/["$`\\]/g, "\\$&");
  return rest.replace(/[^\p{L}\p{N}_./:=@%+,-]/gu, "\\$&");
}
