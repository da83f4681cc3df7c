import { thisOwner, writeOwner } from "../host/owner.ts";
import { makePrivateTree, type PrivateTree } from "../host/privateTree.ts";
import { modified } from "../tar/tarHeader.ts";
import type { BuildContext } from "./buildContext.ts";
import { checkedContent } from "./tar.ts";

/**
 * Copies the build context into a new private folder of the caller, with its modes and, to the second, the times of its
 * tar. Returns early
 * when `isStopped`. Throws (65) when a file has changed, (73) when it cannot be written; then the folder is removed.
 */
export function stageContext(
  { entries }: BuildContext,
  workspace: string,
  isStopped: () => boolean,
): Promise<PrivateTree> {
  const tree = entries.map((entry) =>
    entry.kind === "file"
      ? { ...entry, time: timeOf(entry.digest), content: () => checkedContent(entry, workspace) }
      : { ...entry, time: modified },
  );
  return makePrivateTree(tree, writeOwner(thisOwner()), isStopped);
}

/**
 * BuildKit does not fetch a file again that has the size and time, in nanoseconds, of the last one from a folder of that
 * name. So the fraction of a second, which layers do not keep, is derived from the content.
 */
function timeOf(digest: string): number {
  return modified + Number.parseInt(digest.slice(0, 6), 16) / 2 ** 24;
}
