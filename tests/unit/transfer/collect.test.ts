import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { collectWorkspace, manifestOf } from "../../../src/transfer/collect.ts";
import { readManifest, writeManifest } from "../../../src/transfer/manifest.ts";
import { call, type Folder, makeFolder } from "../../support/harness.ts";
import { apply } from "../../support/transfer.ts";

const stays = [".polycrate", "var/logs"];

function pathsIn(folder: Folder): readonly string[] {
  return collectWorkspace(folder.path, stays).entries.map(({ path }) => path);
}

describe("everything of a workspace travels but", () => {
  const files = {
    ".git/config": "",
    ".polycrate/x": "",
    "var/logs/1": "",
    "var/x": "",
    "sub/.git/config": "",
    "keys/a.key": "",
    "keys/b.pub": "",
    a: "",
  };
  const folders = [".", "keys", "sub", "sub/.git", "var"];

  test("its repository, its records and its logs", () => {
    using folder = makeFolder(files);
    expect([...pathsIn(folder)].sort()).toEqual(
      [...folders, "a", "keys/a.key", "keys/b.pub", "sub/.git/config", "var/x"].sort(),
    );
  });

  test.each<[string, string, readonly string[]]>([
    ["what the ignore file names", "keys\n**/x\nsub/\n", [".", ".polycrateignore", "a", "var"]],
    [
      "not the repository, if it says so",
      "!.git\nkeys\nsub\nvar",
      [".", ".git", ".git/config", ".polycrateignore", "a"],
    ],
    [
      "with the folders above what is kept",
      "*\n!keys/*.pub\n!.polycrateignore",
      [".", ".polycrateignore", "keys", "keys/b.pub"],
    ],
    [
      "never records and logs with",
      "!.polycrate\n!var/logs\nkeys\nsub\nvar/x",
      [".", ".polycrateignore", "a", "var"],
    ],
  ])("%s", (_, ignore, paths) => {
    using folder = makeFolder({ ...files, ".polycrateignore": ignore });
    expect([...pathsIn(folder)].sort()).toEqual([...paths].sort());
  });

  test("an ignore file with a mistake is an error, with its line", () => {
    using folder = makeFolder({ ".polycrateignore": "a\n[\n" });
    expect(() => pathsIn(folder)).toThrow(".polycrateignore:2: `[` is not a valid pattern");
  });
});

test("an entry has its kind, mode, size, time and target, and a file of several names is one file", () => {
  using folder = makeFolder({ a: "1234" });
  const at = (path: string) => join(folder.path, path);
  chmodSync(at("a"), 0o4751);
  linkSync(at("a"), at("b"));
  symlinkSync("../../etc", at("l"));
  mkdirSync(at("d"));
  chmodSync(at("d"), 0o1777);
  for (const path of ["a", "l", "d"]) lutimesSync(at(path), 5.25, 5.25);
  const collected = collectWorkspace(folder.path, []);
  expect(collected).toMatchObject({ files: 3, bytes: 4, leftOut: [] });
  const common = { mtime: 5_250_000_000n, isSparse: false };
  expect(collected.entries.slice(1)).toMatchObject([
    { path: "a", kind: "file", mode: 0o4751, size: 4, ...common },
    { path: "b", kind: "file", mode: 0o4751, size: 4, sameAs: "a", ...common },
    { path: "l", kind: "link", target: "../../etc", size: 0, ...common },
    { path: "d", kind: "directory", mode: 0o1777, size: 0, ...common },
  ]);
});

test("files come before folders, and folders before their content", () => {
  using folder = makeFolder({ "b/c/x": "", "b/y": "", "a/z": "", q: "" });
  expect(pathsIn(folder)).toEqual([".", "q", "a", "a/z", "b", "b/y", "b/c", "b/c/x"]);
});

test("names are bytes, in an order that does not depend on the disk", () => {
  using folder = makeFolder({});
  const names = ["b\udcff", "-n", "li\nne", "ä", "*"];
  apply(
    folder.path,
    names.map((path) => ({ do: "write", path, content: "" })),
  );
  expect(pathsIn(folder)).toEqual([".", ...names.sort()]);
});

test("pipes, sockets and devices are left out, and reported", async () => {
  using folder = makeFolder({ a: "" });
  await call(["mkfifo", "p"], { directory: folder.path });
  const server = Bun.listen({ unix: join(folder.path, "s"), socket: { data: () => {} } });
  const { leftOut, files } = collectWorkspace(folder.path, []);
  server.stop();
  expect({ leftOut, files }).toEqual({
    leftOut: [
      { path: "p", reason: "it is a pipe" },
      { path: "s", reason: "it is a socket" },
    ],
    files: 1,
  });
});

test("a file with holes is known by its blocks", () => {
  using folder = makeFolder({ full: "x".repeat(200_000) });
  writeFileSync(join(folder.path, "holes"), "");
  truncateSync(join(folder.path, "holes"), 200_000);
  const sparse = collectWorkspace(folder.path, []).entries.filter(({ isSparse }) => isSparse);
  expect(sparse.map(({ path }) => path)).toEqual(["holes"]);
});

describe("what was sent", () => {
  test("is what was collected without what could not be read", () => {
    using folder = makeFolder({ a: "", b: "" });
    const manifest = manifestOf(collectWorkspace(folder.path, []), [{ path: "a", reason: "gone" }]);
    expect([...manifest.keys()]).toEqual([".", "b"]);
  });

  test("is the same after it was written to a file and read", () => {
    using folder = makeFolder({ a: "1" });
    apply(folder.path, [
      { do: "write", path: 'b\udcff"\n', content: "22" },
      { do: "symlink", path: "l", target: "a" },
    ]);
    const manifest = manifestOf(collectWorkspace(folder.path, []), []);
    const plain = [...manifest].map(([path, { kind, size, mtime, inode, mode }]) => ({
      ...{ path, kind, size, mtime, inode, mode },
    }));
    const read = readManifest(writeManifest(manifest)) ?? new Map();
    expect([...read].map(([path, entry]) => ({ path, ...entry }))).toEqual(plain);
  });

  test.each([
    "",
    "x",
    '["a"]\n',
    '["a","file",1,"1","1",420]',
    '["a","pipe",1,"1","1",420]\n',
    '["a","file",1,"x","1",420]\n',
  ])("is not known from %j", (text) => {
    expect(text === "" ? undefined : readManifest(text)).toBeUndefined();
  });
});
