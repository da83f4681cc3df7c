import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type CacheFolder, cacheFolderOf, openPolyCache } from "../../../../src/workspace/poly/polyCache.ts";
import { parsePolyFile } from "../../../../src/workspace/poly/polyFile.ts";
import { writeYaml } from "../../../../src/yaml/write.ts";

let home = "";
let folder: CacheFolder = { path: "", uid: 0, program: "" };

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "polycrate-cache-"));
  folder = { path: join(home, "polycrate"), uid: process.getuid?.() ?? 0, program: "1.0.0 abc" };
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

const text = "name: web\nconfig: {replicas: 2}\n";

/** Parses the text as the file `path` and keeps it; true when the cache had it. */
function wasKnown(path = "blocks/web/block.poly", what = text, where = folder, workspace = "/w"): boolean {
  const cache = openPolyCache(where, workspace);
  const files = [cache.parse("block", path, what)];
  expect(files).toEqual([parsePolyFile("block", path, what)]);
  const before = kept();
  cache.save();
  const after = kept();
  return before !== undefined && before === after;
}

/** The number of the one file's inode, which changes when it is written anew. */
function kept(): string | undefined {
  if (!existsSync(folder.path) || readdirSync(folder.path).length === 0) return undefined;
  return readdirSync(folder.path)
    .map((name) => `${name} ${statSync(join(folder.path, name)).ino}`)
    .join();
}

function theFile(): string {
  const [name = "none", ...others] = readdirSync(folder.path);
  expect(others).toEqual([]);
  return join(folder.path, name);
}

test("what one command parsed the next one finds, in a folder and a file that nobody else may read", () => {
  expect(wasKnown()).toBe(false);
  expect(wasKnown()).toBe(true);
  expect(statSync(folder.path).mode & 0o777).toBe(0o700);
  expect(statSync(theFile()).mode & 0o777).toBe(0o600);
});

test("another text, path or kind of file, another workspace and another program find nothing", () => {
  wasKnown();
  expect(wasKnown("blocks/web/block.poly", `${text}# changed`)).toBe(false);
  expect(wasKnown("blocks/other/block.poly", `${text}# changed`)).toBe(false);
  expect(wasKnown("blocks/web/block.poly", text, { ...folder, program: "1.0.0 def" })).toBe(false);
  expect(wasKnown("blocks/web/block.poly", text, folder, "/w2")).toBe(false);
  const cache = openPolyCache(folder, "/w");
  const workspace = cache.parse("workspace", "blocks/web/block.poly", text);
  expect(workspace).toEqual(parsePolyFile("workspace", "blocks/web/block.poly", text));
});

test("a file of another program under this one's name is not believed", () => {
  const other = { ...folder, program: "0.9.0 old" };
  wasKnown("blocks/web/block.poly", text, other);
  const old = theFile();
  wasKnown();
  const mine = readdirSync(folder.path).map((name) => join(folder.path, name));
  for (const file of mine) if (file !== old) writeFileSync(file, readFileSync(old));
  expect(wasKnown()).toBe(false);
});

test.each(["cut short", "longer", "one bit changed", "empty", "a folder", "a link", "another's"])(
  "a file that is damaged counts as missing: %s",
  (damage) => {
    wasKnown();
    const file = theFile();
    const bytes = readFileSync(file);
    if (damage === "cut short") writeFileSync(file, bytes.subarray(0, bytes.length - 1));
    if (damage === "longer") writeFileSync(file, Buffer.concat([bytes, Buffer.from([0])]));
    if (damage === "one bit changed") writeFileSync(file, bytes.with(40, (bytes[40] ?? 0) ^ 1));
    if (damage === "empty") writeFileSync(file, "");
    if (damage === "a folder") {
      rmSync(file);
      mkdirSync(file);
    }
    if (damage === "a link") {
      renameSync(file, join(home, "elsewhere"));
      symlinkSync(join(home, "elsewhere"), file);
    }
    if (damage === "another's") {
      if (folder.uid === 0) chownSync(file, 4711, 4711);
      else writeFileSync(file, "");
    }
    const cache = openPolyCache(folder, "/w");
    expect(cache.parse("block", "blocks/web/block.poly", text)).toEqual(
      parsePolyFile("block", "blocks/web/block.poly", text),
    );
    expect(() => cache.save()).not.toThrow();
    if (damage !== "a folder") expect(readFileSync(file)).toEqual(bytes);
    if (damage === "a link") expect(readFileSync(join(home, "elsewhere"))).toEqual(bytes);
  },
);

