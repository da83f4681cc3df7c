import { stripVTControlCharacters } from "node:util";

/**
 * Returns the text in lines of at most `columns` characters, broken between words; a longer word has a line of its own.
 * All lines but the first are indented by `indent`.
 */
export function wrapWords(text: string, columns: number, indent = 0): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line.trim() === "" || Bun.stringWidth(stripVTControlCharacters(longer)) <= columns) line = longer;
    else {
      lines.push(line);
      line = " ".repeat(indent) + word;
    }
  }
  return [...lines, line];
}
