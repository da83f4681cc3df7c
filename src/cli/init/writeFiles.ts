import { lstatSync } from "node:fs";
import { join, relative } from "node:path";
import { exitCodes, PolycrateError, printable } from "../../errors.ts";
import { capture } from "../../host/capture.ts";
import { createFile } from "../../host/files.ts";
import { stdout } from "../../host/output.ts";
import { newKeyName, type TemplateFile } from "./templates.ts";

/** True when the path exists, even as a broken link. */
export function pathExists(folder: string, path: string): boolean {
  return lstatSync(join(folder, path), { throwIfNoEntry: false }) !== undefined;
}

/** Creates the files that do not exist, prints what it did, and returns the paths that were kept. */
export function writeNewFiles(
  folder: string,
  files: readonly TemplateFile[],
): { readonly kept: readonly string[] } {
  const kept = files.map(({ path }) => path).filter((path) => pathExists(folder, path));
  for (const { path, content } of files) {
    if (!kept.includes(path)) createFile(folder, path, content, 0o644);
    printFile(kept.includes(path) ? "kept" : "created", folder, path);
  }
  return { kept };
}

/** Creates the workspace's ssh key unless it exists. Throws (69) without ssh-keygen, (73) when it fails. */
export async function makeKey(folder: string, workspace: string): Promise<void> {
  if (pathExists(folder, newKeyName)) return printFile("kept", folder, newKeyName);
  if (Bun.which("ssh-keygen") === null) {
    throw new PolycrateError("`ssh-keygen` was not found on PATH; the ssh key was not created", {
      hint: `install the OpenSSH client and run \`ssh-keygen -t ed25519 -N "" -f ${newKeyName}\` in \`${folder}\``,
      exitCode: exitCodes.noDocker,
    });
  }
  const words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", workspace, "-f", newKeyName];
  const { exitCode, stderr } = await capture(words, { directory: folder, environment: process.env });
  if (exitCode !== 0) {
    throw new PolycrateError(`ssh-keygen failed: ${stderr.trim() || `exit code ${exitCode}`}`, {
      hint: "the other files were created; create the key yourself",
      exitCode: exitCodes.cannotWrite,
    });
  }
  printFile("created", folder, newKeyName);
  printFile("created", folder, `${newKeyName}.pub`);
}

function printFile(what: "created" | "kept", folder: string, path: string): void {
  stdout.write(`${what} ${printable(relative(process.cwd(), join(folder, path)))}\n`);
}
