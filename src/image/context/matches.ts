import { ignorePattern, reachesBelow } from "./ignoreFile.ts";
import { compilePattern } from "./pattern.ts";
import { type WorkspaceTree, within } from "./tree.ts";

/** `folder` is all that stands before the first part with a wildcard or an escape; `pattern` is the rest. */
export function splitPattern(path: string): { readonly folder: string; readonly pattern: string } {
  const parts = path.split("/");
  const first = parts.findIndex((part) => /[*?[\\]/.test(part));
  if (first === -1) return { folder: path, pattern: "" };
  return { folder: parts.slice(0, first).join("/"), pattern: parts.slice(first).join("/") };
}

/**
 * Finds what a pattern below a folder means. Folders that `isOpen` refuses are not looked into; links are not either,
 * as the builders' own search does not follow them.
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

/** Asks for each path whether the pattern matches it: a part of the pattern may span folders. */
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
