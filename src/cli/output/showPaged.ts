import { stdout } from "../../host/output.ts";
import { pagerCommand, startPager } from "../../host/pager.ts";
import type { Program } from "../parseArgs.ts";

/** Prints the text, through the pager when it is longer than the terminal. */
export async function showPaged(text: string, onSignal: Program["onSignal"]): Promise<void> {
  const command = isTooLong(text) ? pagerCommand(process.env) : undefined;
  if (command === undefined) {
    stdout.write(text);
    return;
  }
  const pager = startPager(command, text);
  // Ctrl-C is the pager's: without us it would lose the terminal.
  const ignore = onSignal((name) => {
    if (name !== "SIGINT") pager.stop();
  });
  const wasShown = await pager.ended;
  ignore();
  if (!wasShown) stdout.write(text);
}

function isTooLong(text: string): boolean {
  if (!stdout.isTTY) return false;
  const { columns, rows } = stdout.stream;
  const heights = text
    .trimEnd()
    .split("\n")
    .map((line) => Math.max(1, Math.ceil(Bun.stringWidth(line) / columns)));
  // The prompt after it takes a line.
  return heights.reduce((sum, height) => sum + height, 1) > rows;
}
