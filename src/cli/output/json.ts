import { printable } from "../../errors.ts";

/** Returns the value as JSON for programs, in which nothing moves a terminal's cursor: invisible characters are escapes. */
export function formatJson(value: unknown): string {
  // JSON itself escapes what is below U+0020, so only line feeds between values are left of those.
  return `${printable(JSON.stringify(value, undefined, 2), true)}\n`;
}