test("any single changed byte of the file is noticed", () => {
  wasKnown();
  const file = theFile();
  const bytes = readFileSync(file);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      rmSync(file);
      writeFileSync(file, bytes.with(at, (bytes[at] ?? 0) ^ change));
      expect(wasKnown()).toBe(false);
    }),
  );
});

test.each(["open to others", "another's", "a link", "a file"])(
  "a folder that others could have filled is neither read nor written: %s",
  (state) => {
    wasKnown();
    const file = theFile();
    const bytes = readFileSync(file);
    if (state === "open to others") chmodSync(folder.path, 0o750);
    if (state === "another's") folder = { ...folder, uid: folder.uid + 1 };
    if (state === "a link") {
      renameSync(folder.path, join(home, "elsewhere"));
      symlinkSync(join(home, "elsewhere"), folder.path);
    }
    if (state === "a file") {
      renameSync(folder.path, join(home, "elsewhere"));
      writeFileSync(folder.path, "");
    }
    const cache = openPolyCache(folder, "/w");
    cache.parse("block", "blocks/web/block.poly", `${text}# changed`);
    expect(() => cache.save()).not.toThrow();
    const place = state === "a file" || state === "a link" ? join(home, "elsewhere") : folder.path;
    expect(readdirSync(place).map((name) => readFileSync(join(place, name)))).toEqual([bytes]);
  },
);

test("a file that the workspace has no more is forgotten", () => {
  const first = openPolyCache(folder, "/w");
  first.parse("block", "a/block.poly", `name: aa\ntext: ${"x".repeat(10_000)}\n`);
  first.parse("block", "b/block.poly", "name: bb\n");
  first.save();
  const second = openPolyCache(folder, "/w");
  second.parse("block", "b/block.poly", "name: bb\n");
  second.save();
  expect(statSync(theFile()).size).toBeLessThan(1000);
});

test("the folder keeps the 200 files that were written last", () => {
  mkdirSync(folder.path, { mode: 0o700 });
  for (let number = 0; number < 205; number++) {
    const file = join(folder.path, `file-${number}`);
    writeFileSync(file, "x");
    utimesSync(file, 1_000_000 + number, 1_000_000 + number);
  }
  wasKnown();
  const names = readdirSync(folder.path);
  expect(names).toHaveLength(200);
  expect(names).not.toContain("file-5");
  expect(names).toContain("file-6");
});

test("every value comes back as it was parsed, with the order and type of its keys", () => {
  const odd = `name: odd
config:
  80: a number
  "80": a string
  yes: no
  __proto__: {polluted: true}
  10: ten
  2: two
  ~: nothing
  .nan: not a number
  123456789012345678901234567890: large
  octal: 0644
  version: 1.10
  text: "a\\0b\\ud83d\\ude00\\u2028"
  shared: &shared [1, 2]
  again: *shared
  <<: {merged: true}
unknown_key: 1
`;
  const cache = openPolyCache(folder, "/w");
  const fresh = cache.parse("block", "block.poly", odd);
  cache.save();
  const known = openPolyCache(folder, "/w").parse("block", "block.poly", odd);
  expect(known).toEqual(fresh);
  expect(writeYaml(known.value)).toBe(writeYaml(fresh.value));
  expect(known.problems).toEqual(fresh.problems);
});

test("the folder is the user's own cache, and there is none where it would be another's", () => {
  const uid = process.getuid?.() ?? 0;
  expect(cacheFolderOf({ XDG_CACHE_HOME: home }, uid, "p")?.path).toBe(join(home, "polycrate"));
  expect(cacheFolderOf({ HOME: home }, uid, "p")?.path).toBe(join(home, ".cache/polycrate"));
  expect(cacheFolderOf({ HOME: home, XDG_CACHE_HOME: "relative" }, uid, "p")?.path).toBe(
    join(home, ".cache/polycrate"),
  );
  expect(cacheFolderOf({ HOME: home }, uid, undefined)).toBeUndefined();
  expect(cacheFolderOf({ HOME: home }, uid + 1, "p")).toBeUndefined();
  expect(cacheFolderOf({ HOME: join(home, "missing") }, uid, "p")).toBeUndefined();
  expect(cacheFolderOf({}, uid, "p")).toBeUndefined();
});
