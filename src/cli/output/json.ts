import { printable } from "../../errors.ts";

/** Returns the value as JSON; characters that a terminal would interpret are escaped. */
export function formatJson(value: unknown): string {
  // JSON escapes characters below U+0020; only the line feeds between values are left.
  return `${printable(JSON.stringify(value, undefined, 2), true)}\n`;
}
