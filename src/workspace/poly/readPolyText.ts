import { isUtf8 } from "node:buffer";
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { readFileInside } from "../../host/filesBelow.ts";
import type { ReadProblem } from "../../host/read.ts";
import type { Problem } from "./problems.ts";

/** The text of a file, or why it could not be read. */
export type PolyText = { readonly text: string } | { readonly problem: Problem };

/**
 * Reads a `.poly` file at a path relative to the workspace. Never waits for the other end of a pipe, and does not follow
 * links out of the workspace.
 */
export function readPolyText(workspace: string, path: string): PolyText {
  const absolute = join(workspace, path);
  try {
    const bytes = readFileInside(workspace, absolute, largestPolyFile);
    if (bytes === "outside") return { problem: outsideProblem(path) };
    const text = typeof bytes === "string" ? readFaults[bytes] : textIn(bytes);
    return typeof text === "string" ? { text } : { problem: unreadableProblem(path, text) };
  } catch (cause) {
    return { problem: unreadableProblem(path, systemFault(absolute, cause)) };
  }
}

/** In bytes: larger than any configuration; a YAML parser takes 200 times as much memory. */
export const largestPolyFile = 2_000_000;

function outsideProblem(file: string): Problem {
  const message = "is a link to a path outside of the workspace";
  const hint = "replace it with a copy of the file";
  return { severity: "error", code: "outside-workspace", file, message, hint };
}

function unreadableProblem(file: string, [message, hint]: Fault): Problem {
  return { severity: "error", code: "unreadable-file", file, message, hint };
}

/** Why a file cannot be read, and what to do about it. */
type Fault = readonly [message: string, hint: string];

const readFaults: Readonly<Record<ReadProblem, Fault>> = {
  missing: ["does not exist", "create it"],
  unreadable: ["cannot be read: permission denied", "change its permissions: `chmod u+r`"],
  "not a file": ["is not a file", "replace it with a text file"],
  "too large": ["is larger than 2 MB", "move data to other files"],
};

function textIn(bytes: Buffer): string | Fault {
  const isUtf16 = ["fffe", "feff"].includes(bytes.subarray(0, 2).toString("hex"));
  if (!isUtf16 && bytes.includes(0)) return ["is binary", "replace it with a text file"];
  if (isUtf8(bytes)) return bytes.toString("utf8");
  return [isUtf16 ? "is UTF-16 text" : "is not UTF-8 text", "save the file as UTF-8 text"];
}

function systemFault(path: string, cause: unknown): Fault {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "ENOENT" && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    return ["is a broken link", "correct the link, or remove it"];
  }
  return faultsByCode[code] ?? [`cannot be read (${code})`, "check that it is a file"];
}

const faultsByCode: Readonly<Record<string, Fault>> = {
  ENOENT: readFaults.missing,
  EACCES: readFaults.unreadable,
  EPERM: readFaults.unreadable,
  ELOOP: ["is a link to itself", "correct the link, or remove it"],
};
