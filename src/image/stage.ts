import { thisOwner, writeOwner } from "../host/owner.ts";
import { makePrivateTree, type PrivateTree } from "../host/privateTree.ts";
import type { BuildContext } from "./buildContext.ts";
import { checkedContent } from "./tar.ts";
import { modified } from "./tarHeader.ts";

/**
 * Copies the build context into a new folder of the caller's own, with the modes it has and the times of its tar. It ends early
 * when `isStopped`. Throws (65) when a file is something else by now, (73) when it cannot be written; then nothing stays.
 */
export function stageContext(
  { entries }: BuildContext,
  workspace: string,
  isStopped: () => boolean,
): Promise<PrivateTree> {
  const tree = entries.map((entry) =>
    entry.kind === "file" ? { ...entry, content: () => checkedContent(entry, workspace) } : entry,
  );
  return makePrivateTree(tree, modified, writeOwner(thisOwner()), isStopped);
}
