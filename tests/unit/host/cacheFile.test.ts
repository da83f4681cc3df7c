import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolderOf, openCacheFile } from "../../../src/host/cacheFile.ts";

let home = "";

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "polycrate-cache-"));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

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

test("files are told by their times, unless the environment says to verify them", () => {
  const uid = process.getuid?.() ?? 0;
  expect(cacheFolderOf({ HOME: home }, uid, "p")?.verify).toBe(false);
  expect(cacheFolderOf({ HOME: home, POLYCRATE_CACHE: "verify" }, uid, "p")?.verify).toBe(true);
  expect(cacheFolderOf({ HOME: home, POLYCRATE_CACHE: "other" }, uid, "p")?.verify).toBe(false);
});

type Content = ReadonlyMap<string, unknown>;

const uid = process.getuid?.() ?? 0;

function open(purpose = "parsed", subject = "/w") {
  const folder = { path: join(home, "cache"), uid, program: "p", verify: false };
  return openCacheFile<unknown>(folder, purpose, subject);
}

const content = (count: number, changed?: number): Content =>
  new Map(
    Array.from({ length: count }, (_, number) => [`entry-${number}`, number === changed ? "new" : number]),
  );

function theFile() {
  const [name = ""] = readdirSync(join(home, "cache"));
  const path = join(home, "cache", name);
  const { size, ino } = statSync(path);
  return { path, size, ino };
}

test("each purpose and subject has its own entries, and what is too large is not kept", () => {
  open().keep(content(3));
  open("snapshot").keep(new Map([["a", "b"]]));
  open("snapshot").keep(new Map([["a", new Uint8Array(65 * 1024 * 1024)]]));
  expect(open().entries).toEqual(content(3));
  expect(open("snapshot").entries).toEqual(new Map([["a", "b"]]));
  expect(open("snapshot", "/other").entries.size).toBe(0);
});

test("what changed is added, until a fifth of the file is out of use", () => {
  open().keep(content(100));
  const whole = theFile();
  open().keep(content(100));
  expect(theFile()).toEqual(whole);
  for (let change = 0; change < 12; change++) {
    open().keep(content(100, change));
    expect(open().entries.get(`entry-${change}`)).toBe("new");
    expect(theFile().ino).toBe(whole.ino);
  }
  expect(theFile().size).toBeGreaterThan(whole.size);
  open().keep(content(70));
  expect(theFile().size).toBeLessThan(whole.size);
  expect(open().entries).toEqual(content(70));
});

test("two that add at once both succeed", () => {
  open().keep(content(100));
  const [one, other] = [open(), open()];
  one.keep(content(100, 1));
  other.keep(content(100, 2));
  expect([open().entries.get("entry-1"), open().entries.get("entry-2")]).toEqual(["new", "new"]);
});

test.each([1, 20, 35, 36, 40])(
  "a part that ends %i bytes early is left out, and the file written anew",
  (cut) => {
    open().keep(content(100));
    const whole = theFile();
    open().keep(content(100, 1));
    writeFileSync(whole.path, readFileSync(whole.path).subarray(0, -cut));
    expect(open().entries).toEqual(content(100));
    open().keep(content(100));
    expect(theFile().size).toBe(whole.size);
  },
);

test.each(["a link", "a folder", "nothing"])("nothing is added to %s in the place of the file", (place) => {
  open().keep(content(100));
  const opened = open();
  const { path } = theFile();
  renameSync(path, join(home, "elsewhere"));
  const before = readFileSync(join(home, "elsewhere"));
  if (place === "a link") symlinkSync(join(home, "elsewhere"), path);
  if (place === "a folder") mkdirSync(path);
  expect(() => opened.keep(content(100, 1))).not.toThrow();
  expect(readFileSync(join(home, "elsewhere"))).toEqual(before);
});
