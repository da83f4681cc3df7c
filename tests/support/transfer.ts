import {
  appendFileSync,
  chmodSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import fc from "fast-check";
import { decodeName, encodeName } from "../../src/host/fileName.ts";

/** Something that is done in a workspace, before it travels or by an action. Paths are as `decodeName` returns them. */
export type Change =
  | {
      readonly do: "write" | "replace" | "append" | "overwrite";
      readonly path: string;
      readonly content: string;
    }
  | { readonly do: "chmod"; readonly path: string; readonly mode: number }
  | { readonly do: "mkdir" | "remove" | "touch"; readonly path: string }
  | { readonly do: "symlink"; readonly path: string; readonly target: string }
  | { readonly do: "link" | "rename" | "swap"; readonly path: string; readonly to: string }
  | { readonly do: "sparse"; readonly path: string; readonly size: number };

/**
 * Does it in a folder; what is not possible there is left, as it is in every folder with the same content. Nothing is done through a
 * link: some lead out of the folder.
 */
export function apply(root: string, changes: readonly Change[]): void {
  for (const change of changes) {
    try {
      if (isBelowLink(root, change.path) || ("to" in change && isBelowLink(root, change.to))) continue;
      if (following.has(change.do) && isLink(encodeName(`${root}/${change.path}`))) continue;
      applyOne((path) => encodeName(`${root}/${path}`), change);
    } catch {
      // the same everywhere
    }
  }
}

/** What the system does to the target of a link. */
const following: ReadonlySet<Change["do"]> = new Set(["write", "append", "overwrite", "chmod", "sparse"]);

function isBelowLink(root: string, path: string): boolean {
  const names = path.split("/");
  return names.some(
    (_, count) => count > 0 && isLink(encodeName(`${root}/${names.slice(0, count).join("/")}`)),
  );
}

function isLink(path: Buffer): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function applyOne(at: (path: string) => Buffer, change: Change): void {
  const path = at(change.path);
  if (change.do === "write") writeFileSync(path, change.content);
  else if (change.do === "append") appendFileSync(path, change.content);
  else if (change.do === "replace") {
    writeFileSync(at("tmp"), change.content, { flag: "wx" });
    renameSync(at("tmp"), path);
  } else if (change.do === "overwrite") {
    // The same size and time as before: only the status of the file tells.
    const { size, mtimeMs } = lstatSync(path);
    writeFileSync(path, change.content.padEnd(size, "x").slice(0, size), { flag: "r+" });
    lutimesSync(path, mtimeMs / 1000, mtimeMs / 1000);
  } else if (change.do === "chmod") chmodSync(path, change.mode);
  else if (change.do === "mkdir") mkdirSync(path);
  else if (change.do === "remove") rmSync(path, { recursive: true });
  else if (change.do === "touch") lutimesSync(path, 1_234_567_890.25, 1_234_567_890.25);
  else if (change.do === "symlink") symlinkSync(encodeName(change.target), path);
  else if (change.do === "link") linkSync(path, at(change.to));
  else if (change.do === "rename") renameSync(path, at(change.to));
  else if (change.do === "swap") {
    renameSync(path, at("tmp"));
    renameSync(at(change.to), path);
    renameSync(at("tmp"), at(change.to));
  } else if (change.do === "sparse") {
    writeFileSync(path, "start");
    truncateSync(path, change.size);
    appendFileSync(path, "end");
  }
}

/** Names that are odd for some program, few enough that changes meet. */
const oddNames = ["a", "b", "-n", "c d", "li\nne", "b\udcffd", "ä", "*?[x]", "\\"];

const name = fc.constantFrom(...oddNames);
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
const content = fc.constantFrom("", "1", "two", "x".repeat(5000));
const mode = fc.constantFrom(0o644, 0o755, 0o600, 0o4755, 0o1777, 0o555, 0o444, 0o2755);
const target = fc.constantFrom("a", "../../outside", "/nonexistent/polycrate", "b\udcffd", "nothing");

/** Any of the changes. */
export const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    do: fc.constantFrom("write", "replace", "append", "overwrite" as const),
    path,
    content,
  }),
  fc.record({ do: fc.constant("chmod" as const), path, mode }),
  { arbitrary: fc.record({ do: fc.constant("mkdir" as const), path }), weight: 3 },
  fc.record({ do: fc.constantFrom("remove" as const, "touch" as const), path }),
  fc.record({ do: fc.constant("symlink" as const), path, target }),
  fc.record({ do: fc.constantFrom("link" as const, "rename" as const, "swap" as const), path, to: path }),
  fc.record({ do: fc.constant("sparse" as const), path, size: fc.constantFrom(100_000, 3_000_000) }),
);

/** Gives all that is in a folder a time in the past, each another one, so that it is known later what kept its time. */
export function age(root: string): void {
  for (const found of entriesBelow(root).toReversed()) {
    const seconds = 1_100_000_000 + (Bun.hash.crc32(encodeName(found)) % 100_000_000) + 0.125;
    lutimesSync(encodeName(`${root}/${found}`), seconds, seconds);
  }
}

/** All paths in a folder but those of polycrate, a folder before its content; `.` is the folder. */
export function entriesBelow(root: string): readonly string[] {
  const found: string[] = ["."];
  const visit = (folder: string) => {
    const names = readdirSync(encodeName(`${root}/${folder}`), "buffer")
      .map(decodeName)
      .sort();
    for (const entry of names) {
      const next = folder === "." ? entry : `${folder}/${entry}`;
      if (next === ".polycrate") continue;
      found.push(next);
      if (lstatSync(encodeName(`${root}/${next}`)).isDirectory()) visit(next);
    }
  };
  visit(".");
  return found;
}

/**
 * A line for each entry: kind, mode, content or target, the first path of a file that has several, and its time, if that is
 * of the past; `unit` is what times are known to, in nanoseconds.
 */
export function describeTree(root: string, unit: bigint): readonly string[] {
  const firsts = new Map<bigint, string>();
  return entriesBelow(root).map((entry) => {
    const place = encodeName(`${root}/${entry}`);
    const status = lstatSync(place, { bigint: true });
    const time = status.mtimeNs < 1_700_000_000_000_000_000n ? `${status.mtimeNs / unit}` : "now";
    const shown = `${JSON.stringify(entry)} ${(Number(status.mode) & 0o7777).toString(8)} ${time}`;
    if (status.isDirectory()) return `${shown} folder`;
    if (status.isSymbolicLink())
      return `${shown} link ${JSON.stringify(decodeName(readlinkSync(place, "buffer")))}`;
    const first = firsts.get(status.ino) ?? entry;
    firsts.set(status.ino, first);
    return `${shown} file ${status.size} ${Bun.hash(readFileSync(place))} ${JSON.stringify(first)}`;
  });
}
