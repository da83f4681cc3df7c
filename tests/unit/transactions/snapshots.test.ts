import { expect, test } from "bun:test";
import { lstatSync, mkdirSync, readlinkSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { keepSnapshot, readSnapshot, unusedSnapshots } from "../../../src/transactions/snapshots.ts";
import { messageOf } from "../../support/fakes.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");
const kept = (content: string) => ({ content, sha256: sha256(content) });
const fileOf = (content: string) => `.logs/snapshots/${sha256(content)}.yml`;
const keep = (folder: Folder, content: string) => keepSnapshot(folder.path, ".logs", kept(content));

test("a snapshot is kept once, for all to read and for the owner alone to write", () => {
  using folder = makeFolder({});
  keep(folder, "a: 1\n");
  const { ino, mode } = statSync(join(folder.path, fileOf("a: 1\n")));
  expect(mode & 0o777).toBe(0o644);
  utimesSync(join(folder.path, fileOf("a: 1\n")), 1, 1);
  keep(folder, "a: 1\n");
  const again = statSync(join(folder.path, fileOf("a: 1\n")));
  expect(again.ino).toBe(ino);
  expect(again.mtimeMs).toBeGreaterThan(Date.now() - 10_000);
  keep(folder, "a: 2\n");
  expect(folder.glob(".logs/**/*")).toEqual([fileOf("a: 1\n"), fileOf("a: 2\n")].sort());
  expect(readSnapshot(folder.path, ".logs", sha256("a: 1\n"))).toBe("a: 1\n");
});

test("one that is not complete is written anew; one that was changed, a link and another name are not read", () => {
  using folder = makeFolder({ [fileOf("text")]: "te", secret: "s3cret" });
  expect(readSnapshot(folder.path, ".logs", sha256("text"))).toBe(undefined);
  keep(folder, "text");
  expect(readSnapshot(folder.path, ".logs", sha256("text"))).toBe("text");
  folder.write(fileOf("text"), "tExt");
  expect(readSnapshot(folder.path, ".logs", sha256("text"))).toBe(undefined);
  symlinkSync("../../secret", join(folder.path, fileOf("s3cret")));
  expect(readSnapshot(folder.path, ".logs", sha256("s3cret"))).toBe(undefined);
  expect(readSnapshot(folder.path, ".logs", "../../secret")).toBe(undefined);
});

test("a link in the place of a snapshot is replaced, and one in the place of the folder is an error: 73", () => {
  using folder = makeFolder({ elsewhere: "x" });
  mkdirSync(join(folder.path, ".logs/snapshots"), { recursive: true });
  symlinkSync("../../elsewhere", join(folder.path, fileOf("y")));
  keep(folder, "y");
  expect(lstatSync(join(folder.path, fileOf("y"))).isFile()).toBe(true);
  expect(folder.read("elsewhere")).toBe("x");
  using linked = makeFolder({ "elsewhere/x": "", ".logs/x": "" });
  symlinkSync("../elsewhere", join(linked.path, ".logs/snapshots"));
  expect(messageOf(() => keep(linked, "y"))).toStartWith("73: ");
  expect(linked.glob("elsewhere/*")).toEqual(["elsewhere/x"]);
  expect(readlinkSync(join(linked.path, ".logs/snapshots"))).toBe("../elsewhere");
});

test("snapshots are unused that no record names which stays, new ones are not", () => {
  const record = (end: number) => `.logs/2026/01/02/01a20e8a-0000-7000-8000-00c0ffee000${end}.yml`;
  const text = (content: string) => `status: succeeded\nsnapshot_sha256: ${sha256(content)}\n`;
  using folder = makeFolder({
    [record(1)]: text("one"),
    [record(2)]: text("two"),
    [record(3)]: text("two"),
    [record(4)]: "status: failed\n",
    ".logs/snapshots/notes.yml": "",
  });
  for (const content of ["one", "two", "none", "new"]) keep(folder, content);
  for (const content of ["one", "two", "none"]) utimesSync(join(folder.path, fileOf(content)), 1, 1);
  const unused = (...ends: readonly number[]) =>
    unusedSnapshots(folder.path, ".logs", new Set(ends.map(record)));
  expect(unused()).toEqual([fileOf("none")]);
  expect(unused(1, 2)).toEqual([fileOf("none"), fileOf("one")].sort());
  expect(unused(1, 2, 3)).toHaveLength(3);
});
