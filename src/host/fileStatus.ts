import { type Stats, statSync } from "node:fs";

/**
 * Returns what is at the path, links followed; undefined when that is nothing one can get at, which takes in links in a
 * circle, a file in the place of a folder, and names that are too long.
 */
export function fileStatus(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
