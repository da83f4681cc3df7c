import { counted } from "../errors.ts";

/** Returns what travelled, for the user: `sent 2,015 files, 10 MB`. */
export function sentText(files: number, bytes: number): string {
  return `sent ${amount(files, "file")}, ${formatBytes(bytes)}`;
}

/** Returns what came back: `fetched 3 files, removed 1`. */
export function fetchedText({
  fetched,
  removed,
}: {
  readonly fetched: number;
  readonly removed: number;
}): string {
  const removal = removed === 0 ? "" : `, removed ${removed.toLocaleString("en")}`;
  return `fetched ${amount(fetched, "file")}${removal}`;
}

function amount(count: number, noun: string): string {
  return counted(count, noun).replace(/^\d+/, count.toLocaleString("en"));
}

/** Returns a size as `du --si` has it: `812 B`, `10 MB`, `1.5 GB`. */
export function formatBytes(bytes: number): string {
  const larger = units.filter((_, power) => power > 0 && Math.round(bytes / 1000 ** (power - 1)) >= 1000);
  const power = larger.length;
  const value = bytes / 1000 ** power;
  return `${power > 0 && value < 9.95 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value)} ${units[power]}`;
}

const units = ["B", "kB", "MB", "GB", "TB"];
