import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { PolycrateError } from "../../../src/errors.ts";
import {
  createFile,
  createFileUnlessThere,
  filesBelow,
  makeFolder as makeFolderBelow,
  namesIn,
  openOwnFile,
  readOwnFile,
  readOwnText,
  removePath,
  replaceFile,
} from "../../../src/host/files.ts";
import { type ReadProblem, readFile, readText } from "../../../src/host/read.ts";
import { call, makeFolder } from "../../harness.ts";

const host = resolve(import.meta.dir, "../../../src/host");

/** Runs a program of TypeScript in a process of its own, in the folder. */
async function runScript(text: string, directory: string, before: readonly string[] = []) {
  return call([...before, process.execPath, "--eval", text], { directory });
}

/** Runs `action` in a process in which each call of a function of node:fs is preceded by what `first` says. */
async function runAfter(first: string, action: string, directory: string) {
  return runScript(
    `import * as real from "node:fs";
     import { mock } from "bun:test";
     const fs = { ...real };
     const first = ${first};
     mock.module("node:fs", () => Object.fromEntries(Object.entries(fs).map(([name, value]) =>
       [name, first[name] === undefined ? value : (...words) => { first[name](...words); return value(...words); }])));
     const files = await import("${host}/files.ts");
     try { ${action} } catch (error) { console.log(error.message); }`,
    directory,
  );
}

function messageOf(action: () => unknown): string {
  try {
    action();
    return "";
  } catch (error) {
    return error instanceof PolycrateError ? `${error.exitCode}: ${error.message}` : String(error);
  }
}

test("a folder that another run makes between the look and the making is as good", async () => {
  using folder = makeFolder({});
  const first = "{ mkdirSync: (path) => fs.mkdirSync(path) }";
  const result = await runAfter(first, 'files.makeFolder(process.cwd(), "a/b")', folder.path);
  expect(result).toEqual({ stdout: "", stderr: "", exitCode: 0 });
  expect(folder.glob("**/*")).toEqual([]);
  expect(readdirSync(join(folder.path, "a"))).toEqual(["b"]);
});

test("a file that another run makes between the look and the making is as good", async () => {
  using folder = makeFolder({});
  const first = '{ openSync: (path) => { if (path.endsWith("/file")) fs.writeFileSync(path, "theirs"); } }';
  const action = 'files.createFileUnlessThere(process.cwd(), "file", "ours", 0o644)';
  expect(await runAfter(first, action, folder.path)).toEqual({ stdout: "", stderr: "", exitCode: 0 });
  expect(folder.read("file")).toBe("theirs");
});

test("a folder that becomes a link after it was opened leads nowhere else", async () => {
  using folder = makeFolder({ "w/logs/day/old": "", "out/old": "" });
  // What is made is made in the folder that was opened, wherever that is by now.
  const swap =
    'if (path.endsWith("/new")) { fs.renameSync("w/logs/day", "w/moved"); fs.symlinkSync("../../out", "w/logs/day"); }';
  const action = 'files.createFile(process.cwd() + "/w", "logs/day/new", "", 0o644)';
  const result = await runAfter(`{ openSync: (path) => { ${swap} } }`, action, folder.path);
  expect(result).toEqual({ stdout: "", stderr: "", exitCode: 0 });
  expect(folder.glob("**/*")).toEqual(["out/old", "w/moved/new", "w/moved/old"]);
});

test("a folder that becomes a link before it is opened is not gone into", async () => {
  using folder = makeFolder({ "w/logs/day/old": "", "out/old": "" });
  const swap =
    'if (path.endsWith("/day")) { fs.renameSync("w/logs/day", "w/moved"); fs.symlinkSync("../../out", "w/logs/day"); }';
  const action = 'files.removePath(process.cwd() + "/w", "logs/day/old")';
  const result = await runAfter(`{ openSync: (path) => { ${swap} } }`, action, folder.path);
  expect(result.stdout).toBe(`\`${folder.path}/w/logs/day\` is not a folder\n`);
  expect(folder.glob("**/*")).toEqual(["out/old", "w/moved/old"]);
});

