import { statusFolderInContainer } from "../runPaths.ts";
import type { WayBack } from "./steps.ts";

/** The file of a run that notes what was sent. */
export const sentNote = "sent";

/** The file of a run that says on which engine its container is. */
export const engineNote = "engine";

/** Returns how the files of a container come back whose workspace is at `root`, but for those that stay. */
export function wayBack(root: string, transaction: string, stays: readonly string[]): WayBack {
  return {
    noted: lastName(statusFolderInContainer),
    workspace: lastName(root),
    stays,
    mergedByLine: ["known_hosts"],
    staging: `.polycrate/run/${transaction}-fetched`,
    conflicts: `.polycrate/conflicts/${transaction}`,
  };
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
