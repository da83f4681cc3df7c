import { realpathSync } from "node:fs";

/**
 * Returns where the file of an absolute path is, and whether a link leads out of the workspace there. An action or a clone could
 * have made a link to any file of the host, which nobody sees who reads the workspace's files; a path to outside says itself
 * what it means and is returned as it is, as is one to nothing.
 */
export function realPlace(
  workspace: string,
  path: string,
): { readonly path: string; readonly isOutside: boolean } {
  const isInside = (one: string) => `${one}/`.startsWith(`${workspace}/`);
  try {
    const real = realpathSync(path);
    return isInside(path) ? { path: real, isOutside: !isInside(real) } : { path, isOutside: false };
  } catch {
    return { path, isOutside: false };
  }
}
