import type { Handed } from "./steps.ts";

/** The most characters of a line: a terminal drops what is longer than 4095 (N_TTY, Linux). */
const longestLine = 900;

/** Returns what the entrypoint reads on its standard input before the action does. */
export function handOverText({ variables, files }: Handed): string {
  const values = [...variables.map(({ value }) => value), ...files.map(({ reveal }) => reveal())];
  return values.map((value) => `${escapedLines(value)}\n`).join("");
}

/** Bytes that `printf %b` reads as themselves stay; all others become `\0ooo`. */
function escapedLines(value: string | Uint8Array): string {
  let lines = "";
  let length = 0;
  for (const byte of typeof value === "string" ? Buffer.from(value) : value) {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c;
    const text = isPlain ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, "0")}`;
    if (length + text.length > longestLine) {
      lines += "\n";
      length = 0;
    }
    lines += text;
    length += text.length;
  }
  return length === 0 ? "" : `${lines}\n`;
}
