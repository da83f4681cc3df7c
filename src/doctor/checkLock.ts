import { counted } from "../errors.ts";
import { lintLock } from "../registry/lintLock.ts";
import { type Lock, readLock } from "../registry/lock.ts";
import type { Workspace } from "../workspace/load.ts";
import { type CheckResult, ok, warning } from "./checkResult.ts";

/** Checks whether the lock file has all that the workspace names. Throws (65) when it cannot be read. */
export function checkLock(workspace: Workspace): CheckResult {
  const lock = readLock(workspace.path);
  if (lock === undefined) {
    return ok("lock", "the workspace has no polycrate.lock, so tags may change their meaning");
  }
  const missing = lintLock(workspace);
  if (missing.length > 0) {
    const [first] = missing;
    const more = missing.length > 1 ? ` and ${counted(missing.length - 1, "other")}` : "";
    return warning("lock", `${first?.message}${more}`, "`polycrate lock` adds what is missing");
  }
  return ok(
    "lock",
    `${counted(countOf(lock, "image") + countOf(lock, "toolchain"), "image")} and ${counted(countOf(lock, "block"), "block")} locked`,
  );
}

function countOf(lock: Lock, kind: Lock[number]["kind"]): number {
  return lock.filter((entry) => entry.kind === kind).length;
}
