import { exitCodes, PolycrateError } from "../errors.ts";
import type { BindMount } from "../workspace/mounts.ts";

/** Who asked for a mount; in `combineMounts` the later in the list wins. */
export type MountLevel = { readonly origin: string; readonly mounts: readonly BindMount[] };

export type PlacedMount = BindMount & { readonly origin: string };

/**
 * Returns the mounts of all levels, one for each target; the levels are given from the weakest to the strongest. Throws
 * (65) when one level gives one target two sources; the same source twice is fine.
 */
export function combineMounts(levels: readonly MountLevel[]): readonly PlacedMount[] {
  const byTarget = new Map<string, PlacedMount>();
  for (const { origin, mounts } of levels) {
    for (const mount of mounts) {
      const earlier = byTarget.get(mount.target);
      if (earlier !== undefined && earlier.origin === origin && earlier.source !== mount.source) {
        throw new PolycrateError(
          `${origin}: \`${earlier.source}\` and \`${mount.source}\` are both to be mounted at \`${mount.target}\``,
          { hint: "remove one of them", exitCode: exitCodes.invalidWorkspace },
        );
      }
      byTarget.set(mount.target, { ...mount, origin });
    }
  }
  return [...byTarget.values()];
}

/** True when one of the targets is the path, or a folder above it: what is mounted there brings its own. */
export function isCovered(path: string, targets: readonly string[]): boolean {
  return targets.some((target) => path === target || path.startsWith(`${target.replace(/\/+$/, "")}/`));
}
