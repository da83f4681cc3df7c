import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** The paths below the folders whose content or name has the text. */
export function filesWith(text: string, folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) =>
    pathsBelow(folder).filter((path) => path.includes(text) || fileHas(path, text)),
  );
}

function pathsBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) =>
      join(entry.parentPath, entry.name),
    );
  } catch {
    return []; // a folder that was removed meanwhile, or was never made
  }
}

/** A file may be gone since it was listed. */
function fileHas(path: string, text: string): boolean {
  try {
    const status = lstatSync(path);
    if (status.isSymbolicLink()) return readlinkSync(path).includes(text);
    return status.isFile() && readFileSync(path).includes(text);
  } catch {
    return false;
  }
}

/** The command lines and environments of this moment that have the text, as paths in `/proc`. */
export function processesWith(text: string): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((name) => ["cmdline", "environ"].map((part) => `/proc/${name}/${part}`))
    .filter((path) => fileHas(path, text));
}
