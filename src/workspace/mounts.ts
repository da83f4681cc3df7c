import { homedir } from "node:os";
import { posix, resolve } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";
import { fileStatus } from "../host/fileStatus.ts";
import { followLinks } from "./links.ts";
import type { Workspace } from "./load.ts";
import { errorAt } from "./poly/polyFile.ts";

/** A path of the host that the container sees under another name; both are absolute. */
export type BindMount = { readonly source: string; readonly target: string; readonly readonly: boolean };

/**
 * True for a path in the container that is at or below one of polycrate's own: its files of the run, and the workspace's
 * `.polycrate`. In most images `/var/run` is a link to `/run`.
 */
export function isOurTarget(target: string, containerRoot: string): boolean {
  const path = posix.join("/", target).replace(/^\/var\/run(?=\/)/, "/run");
  return (
    /^\/run\/polycrate(?:[-/]|$)/.test(path) ||
    `${path}/`.startsWith(`${posix.join(containerRoot, ".polycrate")}/`)
  );
}

export const ourTargetHint = "choose another path in the container";

/** Returns what is said of a mount at a path of polycrate's own. */
export function ourTargetMessage(target: string): string {
  return `\`${target}\` in the container belongs to polycrate`;
}

type Refuse = (message: string, hint: string) => never;

/**
 * Returns the mounts of `extramounts`. Throws (65) on another form than `HOST:CONTAINER[:ro]`, on a missing source, and on one
 * that leads out of the workspace by a link.
 */
export function readExtraMounts(workspace: Workspace, host: NodeJS.ProcessEnv): readonly BindMount[] {
  return workspace.settings.extramounts.map((text, index) => {
    const refuse: Refuse = (message, hint) => {
      throw errorAt(workspace.file, ["extramounts", index], message, hint);
    };
    const mount = readMount(text, workspace, refuse);
    const path = resolve(workspace.path, expandPath(mount.source, host, refuse));
    const { path: real, isOutside } = followLinks(workspace.path, path);
    if (isOutside)
      return refuse(`\`${mount.source}\` leads out of the workspace`, `name \`${real}\` in its place`);
    return existing(mount, path, refuse);
  });
}

/** Returns the mounts of `--mount`; sources are relative to `here`. Throws (64) as `readExtraMounts` does. */
export function readMountFlags(
  workspace: Workspace,
  flags: readonly string[],
  here: string,
): readonly BindMount[] {
  const refuse: Refuse = (message, hint) => {
    throw new PolycrateError(`\`--mount\`: ${message}`, { hint, exitCode: exitCodes.wrongCommandLine });
  };
  return flags.map((text) => {
    const mount = readMount(text, workspace, refuse);
    return existing(mount, resolve(here, mount.source), refuse);
  });
}

/** The host's part may hold colons: the container's begins at the last `:/`. */
function readMount(text: string, { layout }: Workspace, refuse: Refuse): BindMount {
  const match = /^(.+):(\/[^:]*)(?::(ro|rw))?$/s.exec(text);
  const [, source, target, mode] = match ?? [];
  if (source === undefined || target === undefined) {
    return refuse(
      `\`${text}\` is no mount`,
      "write `HOST:CONTAINER` or `HOST:CONTAINER:ro`, the container's path absolute",
    );
  }
  if (isOurTarget(target, layout.containerRoot)) return refuse(ourTargetMessage(target), ourTargetHint);
  return { source, target: target.replace(/(?<=.)\/+$/, ""), readonly: mode === "ro" };
}

function existing(mount: BindMount, source: string, refuse: Refuse): BindMount {
  if (fileStatus(source) === undefined) {
    return refuse(
      `\`${source}\`, to be mounted at \`${mount.target}\`, does not exist`,
      "make it first, or correct the path",
    );
  }
  return { ...mount, source };
}

function expandPath(path: string, host: NodeJS.ProcessEnv, refuse: Refuse): string {
  return path
    .replace(/^~(?=\/|$)/, () => homedir())
    .replace(
      /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g,
      (_, bare: string | undefined, braced: string | undefined) => {
        const name = bare ?? braced ?? "";
        return (
          host[name] ?? refuse(`the variable \`${name}\` is not set here`, `set it: \`export ${name}=…\``)
        );
      },
    );
}
