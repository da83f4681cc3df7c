import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFile, cacheFolderOf } from "../../../src/host/cacheFile.ts";

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

test("each purpose has its own value, and one that is too large is not kept", () => {
  const uid = process.getuid?.() ?? 0;
  const folder = { path: join(home, "cache"), uid, program: "p", verify: false };
  cacheFile(folder, "parsed", "/w").write(new Map([["a", 1]]));
  cacheFile(folder, "snapshot", "/w").write("b");
  expect(cacheFile(folder, "parsed", "/w").read()).toEqual(new Map([["a", 1]]));
  cacheFile(folder, "snapshot", "/w").write(new Uint8Array(65 * 1024 * 1024));
  expect(cacheFile(folder, "snapshot", "/w").read()).toBe("b");
  expect(cacheFile(folder, "snapshot", "/other").read()).toBeUndefined();
});
