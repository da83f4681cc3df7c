import { dirname, join, resolve, sep } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";
import { fileStatus, realPath } from "../host/fileStatus.ts";

/** Where to look for the workspace: in a named folder or its file, or in a folder and its parents. */
export type WorkspaceLocation = { readonly named: string } | { readonly below: string; readonly uid: number };

/** The file that makes a folder a workspace. */
export const workspaceFile = "workspace.poly";

/** Returns the location that the `--workspace` flag or `POLYCRATE_WORKSPACE` names, else the working directory and its parents. */
export function workspaceLocation(
  flag: string | undefined,
  environment: NodeJS.ProcessEnv,
  here: string,
  uid: number,
): WorkspaceLocation {
  const named = flag ?? (environment.POLYCRATE_WORKSPACE || undefined);
  return named === undefined ? { below: here, uid } : { named };
}

/** Returns the path of the workspace, links resolved. Throws (64) when there is none, or it belongs to another user. */
export function locateWorkspace(location: WorkspaceLocation): string {
  return "named" in location ? namedWorkspace(location.named) : workspaceAbove(location.below, location.uid);
}

function namedWorkspace(named: string): string {
  const path = realPath(resolve(named));
  const folder = path?.endsWith(`${sep}${workspaceFile}`) === true ? dirname(path) : path;
  if (folder === undefined || fileStatus(join(folder, workspaceFile)) === undefined) {
    throw new PolycrateError(`there is no \`${workspaceFile}\` in \`${named}\``, {
      hint: "name the folder of a workspace, or create one with `polycrate init`",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  return folder;
}

/** A file in a parent folder, such as /tmp, could belong to another user, so its owner must be the caller or root. */
function workspaceAbove(below: string, uid: number): string {
  for (let folder = realPath(below) ?? below; ; folder = dirname(folder)) {
    const found = fileStatus(join(folder, workspaceFile));
    if (found !== undefined) {
      if (found.uid === uid || found.uid === 0) return folder;
      throw new PolycrateError(
        `\`${join(folder, workspaceFile)}\` belongs to another user (uid ${found.uid})`,
        {
          hint: `if you trust it, use \`--workspace ${folder}\``,
          exitCode: exitCodes.wrongCommandLine,
        },
      );
    }
    if (folder === dirname(folder)) {
      throw new PolycrateError(`there is no \`${workspaceFile}\` in \`${below}\` or its parent folders`, {
        hint: "change to a workspace, name one with `--workspace DIR`, or create one with `polycrate init`",
        exitCode: exitCodes.wrongCommandLine,
      });
    }
  }
}
