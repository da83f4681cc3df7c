import { realPath } from "../host/fileStatus.ts";

/**
 * Returns an absolute path inside the workspace with links resolved, and whether they lead out of it: an action or a clone
 * could have made a link to any file of the host, which is not visible in the workspace's files. A path to the outside is
 * meant as it is written, so it is returned as it is, and so is a path to nothing.
 */
export function followLinks(
  workspace: string,
  path: string,
): { readonly path: string; readonly isOutside: boolean } {
  const isInside = (one: string) => `${one}/`.startsWith(`${workspace}/`);
  const real = isInside(path) ? realPath(path) : undefined;
  return real === undefined ? { path, isOutside: false } : { path: real, isOutside: !isInside(real) };
}
