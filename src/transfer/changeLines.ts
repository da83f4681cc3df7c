import { quote } from "../host/arg.ts";

/** The files in the folder of a container: a tar of what changed, and the names of all that is there. */
export const changedArchive = "changed.tar";
export const nameList = "names";

/** Where an action that runs on another machine has its workspace, and what is noted about it. Absolute paths in the container. */
export type ChangePlaces = {
  readonly workspace: string;
  /** A folder that exists, and that the action's user can write. */
  readonly folder: string;
  /** Paths relative to the workspace that do not come back: those that did not travel as a whole. */
  readonly stays: readonly string[];
};

/** Lines of a shell program for before and after the action, in which nothing fails and nothing is printed. */
export type ChangeLines = { readonly before: readonly string[]; readonly after: readonly string[] };

/**
 * Returns the lines that find what an action changes in its workspace: before it a stamp, and which folders there are; after it the
 * names of all that is there, and a tar of everything whose status (ctime, which no program can set) is newer than the stamp, or that is
 * in a folder that is new at its place, since the content of a folder that is moved keeps its status. Without GNU's find, sort, comm,
 * cut and tar, or when one of them fails, there is no list of names, and all has to be fetched.
 */
export function changeLines({ workspace, folder, stays }: ChangePlaces): ChangeLines {
  const pruned = stays.map(
    (path) => `-path ${quote(`./${path.replaceAll(/[\\*?[\]]/g, "\\$&")}`)} -prune -o`,
  );
  const find = ["find .", ...pruned].join(" ");
  const folders = `${find} -type d -printf '%i %p\\0'`;
  const [stamp, probe, ready, names, archive] = ["stamp", "probe", "ready", nameList, changedArchive];
  const pax = "--format=pax --pax-option=delete=atime,delete=ctime --sparse";
  const quiet = ") >/dev/null 2>&1 || :";
  const start = ["(", "  export LC_ALL=C", `  notes=${quote(folder)}`, `  cd ${quote(workspace)} || exit`];
  return {
    before: [
      ...start,
      `  ${folders} >"$notes/found" && sort -z "$notes/found" >"$notes/folders" && : >"$notes/${probe}" && : >"$notes/${stamp}" || exit`,
      // The clock of a file system has ticks: what changes within that of the stamp would not be newer.
      `  tries=0; until [ "$(find "$notes/${probe}" -newer "$notes/${stamp}")" ]`,
      `  do tries=$((tries + 1)); [ $tries -lt 5000 ] && : >"$notes/${probe}" || exit; done`,
      `  : >"$notes/${ready}"`,
      quiet,
    ],
    after: [
      ...start,
      `  rm -f "$notes/${names}" && [ -e "$notes/${ready}" ] || exit`,
      `  ${find} ! -type s -print0 >"$notes/all" &&`,
      `    ${find} ! -type s -cnewer "$notes/${stamp}" -print0 >"$notes/changed" &&`,
      `    ${folders} >"$notes/found" && sort -z "$notes/found" >"$notes/now" &&`,
      '    comm -z -13 "$notes/folders" "$notes/now" >"$notes/found" && cut -z -d " " -f 2- "$notes/found" >"$notes/moved" &&',
      `    xargs -0 -r sh -c 'exec find "$@" ! -type s -print0' find <"$notes/moved" >>"$notes/changed" &&`,
      '    sort -z -u "$notes/changed" >"$notes/list" &&',
      `    tar --create ${pax} --null --no-recursion --files-from="$notes/list" --file="$notes/new" &&`,
      // Whole, or not there: an action's container may be killed now.
      `    mv "$notes/new" "$notes/${archive}" && mv "$notes/all" "$notes/${names}"`,
      '  cd "$notes" && rm -f all changed folders found list moved new now probe ready stamp',
      quiet,
    ],
  };
}