test.each(["", "/a", "/a/b"])("a link at `w%s` is not written, read, listed or removed through", (at) => {
  using folder = makeFolder({ "out/a/b/file": "theirs", "out/b/file": "theirs", "out/file": "theirs" });
  const depth = at.split("/").length - 1;
  mkdirSync(join(folder.path, `w${at}`, ".."), { recursive: true });
  symlinkSync(`${"../".repeat(depth)}out`, join(folder.path, `w${at}`));
  const root = join(folder.path, "w");
  const rest = "/a/b".slice(at.length);
  const below = `${at.slice(1)}${rest}`.replace(/^\//, "");
  for (const action of [
    () => createFile(root, `${below}/new`, "", 0o644),
    () => createFileUnlessThere(root, `${below}/new`, "", 0o644),
    () => replaceFile(root, `${below}/file`, "", 0o644),
    () => makeFolderBelow(root, `${below}/new`),
    () => removePath(root, `${below}/file`),
  ]) {
    expect(messageOf(action)).toMatch(
      /^73: (?:`.*` is not a folder|cannot (?:write|open) `.*`: a file is in the way)$/,
    );
  }
  expect(readOwnText(root, `${below}/file`, 100)).toBe(undefined);
  expect(openOwnFile(root, `${below}/file`)).toBeString();
  expect(namesIn(root, below)).toEqual([]);
  expect(filesBelow(root, below)).toEqual([]);
  expect(folder.glob("out/**/*")).toEqual(["out/a/b/file", "out/b/file", "out/file"]);
});

test("a removal takes links, not what they lead to, and leaves no folder open", () => {
  using folder = makeFolder({ "w/run/a/b/c": "", "w/run/d": "", "out/file": "" });
  symlinkSync("../../out", join(folder.path, "w/run/folder"));
  symlinkSync("../../../out/file", join(folder.path, "w/run/a/file"));
  symlinkSync("nowhere", join(folder.path, "w/run/a/b/nothing"));
  const open = () => readdirSync("/proc/self/fd").length;
  const before = open();
  const strange = Buffer.concat([Buffer.from(join(folder.path, "w/run/a/b/")), Buffer.from([0xff, 0x0a])]);
  mkdirSync(strange);
  writeFileSync(Buffer.concat([strange, Buffer.from("/x")]), "");
  removePath(join(folder.path, "w"), "run");
  removePath(join(folder.path, "w"), "run");
  expect(folder.glob("**/*")).toEqual(["out/file"]);
  expect(readdirSync(join(folder.path, "w"))).toEqual([]);
  expect(open()).toBe(before);
});

test("a removal of a link removes the link", () => {
  using folder = makeFolder({ "out/file": "" });
  symlinkSync("out", join(folder.path, "run"));
  removePath(folder.path, "run");
  expect(readdirSync(folder.path)).toEqual(["out"]);
  expect(folder.read("out/file")).toBe("");
});

test("a file that a killed process was about to rename is in nobody's way", () => {
  using folder = makeFolder({ [`file.${process.pid}.tmp`]: "half" });
  replaceFile(folder.path, "file", "whole", 0o644);
  expect(folder.glob("*")).toEqual(["file"]);
  expect(folder.read("file")).toBe("whole");
});

/** What may be in the place of a file, and what is said of it by a reader that follows links and by one that does not. */
const places: Readonly<Record<string, readonly [(path: string) => unknown, ReadProblem, ReadProblem]>> = {
  nothing: [() => {}, "missing", "missing"],
  "a folder": [(path) => mkdirSync(path), "not a file", "not a file"],
  "a pipe": [(path) => Bun.spawnSync(["mkfifo", path]), "not a file", "not a file"],
  "a device": [(path) => Bun.spawnSync(["mknod", path, "c", "1", "5"]), "not a file", "not a file"],
  "a link to a device": [(path) => symlinkSync("/dev/zero", path), "not a file", "not a file"],
  "a link to nothing": [(path) => symlinkSync("nowhere", path), "missing", "not a file"],
  "a link to itself": [(path) => symlinkSync(path, path), "not a file", "not a file"],
  "a file of 20 GB": [(path) => Bun.spawnSync(["truncate", "-s", "20G", path]), "too large", "too large"],
  "a file of 101 bytes": [(path) => writeFileSync(path, "x".repeat(101)), "too large", "too large"],
};

test.each(Object.entries(places))("%s in the place of a file is not read", (_, [make, following, own]) => {
  using folder = makeFolder({});
  const path = join(folder.path, "file");
  make(path);
  expect(readFile(path, 100)).toBe(following);
  expect(readText(path, 100)).toBe(undefined);
  expect(readOwnFile(folder.path, "file", 100)).toBe(own);
});

test("a file is read to its limit, one of /proc too, which has no size", () => {
  using folder = makeFolder({ "a/file": "x".repeat(100) });
  symlinkSync("a/file", join(folder.path, "link"));
  expect(readOwnText(folder.path, "a/file", 100)).toBe("x".repeat(100));
  expect(readText(join(folder.path, "link"), 100)).toBe("x".repeat(100));
  expect(readText("/proc/self/limits", 4096)).toBe(readFileSync("/proc/self/limits", "utf8"));
});
