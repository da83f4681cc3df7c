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
  const note = (name: string) => quote(`${folder}/${name}`);
  const [stamp, probe, before] = [note("stamp"), note("probe"), note("folders")];
  const [names, list, changed] = [note(`${nameList}.new`), note("changed"), note(changedArchive)];
  const pax = "--format=pax --pax-option=delete=atime,delete=ctime --sparse";
  return {
    before: [
      "(",
      `  export LC_ALL=C; cd ${quote(workspace)} && ${folders} >${note("found")} && sort -z ${note("found")} >${before} || exit`,
      // The clock of a file system has ticks: what changes within that of the stamp would not be newer.
      `  : >${probe} && : >${stamp} && until [ "$(find ${probe} -newer ${stamp})" ]; do : >${probe} || exit; done`,
      `) >/dev/null 2>&1 || rm -f ${stamp}`,
    ],
    after: [
      "(",
      `  export LC_ALL=C; cd ${quote(workspace)} && [ -e ${stamp} ] && rm -f ${note(nameList)} || exit`,
      `  ${find} ! -type s -print0 >${names} &&`,
      `    ${find} ! -type s -cnewer ${stamp} -print0 >${list} &&`,
      `    ${folders} >${note("found")} && sort -z ${note("found")} | comm -z -13 ${before} - | cut -z -d ' ' -f 2- >${note("moved")} &&`,
      `    xargs -0 -r sh -c 'exec find "$@" ! -type s -print0' find <${note("moved")} >>${list} &&`,
      `    sort -z -u -o ${list} ${list} &&`,
      `    tar --create ${pax} --null --no-recursion --files-from=${list} --file=${changed} &&`,
      `    mv ${names} ${note(nameList)} && rm -f ${stamp} ${probe} ${before} ${list} ${note("found")} ${note("moved")}`,
      ") >/dev/null 2>&1 || :",
    ],
  };
}
