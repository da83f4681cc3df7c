import { largestText, readText } from "./read.ts";

/** The user that runs polycrate. */
export type Caller = {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  /** The primary group first, then the supplementary ones. */
  readonly groups: readonly Group[];
  /** True when the engine maps root in a container to the caller. */
  readonly isRootInside: boolean;
};

export type Group = { readonly gid: number; readonly name: string };

/** Returns the caller, with the group names of the host's group file; `name` is the caller's login name. */
export function readCaller(name: string, isRootInside: boolean): Caller {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const names = groupNames();
  const gids = [...new Set([gid, ...(process.getgroups?.() ?? [])])];
  return {
    uid,
    gid,
    name,
    groups: gids.map((one) => ({ gid: one, name: names.get(one) ?? `group${one}` })),
    isRootInside,
  };
}

/** Groups of a directory service are not in the file; their names are derived from their numbers. */
function groupNames(): ReadonlyMap<number, string> {
  const lines = (readText("/etc/group", largestText) ?? "").split("\n").filter((line) => line.includes(":"));
  return new Map(lines.map((line) => line.split(":")).map(([name = "", , gid = ""]) => [Number(gid), name]));
}

/** Returns how many ids a namespace of the caller can have, from subuid(5): its own, and those of its ranges; undefined without any. */
export function mappedIds(name: string): number | undefined {
  const uid = String(process.getuid?.() ?? 0);
  const lines = (readText("/etc/subuid", largestText) ?? "").split("\n").map((line) => line.split(":"));
  const counts = lines.flatMap(([owner, , count]) =>
    owner === name || owner === uid ? [Number(count)] : [],
  );
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 1);
}
