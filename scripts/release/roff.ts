/**
 * Returns Markdown as the body of a manual page, in the macros of man(7). As in the manual's topics, lists are not nested. A
 * table is a list of its first column's cells with the others beside and below, which fits every width. The page's title is
 * left out: its header has it.
 */
export function roffOf(markdown: string): string {
  const rendered = Bun.markdown.render(markdown, {
    text: escaped,
    heading: (text, { level }) => (level === 1 ? "" : section(text, level)),
    paragraph: (text) => `.PP\n${lines(text)}`,
    code: (text) => codeBlock(text),
    list: (text) => text,
    listItem: (text, { index, ordered, start }) =>
      ordered ? `.IP ${(start ?? 1) + index}. 4\n${lines(text)}` : `.IP \\(bu 2\n${lines(text)}`,
    td: (text) => text + cellEnd,
    th: () => "",
    tr: (text) => (text === "" ? "" : definition(text.split(cellEnd).slice(0, -1))),
    table: (text) => text,
    html: () => "",
    strong: bold,
    emphasis: (text) => `\\fI${text}\\fR`,
    codespan: bold,
    link: (text, { href }) => linkText(text, href),
  });
  return rendered.replaceAll(/\n{2,}/g, "\n");
}

/** Returns a list of names with their descriptions, which are plain text. */
export function definitions(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([name, text]) => definition([bold(escaped(name)), escaped(text)])).join("");
}

/** Returns the heading of a section, or of a part of one from level 3 on; the text is escaped already. */
export function section(text: string, level = 2): string {
  return `${level === 2 ? ".SH" : ".SS"} "${text}"\n`;
}

/** Returns lines that are shown as they are; the text is escaped already. */
export function codeBlock(text: string): string {
  return `.PP\n.RS 4\n.nf\n${text.trimEnd().split("\n").map(guarded).join("\n")}\n.fi\n.RE\n`;
}

/** Returns text with every character that roff, or a terminal's font, would change written as what it is; ASCII only. */
export function escaped(text: string): string {
  return text.replaceAll(/[\\\-'`^~"]|[^\x00-\x7f]/gu, (character) => {
    const hexadecimal = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
    return glyphs[character] ?? `\\[u${hexadecimal}]`;
  });
}

/** Returns bold text; the text is escaped already. */
export function bold(text: string): string {
  return `\\fB${text}\\fR`;
}

const glyphs: Readonly<Record<string, string>> = {
  "\\": "\\(rs",
  "-": "\\-",
  "'": "\\(aq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
  '"': "\\(dq",
};

// A character that is in no topic.
const cellEnd = "\u001f";

function lines(text: string): string {
  return `${text
    .trim()
    .split("\n")
    .map((line) => guarded(line.trim()))
    .join("\n")}\n`;
}

/** A line that begins with one of these would be a request. */
function guarded(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}

function definition(cells: readonly string[]): string {
  const [name = "", ...between] = cells.slice(0, -1);
  const beside = between.filter((cell) => cell !== "").join(", ");
  const meaning = cells.at(-1) ?? "";
  const tag = beside === "" ? name : `${name}\\0\\0${beside}`;
  return `.TP\n${guarded(tag)}\n${guarded(meaning === "" ? "\\&" : meaning)}\n`;
}

/** A link to another topic is its manual page. */
function linkText(text: string, href: string): string {
  const [, topic] = /^([a-z-]+)\.md$/.exec(href) ?? [];
  if (topic !== undefined) return `${bold(escaped(`polycrate-${topic}`))}(7)`;
  return escaped(href) === text ? text : `${text} (${escaped(href)})`;
}
