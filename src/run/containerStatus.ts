import { basename, dirname } from "node:path";
import { readOwnText } from "../host/filesBelow.ts";

/** True when the container's entrypoint has run, by the file it writes. */
export function hasStarted(status: string): boolean {
  return statusLines(status)[0] === "started";
}

/** True while the file is as it was written: an entrypoint that ran, or an action that removed it, leaves it otherwise. */
export function isUntouched(status: string): boolean {
  return statusLines(status)[0]?.startsWith("# ") === true;
}

/** True when the script failed and a shell was opened in its place. */
export function isInspected(status: string): boolean {
  return statusLines(status).includes("inspecting");
}

/** True when no process of the command is left in its warm container, as is noted after it ended with that exit code. */
export function isSwept(status: string, exitCode: number): boolean {
  return statusLines(status).at(-1) === `swept ${exitCode}`;
}

/** Returns whether the entrypoint ran, and the line of the script at which it noted a failure with that exit code. */
export function readStatus(
  path: string,
  exitCode: number,
): { started: boolean; failedLine: number | undefined } {
  const [first, ...notes] = statusLines(path);
  const last = notes
    .findLast((note) => /^\d/.test(note))
    ?.split(" ")
    .map(Number);
  const line = last?.[0] === exitCode ? last[1] : undefined;
  return { started: first === "started", failedLine: line };
}

/** The action can replace this file with anything, so only as much is read as an entrypoint writes. */
function statusLines(path: string): readonly string[] {
  const text = readOwnText(dirname(path), basename(path), 65_536) ?? "";
  return text.split("\n").filter((line) => line !== "");
}
