import { basename, dirname } from "node:path";
import { readOwnText } from "../host/filesBelow.ts";
import type { ContainerStep } from "../plan/plan.ts";
import type { Execution } from "./execution.ts";

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

/** What the entrypoint tells of a container's end. */
export type ContainerEnd = Pick<Execution, "exitCode" | "started" | "endUnknown" | "failedLine">;

/**
 * Returns how a container ended whose client ended with that code: an engine may report success for a script that failed (podman
 * before 4.6 behind docker's client), so a success counts only if the entrypoint has recorded it too. `failedLine` is where it
 * recorded a failure with the same code.
 */
export function readStatus(
  { status, notesEnd }: Pick<ContainerStep, "status" | "notesEnd">,
  clientCode: number,
): ContainerEnd {
  const [first, second = "", ...rest] = statusLines(status);
  const started = first === "started";
  const noted = /^ended (\d{1,3})$/.exec(second)?.[1];
  const exitCode = clientCode === 0 && noted !== undefined ? Number(noted) : clientCode;
  const last = [second, ...rest]
    .findLast((note) => /^\d/.test(note))
    ?.split(" ")
    .map(Number);
  return {
    exitCode,
    started,
    endUnknown: started && notesEnd && clientCode === 0 && noted === undefined,
    failedLine: last?.[0] === exitCode ? last[1] : undefined,
  };
}

/** The action can replace this file with anything, so only as much is read as an entrypoint writes. */
function statusLines(path: string): readonly string[] {
  const text = readOwnText(dirname(path), basename(path), 65_536) ?? "";
  return text.split("\n").filter((line) => line !== "");
}
