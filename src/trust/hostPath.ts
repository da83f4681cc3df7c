import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** Returns a path with all links resolved, as the kernel does; what does not exist yet is taken as written. */
export function realHostPath(workspace: string, written: string): string {
  const absolute = resolve(workspace, written);
  const missing: string[] = [];
  for (let path = absolute; ; path = dirname(path)) {
    try {
      return join(realpathSync.native(path), ...missing);
    } catch {
      if (path === dirname(path)) return absolute;
      missing.unshift(basename(path));
    }
  }
}

/**
 * Returns the real path if it is not inside of the workspace, else undefined. `a/../b` is not always `b`: where `a` is a link, the
 * kernel goes on above what it leads to, so both have to be inside.
 */
export function pathOutside(workspace: string, written: string): string | undefined {
  const isInside = (path: string) => path === workspace || path.startsWith(`${workspace}/`);
  const raw = written.startsWith("/") ? written : `${workspace}/${written}`;
  const real = [realHostPath(workspace, written), asKernel(raw)];
  return real.find((path) => path !== undefined && !isInside(path));
}

function asKernel(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}
