import { exitCodes, PolycrateError } from "../errors.ts";
import type { BindMount } from "../workspace/mounts.ts";

/** The mounts of one origin; in `combineMounts` later levels override earlier ones. */
export type MountLevel = { readonly origin: string; readonly mounts: readonly BindMount[] };

export type PlacedMount = BindMount & { readonly origin: string };

/**
 * Returns the mounts of all levels, one for each target; later levels override earlier ones. Throws (65) when one level has
 * two sources for the same target; the same source twice is allowed.
 */
export function combineMounts(levels: readonly MountLevel[]): readonly PlacedMount[] {
  const byTarget = new Map<string, PlacedMount>();
  for (const { origin, mounts } of levels) {
    for (const mount of mounts) {
      const earlier = byTarget.get(mount.target);
      if (earlier !== undefined && earlier.origin === origin && earlier.source !== mount.source) {
        throw new PolycrateError(
          `${origin}: \`${earlier.source}\` and \`${mount.source}\` have the same mount target \`${mount.target}\``,
          { hint: "remove one of them", exitCode: exitCodes.invalidWorkspace },
        );
      }
      byTarget.set(mount.target, { ...mount, origin });
    }
  }
  return [...byTarget.values()];
}

/** True when one of the targets is the path or a folder above it, so that a mount there covers the path. */
export function isCovered(path: string, targets: readonly string[]): boolean {
  return targets.some((target) => path === target || path.startsWith(`${target.replace(/\/+$/, "")}/`));
}
