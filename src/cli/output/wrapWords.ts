/**
 * Returns the text in lines of at most `columns` columns, broken between words; a longer word has a line of its own. All
 * lines but the first are indented by `indent`.
 */
export function wrapWords(text: string, columns: number, indent = 0): readonly string[] {
  const [first = "", ...more] = Bun.wrapAnsi(text, columns - indent).split("\n");
  return [first, ...more.map((line) => " ".repeat(indent) + line)];
}
