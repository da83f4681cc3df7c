import type { BuildContext } from "./buildContext.ts";

/**
 * Returns the difference from the context with the digests `before` as a clause: `requirements.txt changed, 2 files
 * added`. The Dockerfile comes first, then contents, modes, added and removed entries; a single one is named, several
 * are counted. Undefined when there is none.
 */
export function changesBetween(before: ReadonlyMap<string, string>, after: BuildContext): string | undefined {
  const changes: readonly Change[] = [
    ...Array.from(after.digests, ([path, digest]) => changeOf(path, before.get(path), digest)),
    ...Array.from(before.keys()).flatMap((path) =>
      after.digests.has(path) ? [] : [{ path, kind: "removed" as const }],
    ),
  ].filter((change) => change !== undefined);
  const paths = (kind: Change["kind"]): readonly string[] =>
    changes
      .filter((change) => change.kind === kind && change.path !== after.dockerfile)
      .map(({ path }) => path);
  const isFolder = (path: string): boolean =>
    (after.digests.get(path) ?? before.get(path))?.endsWith(" directory") ?? false;
  const dockerfile = changes.find(({ path }) => path === after.dockerfile);
  const clauses = [
    ...(dockerfile === undefined ? [] : [clause(dockerfile.kind, [dockerfile.path], isFolder)]),
    ...kinds.map((kind) => clause(kind, paths(kind), isFolder)),
  ].filter((text) => text !== undefined);
  return clauses.length === 0 ? undefined : clauses.join(", ");
}

const kinds = ["changed", "mode", "added", "removed"] as const;

type Change = { readonly path: string; readonly kind: (typeof kinds)[number] };

function changeOf(path: string, before: string | undefined, after: string): Change | undefined {
  if (before === after) return undefined;
  if (before === undefined) return { path, kind: "added" };
  const sameContent = contentOf(before) === contentOf(after) && !after.startsWith("-> ");
  return { path, kind: sameContent ? "mode" : "changed" };
}

/** The part of a digest after the mode. */
function contentOf(digest: string): string {
  return digest.slice(digest.indexOf(" ") + 1);
}

/** Folders count only when no file does: a new folder with a file in it is one new file. */
function clause(
  kind: Change["kind"],
  paths: readonly string[],
  isFolder: (path: string) => boolean,
): string | undefined {
  const files = paths.filter((path) => !isFolder(path));
  const counted = files.length > 0 ? files : paths;
  const [only] = counted;
  if (only === undefined) return undefined;
  const noun = files.length > 0 ? "files" : "folders";
  if (kind === "mode")
    return counted.length === 1 ? `mode of ${only} changed` : `modes of ${counted.length} ${noun} changed`;
  return `${counted.length === 1 ? only : `${counted.length} ${noun}`} ${kind}`;
}
