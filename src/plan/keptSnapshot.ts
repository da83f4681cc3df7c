import { masked, maskedTexts } from "../secrets/mask.ts";
import type { KeptSnapshot } from "./plan.ts";

/**
 * Returns what is kept of a run's snapshot file: it is the same for all runs that differ in nothing but their ids. The root
 * `transaction` is left out, and the id is `ID` wherever it occurs.
 */
export function keptSnapshot(file: string, transaction: string, secrets: readonly string[]): KeptSnapshot {
  const lines = withoutTransaction(withoutMark(file)).replaceAll(transaction, "ID");
  const content = masked(lines, maskedTexts(secrets));
  return { content, sha256: new Bun.CryptoHasher("sha256").update(content).digest("hex") };
}

/** The first line of a run's file says which run it is of. */
function withoutMark(file: string): string {
  return file.slice(file.indexOf("\n") + 1);
}

/** Only keys of the root begin a line. A regular expression alone would look at each line of all blocks. */
function withoutTransaction(lines: string): string {
  const start = lines.indexOf("\ntransaction:\n") + 1;
  const root = /transaction:\n(?: .*\n)*/y;
  root.lastIndex = start;
  return lines.slice(0, start) + lines.slice(root.test(lines) ? root.lastIndex : start);
}
