import { exitCodes, PolycrateError, printable } from "../errors.ts";
import { encodeName } from "../host/fileName.ts";
import type { Staging } from "../host/staging.ts";
import { type ArchivedKind, readTar, type TarLimits } from "../tar/readTar.ts";
import { inSeconds, stageCopy, stageFile } from "./stageFile.ts";

/** An entry that came back; a file or link is staged under its number. */
export type ArrivedEntry = {
  readonly kind: "file" | "directory" | "link";
  readonly mode: number;
  readonly size: number;
  /** In nanoseconds since 1970. */
  readonly mtime: bigint;
  readonly target: string;
  readonly staged: number;
  /** True for a file that is not staged: its content is what the workspace has, if that is still as it was sent. */
  readonly isHere: boolean;
};

/** What came back of a workspace, by paths relative to it; the workspace's own is `.`. */
export type ArrivedEntries = {
  readonly entries: ReadonlyMap<string, ArrivedEntry>;
  /** For each path of a file that has several: all of them. */
  readonly linked: ReadonlyMap<string, readonly string[]>;
  /** Pipes and devices, which are not created here. */
  readonly special: ReadonlyMap<string, ArchivedKind>;
};

/** Returns the error (74) for an archive of a container that is not what it should be; nothing was changed then. */
export function badArchive(problem: string): PolycrateError {
  return new PolycrateError(`the archive that the container sent cannot be used: ${printable(problem)}`, {
    hint: "nothing in the workspace was changed",
    exitCode: exitCodes.cannotFetch,
  });
}

/**
 * Opens a file of the workspace that is as it was sent, and of that size; undefined when there is none, or it is one of several paths of
 * a file. What came is compared with it, and only staged from the first difference on.
 */
export type OpenSent = (path: string, size: number) => number | undefined;

/** No workspace is larger. A sparse file counts with its holes: it can come without costing the sender anything. */
export const arrivalLimits: TarLimits = { entries: 1_000_000, bytes: 100e9, fail: badArchive };

/**
 * Reads the archive of a workspace to its end, whose entries all begin with `prefix` (`.` for none), and stages its files. Throws (74)
 * for anything that no workspace sends: paths that lead out of it, entries below a file or a link, two of one name; (73) when a file
 * cannot be staged.
 */
export async function stageArchive(
  archive: AsyncIterable<Uint8Array>,
  prefix: string,
  staging: Staging,
  limits: TarLimits,
  openSent: OpenSent = () => undefined,
): Promise<ArrivedEntries> {
  const entries = new Map<string, ArrivedEntry>();
  const linked = new Map<string, string[]>();
  const special = new Map<string, ArchivedKind>();
  const stageLink = (path: string, target: string, mtime: bigint) => {
    const staged = entries.size;
    staging.createLink(staged, encodeName(target), inSeconds(mtime));
    entries.set(path, { kind: "link", mode: 0o777, mtime, target, size: 0, staged, isHere: false });
  };
  const stageSecondPath = (path: string, firstPath: string) => {
    const first = entries.get(firstPath);
    if (first?.kind === "link") return stageLink(path, first.target, first.mtime);
    if (first?.kind !== "file") throw limits.fail(`\`${path}\` is a hard link to what is not in it`);
    if (first.isHere && !stageCopy(first, staging, openSent(firstPath, first.size)))
      throw limits.fail(`\`${firstPath}\` changed here while it was compared`);
    const staged = entries.size;
    staging.link(first.staged, staged);
    entries.set(firstPath, { ...first, isHere: false }).set(path, { ...first, staged, isHere: false });
    const paths = linked.get(firstPath) ?? [firstPath];
    paths.push(path);
    linked.set(firstPath, paths).set(path, paths);
  };
  for await (const archived of readTar(archive, limits)) {
    const path = workspacePath(archived.path, prefix, limits);
    if (entries.has(path) || special.has(path)) throw limits.fail(`it has \`${path}\` twice`);
    const { kind, mode, mtime, target, size } = archived;
    if (path === "." && kind !== "directory") throw limits.fail("the workspace in it is not a folder");
    const staged = entries.size;
    const common = { mode, mtime, target, size, staged };
    switch (kind) {
      case "file": {
        const isHere = (await stageFile(archived, staged, staging, openSent(path, size))) === "here";
        entries.set(path, { kind, ...common, isHere });
        break;
      }
      case "directory":
        entries.set(path, { kind, ...common, isHere: false });
        break;
      case "link":
        stageLink(path, target, mtime);
        break;
      case "hard link":
        stageSecondPath(path, workspacePath(target.replace(/^(?:\.\/+)+/, ""), prefix, limits));
        break;
      default:
        special.set(path, kind);
    }
  }
  checkFolders(entries, special, limits);
  return { entries, linked, special };
}

function workspacePath(path: string, prefix: string, limits: TarLimits): string {
  if (path === prefix) return ".";
  const start = prefix === "." ? "" : `${prefix}/`;
  const rest = path.slice(start.length);
  const isPlain = rest.split("/").every((name) => name !== "" && name !== "." && name !== "..");
  if (!path.startsWith(start) || !isPlain || rest.length > longestPath)
    throw limits.fail(`\`${path.slice(0, 200)}\` is not a path in the workspace`);
  return rest;
}

/** PATH_MAX, limits.h(0p) on Linux. */
const longestPath = 4096;

function checkFolders(
  entries: ReadonlyMap<string, ArrivedEntry>,
  special: ReadonlyMap<string, ArchivedKind>,
  limits: TarLimits,
): void {
  for (const path of [...entries.keys(), ...special.keys()]) {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const above = path.slice(0, end);
      if ((entries.get(above)?.kind ?? "directory") !== "directory" || special.has(above))
        throw limits.fail(`\`${path}\` is below what is not a folder`);
    }
  }
}
