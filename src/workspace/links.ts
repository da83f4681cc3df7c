import { realPath } from "../host/fileStatus.ts";

/**
 * Returns an absolute path inside the workspace with links resolved, and whether they lead outside: an action or a clone
 * could link to any file of the host, which the workspace's files do not show. A path that is outside itself is
 * intended, so it is returned unchanged, and so is a path that does not exist.
 */
export function followLinks(
  workspace: string,
  path: string,
): { readonly path: string; readonly isOutside: boolean } {
  const isInside = (one: string) => `${one}/`.startsWith(`${workspace}/`);
  const real = isInside(path) ? realPath(path) : undefined;
  return real === undefined ? { path, isOutside: false } : { path: real, isOutside: !isInside(real) };
}
