import { type Stats, statSync } from "node:fs";

/**
 * Returns the status of what is at the path, links followed; undefined when there is nothing to reach: also for links in a
 * circle, a file in place of a folder, and names that are too long.
 */
export function fileStatus(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
