import { isUtf8 } from "node:buffer";
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { readFileInside } from "../../host/filesBelow.ts";
import type { Problem } from "./problems.ts";

/** A text that was read, or why it could not be. */
export type PolyText = { readonly text: string } | { readonly problem: Problem };

/**
 * Reads a `.poly` file at a path relative to the workspace. Never waits for the other end of a pipe, and follows no link
 * out of the workspace.
 */
export function readPolyText(workspace: string, path: string): PolyText {
  const refuse = (
    code: "unreadable-file" | "outside-workspace",
    message: string,
    hint: string,
  ): PolyText => ({
    problem: { severity: "error", code, file: path, message, hint },
  });
  const absolute = join(workspace, path);
  try {
    const bytes = readFileInside(workspace, absolute, largest);
    if (bytes === "outside") {
      return refuse(
        "outside-workspace",
        "is a link out of the workspace",
        "put a copy of the file in its place",
      );
    }
    if (bytes === "missing" || bytes === "unreadable") {
      const [reason, hint] = reasons[bytes];
      return refuse("unreadable-file", reason, hint);
    }
    if (bytes === "not a file")
      return refuse("unreadable-file", "is no file", "put a text file in its place");
    if (bytes === "too large") {
      return refuse("unreadable-file", "is larger than 2 MB", "keep data in files of their own");
    }
    const isUtf16 = ["fffe", "feff"].includes(bytes.subarray(0, 2).toString("hex"));
    if (!isUtf16 && bytes.includes(0))
      return refuse("unreadable-file", "is binary", "put a text file in its place");
    if (isUtf8(bytes)) return { text: bytes.toString("utf8") };
    const found = isUtf16 ? "is text in UTF-16" : "is no text in UTF-8";
    return refuse("unreadable-file", found, "save the file as text in UTF-8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    if (code === "ENOENT" && lstatSync(absolute, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
      return refuse("unreadable-file", "is a link to nothing", "correct the link, or remove it");
    }
    const [reason, hint] = reasonsByCode[code] ?? [`cannot be read (${code})`, "see that it is a file"];
    return refuse("unreadable-file", reason, hint);
  }
}

const reasons = {
  missing: ["does not exist", "write it"],
  unreadable: ["may not be read by you", "change its permissions: `chmod u+r`"],
} as const;

const reasonsByCode: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: reasons.missing,
  EACCES: reasons.unreadable,
  EPERM: reasons.unreadable,
  ELOOP: ["is a link to itself", "correct the link, or remove it"],
};

/** Beyond any use, and a parser of YAML takes 200 times as much memory. */
const largest = 2_000_000;
