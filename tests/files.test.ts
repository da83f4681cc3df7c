import { expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { PolycrateError } from "../src/errors.ts";
import {
  createFile,
  createFileUnlessThere,
  makeFolder as makeFolderBelow,
  replaceFile,
} from "../src/host/files.ts";
import { removePath } from "../src/host/removal.ts";
import { call, makeFolder } from "./harness.ts";
import { makeOrdinaryFolder } from "./ordinaryUser.ts";

const host = resolve(import.meta.dir, "../src/host");

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

test("a folder that becomes a link while a build context is read gives no file of the host to the image", async () => {
  using folder = makeFolder({
    "w/d/shadow": "ours",
    "w/Dockerfile": "FROM scratch\nCOPY d /\n",
    "out/shadow": "secret",
  });
  const swap =
    'if (path.endsWith("/shadow") && !fs.existsSync("moved")) { fs.renameSync("w/d", "moved"); fs.symlinkSync("../out", "w/d"); }';
  const action = `
    const { readBuildContext } = await import("${host}/../image/buildContext.ts");
    const { contextTar } = await import("${host}/../image/tar.ts");
    const root = process.cwd() + "/w";
    const context = await readBuildContext(root, "Dockerfile", { builtinIgnores: [] });
    for await (const part of contextTar(context, root)) console.log(Buffer.from(part).toString());`;
  const { stdout } = await runAfter(`{ openSync: (path) => { ${swap} } }`, action, folder.path);
  expect(stdout).not.toContain("secret");
  expect(stdout).toContain("`d/shadow` changed while it was sent to docker");
});

test("while an action swaps a folder and a link in a loop, nothing is written or removed outside", async () => {
  using folder = makeFolder({ "w/logs/day/old": "", "out/kept": "" });
  symlinkSync("../../out", join(folder.path, "w/logs/link"));
  const swapping = Bun.spawn(
    [
      process.execPath,
      "--eval",
      `import { dlopen } from "bun:ffi";
       const names = ["w/logs/day", "w/logs/link"].map((name) => Buffer.from(name + "\\0"));
       const { symbols } = dlopen("libc.so.6", { renameat2: { args: ["int", "cstring", "int", "cstring", "u32"], returns: "int" } });
       const swap = () => symbols.renameat2(-100, names[0], -100, names[1], 2);
       console.log(swap());
       for (;;) swap();`,
    ],
    { cwd: folder.path, stdout: "pipe", stderr: "inherit" },
  );
  const { value } = await swapping.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toBe("0\n");
  const root = join(folder.path, "w");
  const ends = { done: 0, refused: 0 };
  try {
    for (let count = 0; count < 3000; count += 1) {
      try {
        createFile(root, `logs/day/${count}`, "x", 0o600);
        replaceFile(root, `logs/day/${count}.yml`, "x", 0o600);
        makeFolderBelow(root, `logs/day/folder-${count}`, 0o700);
        removePath(root, "logs/day/kept");
        ends.done += 1;
      } catch (error) {
        expect(error).toBeInstanceOf(PolycrateError);
        ends.refused += 1;
      }
    }
  } finally {
    swapping.kill("SIGKILL");
    await swapping.exited;
  }
  expect(readdirSync(join(folder.path, "out"))).toEqual(["kept"]);
  expect(ends.done).toBeGreaterThan(0);
  expect(ends.refused).toBeGreaterThan(0);
}, 30_000);

test("a tree deeper than there may be open files is removed, with 64 of these", async () => {
  using folder = makeFolder({});
  mkdirSync(join(folder.path, "run"));
  for (let depth = 0; depth < 3000; depth += 1) {
    mkdirSync(join(folder.path, "above"));
    renameSync(join(folder.path, "run"), join(folder.path, "above/deep"));
    renameSync(join(folder.path, "above"), join(folder.path, "run"));
  }
  const text = `const { removePath } = await import("${host}/removal.ts"); removePath(process.cwd(), "run");`;
  const result = await runScript(text, folder.path, ["prlimit", "--nofile=64:64"]);
  expect(result).toEqual({ stdout: "", stderr: "", exitCode: 0 });
  expect(readdirSync(folder.path)).toEqual([]);
});

test("a folder that may not be entered is named, and an empty one is removed", async () => {
  using folder = await makeOrdinaryFolder({ "full/closed/file": "", "empty/file": "" });
  mkdirSync(join(folder.path, "empty/closed"));
  await folder.own();
  for (const path of ["full/closed", "empty/closed"]) chmodSync(join(folder.path, path), 0o000);
  // The sources need not be readable to that user.
  await call([
    process.execPath,
    "build",
    join(host, "removal.ts"),
    "--target=bun",
    `--outdir=${folder.path}`,
  ]);
  const text = `const { removePath } = await import("./removal.js");
    for (const path of ["empty", "full"]) try { removePath(process.cwd(), path) } catch (error) { console.log(error.message) }`;
  const { stdout } = await folder.as([process.execPath, "--eval", text]);
  expect(stdout).toBe(`cannot open \`${folder.path}/full/closed\`: permission denied\n`);
  expect(existsSync(join(folder.path, "empty"))).toBe(false);
});

test("a file that cannot be written to its end is not left", async () => {
  using folder = makeFolder({ "small/x": "" });
  expect(
    (await call(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", join(folder.path, "small")])).exitCode,
  ).toBe(0);
  try {
    const large = "x".repeat(100_000);
    const full = /^73: cannot write `.*`: the disk is full$/;
    expect(messageOf(() => createFile(folder.path, "small/lock", large, 0o644))).toMatch(full);
    expect(messageOf(() => createFileUnlessThere(folder.path, "small/once", large, 0o644))).toMatch(full);
    expect(messageOf(() => replaceFile(folder.path, "small/record", large, 0o644))).toMatch(full);
    expect(readdirSync(join(folder.path, "small"))).toEqual([]);
  } finally {
    await call(["umount", join(folder.path, "small")]);
  }
});
