import type { LogExcerpt } from "./logExcerpt.ts";

/** Returns the excerpt as text without colours; where something is left out, a line says so, and where the whole log is. */
export function excerptText({ parts }: LogExcerpt, log: string): string {
  return parts.reduce((before, { omitted, text }) => {
    const plain = Bun.stripANSI(text).replaceAll("\r\n", "\n");
    if (omitted === 0) return before + plain;
    const lineFeed = before === "" || before.endsWith("\n") ? "" : "\n";
    return `${before}${lineFeed}[${omitted} bytes are left out; the whole log is ${log}]\n${plain}`;
  }, "");
}
