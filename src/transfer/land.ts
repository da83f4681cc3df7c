import { decodeName } from "../host/fileName.ts";
import { openStaging } from "../host/staging.ts";
import { readTar } from "../tar/readTar.ts";
import { type ArrivedEntries, arrivalLimits, stageArchive } from "./arrival.ts";
import { changedArchive, nameList } from "./changeLines.ts";
import type { Incomplete, Landed, Landing } from "./landing.ts";
import { openSentFiles } from "./sentFiles.ts";
import { writeBack } from "./writeBack.ts";

/**
 * Reads an archive of the container to its end, then writes into the workspace what the action changed there. Nothing is written
 * before all of it has come. A file that changed here since it was sent stays. Returns only the other files, with nothing written, for
 * a folder without a complete list: the whole workspace must be fetched then. Throws (74) for an archive that ends early or is not one
 * of a workspace, (73) when a file cannot be written.
 */
export async function landArchive(
  archive: AsyncIterable<Uint8Array>,
  landing: Landing,
): Promise<Landed | Incomplete> {
  using staging = openStaging(landing.root, landing.staging);
  if (landing.form === "whole") {
    using sent = openSentFiles(landing);
    const arrived = await stageArchive(archive, landing.prefix, staging, arrivalLimits, sent.open);
    const names = new Set([...arrived.entries.keys(), ...arrived.special.keys()]);
    return { ...writeBack(arrived, names, landing, staging), files: new Map() };
  }
  const files = new Map<string, Buffer>();
  let arrived: ArrivedEntries | undefined;
  for await (const entry of readTar(archive, arrivalLimits)) {
    const name = entry.path.startsWith(`${landing.prefix}/`)
      ? entry.path.slice(landing.prefix.length + 1)
      : entry.path;
    if (entry.kind !== "file") continue;
    if (name === changedArchive) arrived = await stageArchive(entry.content(), ".", staging, arrivalLimits);
    else if (entry.size <= (name === nameList ? largestList : largestFile))
      files.set(name, Buffer.concat(await Array.fromAsync(entry.content())));
  }
  const names = listedNames(files.get(nameList));
  files.delete(nameList);
  const texts = new Map([...files].map(([name, content]): [string, string] => [name, content.toString()]));
  if (arrived === undefined || names === undefined || !hasAll(names, arrived, landing))
    return { files: texts };
  return { ...writeBack(arrived, names, landing, staging), files: texts };
}

/** A million names of 250 bytes. */
const largestList = 250_000_000;
const largestFile = 1_000_000;

/** Every name ends with a zero byte, so that a list that was cut off is noticed. */
function listedNames(list: Buffer | undefined): ReadonlySet<string> | undefined {
  if (list === undefined || list.at(-1) !== 0) return undefined;
  const names = decodeName(list)
    .split("\0")
    .slice(0, -1)
    .map((name) => name.replace(/^\.\//, ""));
  return new Set(names);
}

/** What was neither sent nor came back must have been moved there in a way that was not noticed. */
function hasAll(names: ReadonlySet<string>, arrived: ArrivedEntries, { manifest }: Landing): boolean {
  return [...names].every(
    (name) => manifest.has(name) || arrived.entries.has(name) || arrived.special.has(name),
  );
}
