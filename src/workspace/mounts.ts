import { homedir } from "node:os";
import { posix, resolve } from "node:path";
import { fileStatus } from "../host/fileStatus.ts";
import { type Fail, failAt, failFlag } from "./fail.ts";
import { followLinks } from "./links.ts";
import type { Workspace } from "./load.ts";

/** A path of the host that is mounted at a path of the container; both are absolute. */
export type BindMount = { readonly source: string; readonly target: string; readonly readonly: boolean };

/**
 * True for a path in the container that is reserved for polycrate: the files of the run, and the workspace's
 * `.polycrate`. In most images `/var/run` is a link to `/run`.
 */
export function isOurTarget(target: string, containerRoot: string): boolean {
  const path = posix.join("/", target).replace(/^\/var\/run(?=\/)/, "/run");
  return (
    /^\/run\/polycrate(?:[-/]|$)/.test(path) ||
    `${path}/`.startsWith(`${posix.join(containerRoot, ".polycrate")}/`)
  );
}

/** The hint for a mount at a reserved path. */
export const ourTargetHint = "choose another path in the container";

/** Returns the message for a mount at a reserved path. */
export function ourTargetMessage(target: string): string {
  return `\`${target}\` in the container is reserved for polycrate`;
}

/**
 * Returns the mounts of `extramounts`. Throws (65) when one is not `HOST:CONTAINER[:ro]`, or its source does not exist or is a
 * link to a path outside of the workspace.
 */
export function readExtraMounts(workspace: Workspace, host: NodeJS.ProcessEnv): readonly BindMount[] {
  return workspace.settings.extramounts.map((text, index) => {
    const fail = failAt(workspace.file, ["extramounts", index]);
    const mount = readMount(text, workspace, fail);
    const path = resolve(workspace.path, expandPath(mount.source, host, fail));
    const { path: real, isOutside } = followLinks(workspace.path, path);
    if (isOutside)
      return fail(
        `\`${mount.source}\` is a link to a path outside of the workspace`,
        `use its real path: \`${real}\``,
      );
    return existingMount(mount, path, fail);
  });
}

/** Returns the mounts of `--mount`; sources are relative to `here`. Throws (64) as `readExtraMounts` does. */
export function readMountFlags(
  workspace: Workspace,
  flags: readonly string[],
  here: string,
): readonly BindMount[] {
  const fail = failFlag("--mount");
  return flags.map((text) => {
    const mount = readMount(text, workspace, fail);
    return existingMount(mount, resolve(here, mount.source), fail);
  });
}

/** The path on the host can contain colons: the path in the container begins at the last `:/`. */
function readMount(text: string, { layout }: Workspace, fail: Fail): BindMount {
  const match = /^(.+):(\/[^:]*)(?::(ro|rw))?$/s.exec(text);
  const [, source, target, mode] = match ?? [];
  if (source === undefined || target === undefined) {
    return fail(
      `\`${text}\` is not a valid mount`,
      "write `HOST:CONTAINER` or `HOST:CONTAINER:ro`; the container's path must be absolute",
    );
  }
  if (isOurTarget(target, layout.containerRoot)) return fail(ourTargetMessage(target), ourTargetHint);
  return { source, target: target.replace(/(?<=.)\/+$/, ""), readonly: mode === "ro" };
}

function existingMount(mount: BindMount, source: string, fail: Fail): BindMount {
  if (fileStatus(source) === undefined) {
    return fail(
      `the source \`${source}\` of the mount at \`${mount.target}\` does not exist`,
      "create it, or correct the path",
    );
  }
  return { ...mount, source };
}

function expandPath(path: string, host: NodeJS.ProcessEnv, fail: Fail): string {
  return path
    .replace(/^~(?=\/|$)/, () => homedir())
    .replace(
      /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g,
      (_, bare: string | undefined, braced: string | undefined) => {
        const name = bare ?? braced ?? "";
        return host[name] ?? fail(`the variable \`${name}\` is not set`, `set it: \`export ${name}=…\``);
      },
    );
}
