import { ignorePattern, reachesBelow } from "./ignoreFile.ts";
import { compilePattern } from "./pattern.ts";
import { type WorkspaceTree, within } from "./tree.ts";

/** Splits a path before the first part with a wildcard or an escape. */
export function splitPattern(path: string): { readonly folder: string; readonly pattern: string } {
  const parts = path.split("/");
  const first = parts.findIndex((part) => /[*?[\\]/.test(part));
  if (first === -1) return { folder: path, pattern: "" };
  return { folder: parts.slice(0, first).join("/"), pattern: parts.slice(first).join("/") };
}

/**
 * Returns the paths below a folder that a pattern matches. Folders for which `isOpen` is false are not searched; links are
 * not followed, as in the builders' own search.
 */
export function matchesOf(
  tree: WorkspaceTree,
  folder: string,
  pattern: string,
  options: { readonly doubleStar: boolean; readonly isOpen: (folder: string) => boolean },
): readonly string[] {
  const whole = compilePattern(pattern, options);
  if (whole === undefined) return [];
  if (options.doubleStar || whole.crosses) {
    return matchesBelow(tree, folder, pattern, whole.matches, options.isOpen);
  }
  const [first = "", ...rest] = pattern.split("/");
  return rest.reduce<readonly string[]>(
    (folders, part) =>
      folders
        .filter((path) => tree.kindOf(path) === "directory" && options.isOpen(path))
        .flatMap((above) => children(tree, above, part)),
    children(tree, folder, first),
  );
}

function children(tree: WorkspaceTree, folder: string, pattern: string): readonly string[] {
  const compiled = compilePattern(pattern, { doubleStar: false });
  const matching = tree.childrenOf(folder).filter(({ name }) => compiled?.matches(name) === true);
  return matching.map(({ name }) => within(folder, name));
}

/** Matches each path as a whole, because a part of the pattern may span folders. */
function matchesBelow(
  tree: WorkspaceTree,
  top: string,
  pattern: string,
  matches: (path: string) => boolean,
  isOpen: (path: string) => boolean,
): readonly string[] {
  const parts = ignorePattern(pattern);
  const found: string[] = [];
  const walk = (folder: string, above: string): void => {
    for (const { name, kind } of tree.childrenOf(folder)) {
      const path = within(folder, name);
      const relative = within(above, name);
      if (matches(relative)) found.push(path);
      else if (
        kind === "directory" &&
        (parts === undefined || reachesBelow(parts, relative)) &&
        isOpen(path)
      ) {
        walk(path, relative);
      }
    }
  };
  walk(top, "");
  return found;
}
