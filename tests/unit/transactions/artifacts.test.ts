import { expect, test } from "bun:test";
import { linkSync, lstatSync, renameSync, symlinkSync, truncateSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { artifactsSince, hashArtifacts, stateOf } from "../../../src/transactions/artifacts.ts";
import { makeFolder } from "../../support/harness.ts";

test("what is new or changed since an earlier state is found, sorted by path; what is gone is not", () => {
  using folder = makeFolder({ "a/old": "1", "a/touched": "1", "a/gone": "1", "a/x/grown": "1", other: "1" });
  const before = stateOf(folder.path, "a");
  expect(artifactsSince(before, stateOf(folder.path, "a"))).toEqual([]);
  folder.write("a/z", "");
  folder.write("a/b", "123");
  folder.write("a/x/grown", "22");
  folder.write("other", "22");
  utimesSync(join(folder.path, "a/touched"), 1, 1);
  renameSync(join(folder.path, "a/gone"), join(folder.path, "gone"));
  const uid = process.getuid?.() ?? 0;
  expect(artifactsSince(before, stateOf(folder.path, "a"))).toEqual([
    { path: "a/b", size: 3, change: "new", uid },
    { path: "a/touched", size: 1, change: "changed", uid },
    { path: "a/x/grown", size: 2, change: "changed", uid },
    { path: "a/z", size: 0, change: "new", uid },
  ]);
});

test("another file of the same size and time in the place of one is a changed one", () => {
  using folder = makeFolder({ "a/x": "1", "b/x": "2" });
  for (const name of ["a/x", "b/x"]) utimesSync(join(folder.path, name), 1, 1);
  const before = stateOf(folder.path, "a");
  renameSync(join(folder.path, "b/x"), join(folder.path, "a/x"));
  expect(artifactsSince(before, stateOf(folder.path, "a"))).toMatchObject([
    { path: "a/x", change: "changed" },
  ]);
});

test("a link is a file of its own, and what it leads to is not looked at", () => {
  using folder = makeFolder({ "a/x": "", "out/secret": "12345" });
  symlinkSync("../out", join(folder.path, "a/folder"));
  linkSync(join(folder.path, "a/x"), join(folder.path, "a/twin"));
  expect([...stateOf(folder.path, "a").keys()].sort()).toEqual(["a/folder", "a/twin", "a/x"]);
  expect(lstatSync(join(folder.path, "a/folder")).isSymbolicLink()).toBe(true);
  expect(stateOf(folder.path, "nowhere").size).toBe(0);
});

/** The hashes of the files of a folder that are new, in the order of their paths. */
async function hashesIn(path: string, limits = {}): Promise<readonly (string | undefined)[]> {
  const files = artifactsSince(new Map(), stateOf(path, "a"));
  const all = { bytes: 1e9, isStopped: () => false, ...limits };
  return (await Array.fromAsync(hashArtifacts(path, files, all))).map(({ sha256 }) => sha256);
}

const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");

test("a file has the hash of its content; a link, a large file and one that cannot be read have none", async () => {
  using folder = makeFolder({ "a/1": "one", "a/2": "", "a/3-large": "", secret: "x" });
  truncateSync(join(folder.path, "a/3-large"), 100_000_001);
  symlinkSync("../secret", join(folder.path, "a/4-link"));
  expect(await hashesIn(folder.path)).toEqual([sha256("one"), sha256(""), undefined, undefined]);
});

test("no more is hashed than the limits allow", async () => {
  using folder = makeFolder({ "a/1": "1".repeat(60), "a/2": "2".repeat(60), "a/3": "3".repeat(40) });
  expect((await hashesIn(folder.path, { bytes: 100 })).map((hash) => hash !== undefined)).toEqual([
    true,
    false,
    true,
  ]);
  let asked = 0;
  const isStopped = () => ++asked > 2;
  expect((await hashesIn(folder.path, { isStopped })).map((hash) => hash !== undefined)).toEqual([
    true,
    false,
    false,
  ]);
});
