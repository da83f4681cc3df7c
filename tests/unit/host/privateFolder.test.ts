import { expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { ownerAt, readPrivateFile, writePrivateFile } from "../../../src/host/privateFolder.ts";
import { openBelow } from "../../support/fakes.ts";
import { makeFolder } from "../../support/harness.ts";

const uid = process.getuid?.() ?? 0;
const limits = { files: 10, bytes: 1000 };
const bytes = (text: string) => Buffer.from(text);

test("a file is written for its user alone, in a folder for the user alone, and read back", () => {
  using folder = makeFolder({});
  const own = { path: join(folder.path, "a/b"), uid };
  const before = process.umask(0o377);
  writePrivateFile(own, "x", bytes("one"), limits);
  process.umask(before);
  expect(statSync(own.path).mode & 0o777).toBe(0o700);
  writePrivateFile(own, "y", bytes("one"), limits);
  writePrivateFile(own, "y", bytes("two"), limits);
  expect(readPrivateFile(own, "y", 3)?.toString()).toBe("two");
  expect(statSync(join(own.path, "y")).mode & 0o777).toBe(0o600);
  expect(readPrivateFile(own, "y", 2)).toBe(undefined);
  expect(readPrivateFile(own, "none", 3)).toBe(undefined);
  expect(readdirSync(own.path).sort()).toEqual(["x", "y"]);
});

test("a folder that is open to others, another's or a link holds nothing that is believed", () => {
  using folder = makeFolder({ "own/x": "one", file: "" });
  const path = join(folder.path, "own");
  for (const mode of [0o755, 0o710, 0o701]) {
    chmodSync(path, mode);
    expect(readPrivateFile({ path, uid }, "x", 10)).toBe(undefined);
    writePrivateFile({ path, uid }, "y", bytes(""), limits);
  }
  chmodSync(path, 0o700);
  expect(readPrivateFile({ path, uid }, "x", 10)?.toString()).toBe("one");
  expect(readPrivateFile({ path, uid: uid + 1 }, "x", 10)).toBe(undefined);
  symlinkSync("own", join(folder.path, "link"));
  expect(readPrivateFile({ path: join(folder.path, "link"), uid }, "x", 10)).toBe(undefined);
  writePrivateFile({ path: join(folder.path, "link"), uid }, "y", bytes(""), limits);
  writePrivateFile({ path: join(folder.path, "file"), uid }, "y", bytes(""), limits);
  expect(readdirSync(path)).toEqual(["x"]);
});

test("a file that is a link, a folder or another's is not believed", () => {
  using folder = makeFolder({ "own/theirs": "x", other: "secret" });
  const own = { path: join(folder.path, "own"), uid };
  chmodSync(own.path, 0o700);
  symlinkSync("../other", join(own.path, "link"));
  mkdirSync(join(own.path, "folder"));
  chownSync(join(own.path, "theirs"), uid + 1, 0);
  for (const name of ["link", "folder", "theirs"]) expect(readPrivateFile(own, name, 100)).toBe(undefined);
  expect(openBelow(folder.path)).toEqual([]);
});

/** Writes `new` into a folder that has files of these sizes, the first the oldest; returns what is there then. */
function afterWriting(sizes: readonly number[], keep: Partial<typeof limits>): readonly string[] {
  using folder = makeFolder(
    Object.fromEntries(sizes.map((size, index) => [`own/${index}`, "x".repeat(size)])),
  );
  const own = { path: join(folder.path, "own"), uid };
  chmodSync(own.path, 0o700);
  for (const index of sizes.keys()) utimesSync(join(own.path, `${index}`), index + 1, index + 1);
  writePrivateFile(own, "new", bytes("12345"), { ...limits, ...keep });
  return readdirSync(own.path).sort();
}

test.each([
  [[1, 1, 1], { files: 4 }, ["0", "1", "2", "new"]],
  [[1, 1, 1], { files: 3 }, ["1", "2", "new"]],
  [[1, 1, 1], { files: 1 }, ["new"]],
  [[10, 20, 30], { bytes: 65 }, ["0", "1", "2", "new"]],
  [[10, 20, 30], { bytes: 64 }, ["1", "2", "new"]],
  [[10, 20, 30], { bytes: 35 }, ["2", "new"]],
])("of files of %j bytes with the limits %j these are kept: %j", (sizes, keep, expected) => {
  expect(afterWriting(sizes, keep)).toEqual(expected);
});

test("a path that is not there belongs to whom the folder above it does", () => {
  using folder = makeFolder({ "theirs/x": "" });
  chownSync(join(folder.path, "theirs"), uid + 1, 0);
  expect(ownerAt(join(folder.path, "theirs/x"))).toBe(uid);
  expect(ownerAt(join(folder.path, "theirs/none"))).toBe(uid + 1);
  expect(ownerAt(join(folder.path, "none/none"))).toBe(undefined);
});

test("a file that cannot take its place leaves nothing behind", () => {
  using folder = makeFolder({ "own/name/x": "" });
  const own = { path: join(folder.path, "own"), uid };
  chmodSync(own.path, 0o700);
  writePrivateFile(own, "name", bytes("one"), limits);
  expect(readdirSync(own.path)).toEqual(["name"]);
});
