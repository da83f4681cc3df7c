import type { VolumeMount } from "../engine/engine.ts";
import { label } from "../engine/labels.ts";
import { readCaches } from "../workspace/caches.ts";
import { failAt } from "../workspace/fail.ts";
import type { Workspace } from "../workspace/load.ts";
import { isCovered } from "./combineMounts.ts";
import type { ContainerFacts } from "./hostFacts.ts";
import type { ContainerUser } from "./user/containerUser.ts";

/**
 * Returns the volumes of the workspace's caches: one for each cache, workspace, caller and user of the container. A user that
 * polycrate defines owns them; for any other they begin with what the image has. None on an engine that cannot label them. Throws
 * (65) for a home that is not known, and for a cache that contains the home.
 */
export function cacheVolumes(
  workspace: Workspace,
  user: ContainerUser,
  { caller, hasCaches }: Pick<ContainerFacts, "caller" | "hasCaches">,
): readonly VolumeMount[] {
  if (!hasCaches) return [];
  const { uid, gid, home, nameInImage } = user;
  const owners = JSON.stringify([workspace.path, caller.uid, uid, gid, nameInImage ?? ""]);
  const hash = new Bun.CryptoHasher("sha256").update(owners).digest("hex").slice(0, 16);
  return readCaches(workspace).map(({ name, path }) => {
    const fail = failAt(workspace.file, ["config", "container", "caches", name]);
    if (path.startsWith("~") && nameInImage !== undefined) {
      return fail(
        `the home of the image's user \`${nameInImage}\` is not known`,
        "write the path of the cache without `~`",
      );
    }
    const target = path.replace(/^~(?=\/)/, () => home);
    if (isCovered(`${home}/.ssh`, [target]) || isCovered(target, [`${home}/.ssh`])) {
      return fail(`the cache \`${target}\` contains files of ssh`, "choose a folder below the home");
    }
    return {
      name: `polycrate-cache-${hash}-${name}`,
      target,
      labels: [label("workspace", workspace.path), label("cache", name)],
      copiesImage: user.entries === undefined,
    };
  });
}

/** Returns the folders between the home and the caches in it, which docker would create as root's. */
export function foldersAboveCaches(home: string, volumes: readonly VolumeMount[]): readonly string[] {
  const above = volumes.flatMap(({ target }) => {
    if (!target.startsWith(`${home}/`)) return [];
    const names = target.slice(home.length + 1).split("/");
    return names.slice(0, -1).map((_, index) => [home, ...names.slice(0, index + 1)].join("/"));
  });
  return [...new Set(above)];
}
