import { thisOwner, writeOwner } from "../host/owner.ts";
import { makePrivateTree, type PrivateTree } from "../host/privateTree.ts";
import type { BuildContext } from "./buildContext.ts";
import { checkedContent } from "./tar.ts";
import { modified } from "./tarHeader.ts";

/**
 * Copies the build context into a new folder of the caller's own, with the modes it has and, to the second, the times of its
 * tar. It ends early
 * when `isStopped`. Throws (65) when a file is something else by now, (73) when it cannot be written; then nothing stays.
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
 * BuildKit does not fetch a file again that has the size and time, in nanoseconds, of the one it got last from a folder of that
 * name. So the fraction of a second, which no layer has, stands for the content.
 */
function timeOf(digest: string): number {
  return modified + Number.parseInt(digest.slice(0, 6), 16) / 2 ** 24;
}
