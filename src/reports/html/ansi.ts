import { type Color, terminalColor } from "./colors.ts";

/** How a terminal paints text; a colour is undefined where it is the terminal's own. */
export type TextStyle = {
  readonly foreground: Color | undefined;
  readonly background: Color | undefined;
  readonly bold: boolean;
  readonly faint: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly strike: boolean;
  readonly inverse: boolean;
};

/** Text of one style. */
export type Segment = { readonly text: string; readonly style: TextStyle };

/** Text as a terminal shows it before anything is painted. */
export const plain: TextStyle = {
  ...{ foreground: undefined, background: undefined },
  ...{ bold: false, faint: false, italic: false, underline: false, strike: false, inverse: false },
};

/**
 * Returns the lines that a terminal shows for the output: with its styles (ECMA-48, SGR), and of a line that was written
 * over with carriage returns or backspaces what is left. All other sequences are removed; other control characters stay.
 */
export function screenLines(output: string): readonly (readonly Segment[])[] {
  const lines: (readonly Segment[])[] = [];
  let line = emptyLine();
  let style = plain;
  for (const [token] of output.matchAll(tokens)) {
    if (token.endsWith("\n")) {
      lines.push(line.segments());
      line = emptyLine();
    } else if (token === "\r" || /^\x1b\[[01]?G$/.test(token)) line.moveTo(() => 0);
    else if (token === "\b") line.moveTo((column) => Math.max(0, column - 1));
    else if (/^\x1b\[0?K$/.test(token)) line.eraseFromColumn();
    else if (token === "\x1b[2K") line = emptyLine();
    else if (!token.startsWith("\x1b")) line.write(token, style);
    else style = /^\x1b\[[\d;:]*m$/.test(token) ? styled(style, token.slice(2, -1)) : style;
  }
  const last = line.segments();
  return last.length === 0 ? lines : [...lines, last];
}

/**
 * A control sequence, a string that ends on its line (a title, a link), another escape, a character that moves, or text.
 * A string without an end is text after two characters, so that it hides nothing.
 */
const tokens =
  /\x1b\[[0-?]*[ -/]*[@-~]?|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]?|\r?\n|\r|\x08|[^\x1b\r\n\x08]+/g;

/** A line that is being written. Once the column has moved back, every segment is one character, to be written over. */
function emptyLine() {
  let written: Segment[] = [];
  let column: number | undefined;
  const moveTo = (move: (column: number) => number) => {
    if (column === undefined) written = written.flatMap(charactersOf);
    column = move(Math.min(column ?? written.length, written.length));
  };
  const write = (text: string, style: TextStyle) => {
    if (column === undefined) written.push({ text, style });
    else for (const character of text) written[column++] = { text: character, style };
  };
  const eraseFromColumn = () => {
    if (column !== undefined) written.length = Math.min(written.length, column);
  };
  return { moveTo, write, eraseFromColumn, segments: () => joined(written) };
}

function charactersOf({ text, style }: Segment): readonly Segment[] {
  return Array.from(text, (character) => ({ text: character, style }));
}

/** Joins neighbours of one style. */
function joined(segments: readonly Segment[]): readonly Segment[] {
  const runs: { style: TextStyle; texts: string[] }[] = [];
  for (const { text, style } of segments) {
    const last = runs.at(-1);
    if (last?.style === style) last.texts.push(text);
    else runs.push({ style, texts: [text] });
  }
  return runs.map(({ style, texts }) => ({ text: texts.join(""), style }));
}

/** The style after `ESC [ parameters m`. */
function styled(style: TextStyle, parameters: string): TextStyle {
  const codes = parameters.split(/[;:]/).map(Number);
  let result = style;
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const [color, length] = extendedColor(codes.slice(at + 1, at + 6), parameters.includes(":"));
      result = { ...result, [code === 38 ? "foreground" : "background"]: color };
      at += length;
    } else result = code === 0 ? plain : { ...result, ...(changes[code] ?? colorChange(code)) };
  }
  return result;
}

/** `5;INDEX` or `2;RED;GREEN;BLUE`, where colons may have a colour space before the red, and how many codes it took. */
function extendedColor(
  [kind, ...values]: readonly number[],
  hasColons: boolean,
): readonly [Color | undefined, number] {
  const byte = (value = 0) => Math.min(255, value);
  if (kind === 5) return [terminalColor(byte(values[0])), 2];
  if (kind !== 2) return [undefined, 1];
  const skipped = hasColons && values.length > 3 ? 1 : 0;
  const [red, green, blue] = values.slice(skipped).map(byte);
  return [((red ?? 0) << 16) | ((green ?? 0) << 8) | (blue ?? 0), 4 + skipped];
}

const changes: Readonly<Record<number, Partial<TextStyle>>> = {
  1: { bold: true },
  2: { faint: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
  21: { underline: true },
  22: { bold: false, faint: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  29: { strike: false },
  39: { foreground: undefined },
  49: { background: undefined },
};

function colorChange(code: number): Partial<TextStyle> {
  if (code >= 30 && code <= 37) return { foreground: terminalColor(code - 30) };
  if (code >= 40 && code <= 47) return { background: terminalColor(code - 40) };
  if (code >= 90 && code <= 97) return { foreground: terminalColor(code - 82) };
  return code >= 100 && code <= 107 ? { background: terminalColor(code - 92) } : {};
}
