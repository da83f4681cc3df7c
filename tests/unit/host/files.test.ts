import { expect, test } from "bun:test";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { PolycrateError } from "../../../src/errors.ts";
import { cannotWrite, codeOf, reasonOf } from "../../../src/host/fileErrors.ts";
import {
  appendToFile,
  createFile,
  createFileUnlessThere,
  makeFolder as makeFolderBelow,
  makeNewFolder,
  openNewFile,
  replaceFile,
} from "../../../src/host/files.ts";
import {
  filesBelow,
  namesIn,
  openOwnFile,
  readFileInside,
  readOwnFile,
  readOwnText,
  refusalOf,
} from "../../../src/host/filesBelow.ts";
import { type ReadProblem, readFile, readText } from "../../../src/host/read.ts";
import { removePath } from "../../../src/host/removal.ts";
import { messageOf, openBelow } from "../../support/fakes.ts";
import { call, makeFolder } from "../../support/harness.ts";
import { makeOrdinaryFolder } from "../../support/ordinaryUser.ts";
import { host, runAfter, runScript } from "../../support/separateProcess.ts";

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

test("the files of a run are created in the folder that was opened, wherever it is by now", async () => {
  using folder = makeFolder({ "w/run/old": "", "out/old": "" });
  const swap =
    'if (path.endsWith("/two")) { fs.renameSync("w/run", "w/moved"); fs.symlinkSync("../out", "w/run"); }';
  const action = `
    process.umask(0o077);
    const file = (path) => ({ path, content: path, mode: 0o444 });
    files.createFiles(process.cwd() + "/w", "run", [file("one"), file("two"), file("a/three")], 0o755);`;
  const result = await runAfter(`{ openSync: (path) => { ${swap} } }`, action, folder.path);
  expect(result).toEqual({ stdout: "", stderr: "", exitCode: 0 });
  const moved = ["a/three", "old", "one", "two"].map((path) => `w/moved/${path}`);
  expect(folder.glob("**/*")).toEqual(["out/old", ...moved]);
  expect(statSync(join(folder.path, "w/moved/a")).mode & 0o777).toBe(0o755);
  expect(statSync(join(folder.path, "w/moved/a/three")).mode & 0o777).toBe(0o444);
});

test("a file to which links lead is read inside of a folder only", () => {
  using folder = makeFolder({ "w/blocks/a": "a", "w2/b": "b" });
  const root = join(folder.path, "w");
  symlinkSync("../../w2/b", join(root, "blocks/out"));
  symlinkSync("../../w2", join(root, "blocks/folder"));
  symlinkSync("../blocks/a", join(root, "blocks/in"));
  symlinkSync("gone", join(root, "blocks/nothing"));
  const read = (path: string) => {
    const content = readFileInside(root, join(root, path), 10);
    return typeof content === "string" ? content : [content.toString()];
  };
  expect(["blocks/a", "blocks/in"].map(read)).toEqual([["a"], ["a"]]);
  expect(["blocks/out", "blocks/folder/b", "blocks", "../w"].map(read)).toEqual([
    "outside",
    "outside",
    "not a file",
    "outside",
  ]);
  expect(() => read("blocks/nothing")).toThrow("ENOENT");
});

test("a file that becomes a link out of the folder while it is read gives nothing of what is there", async () => {
  using folder = makeFolder({ "w/file": "ours", out: "secret" });
  const swap = '{ fs.renameSync("w/file", "w/moved"); fs.symlinkSync("../out", "w/file"); }';
  const action =
    'console.log(String(files.readFileInside(process.cwd() + "/w", process.cwd() + "/w/file", 10)));';
  const after = await runAfter(`{ readlinkSync: () => ${swap} }`, action, folder.path);
  expect(after).toEqual({ stdout: "ours\n", stderr: "", exitCode: 0 });
  expect((await runAfter("{}", action, folder.path)).stdout).toBe("outside\n");
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
      /^73: (?:`.*` is not a folder|cannot (?:write|open) `.*`: a part of the path is not a folder)$/,
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
  const strange = Buffer.concat([Buffer.from(join(folder.path, "w/run/a/b/")), Buffer.from([0xff, 0x0a])]);
  mkdirSync(strange);
  writeFileSync(Buffer.concat([strange, Buffer.from("/x")]), "");
  removePath(join(folder.path, "w"), "run");
  removePath(join(folder.path, "w"), "run");
  expect(folder.glob("**/*")).toEqual(["out/file"]);
  expect(readdirSync(join(folder.path, "w"))).toEqual([]);
  expect(openBelow(folder.path)).toEqual([]);
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

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("files and folders have exactly their modes, whatever the umask is; folders above are as usual", () => {
  using folder = makeFolder({ "old/x": "" });
  const at = (path: string) => join(folder.path, path);
  const before = process.umask(0o027);
  createFile(folder.path, "a/b/file", "x", 0o666);
  createFileUnlessThere(folder.path, "once", "x", 0o606);
  replaceFile(folder.path, "replaced", "x", 0o604);
  makeFolderBelow(folder.path, "c/d", 0o707);
  makeFolderBelow(folder.path, "old", 0o700);
  makeFolderBelow(folder.path, "plain");
  process.umask(before);
  expect(
    ["a/b/file", "once", "replaced", "c/d", "c", "a/b", "plain"].map((path) => modeOf(at(path))),
  ).toEqual([...["666", "606", "604", "707", "750", "750", "750"]]);
  expect(modeOf(at("old"))).toBe("755");
});

test("a file that is there is not written again, and one that must be new is refused", () => {
  using folder = makeFolder({ file: "old" });
  mkdirSync(join(folder.path, "folder"));
  symlinkSync("file", join(folder.path, "link"));
  createFileUnlessThere(folder.path, "file", "new", 0o644);
  expect(folder.read("file")).toBe("old");
  expect(messageOf(() => createFile(folder.path, "file", "new", 0o644))).toBe(
    `73: cannot write \`${folder.path}/file\`: it already exists`,
  );
  for (const name of ["folder", "link"]) {
    expect(messageOf(() => createFileUnlessThere(folder.path, name, "", 0o644))).toBe(
      `73: \`${folder.path}/${name}\` is not a file`,
    );
  }
  expect(messageOf(() => createFileUnlessThere(folder.path, "file/x", "", 0o644))).toBe(
    `73: \`${folder.path}/file\` is not a folder`,
  );
});

test("a file is replaced as a whole, a link in its place too, and what cannot be replaced leaves nothing behind", () => {
  using folder = makeFolder({ "out/x": "theirs" });
  symlinkSync("out/x", join(folder.path, "link"));
  replaceFile(folder.path, "link", "ours", 0o644);
  expect([folder.read("link"), folder.read("out/x")]).toEqual(["ours", "theirs"]);
  expect(messageOf(() => replaceFile(folder.path, "out", "", 0o644))).toStartWith(
    `73: cannot write \`${folder.path}/out\`: `,
  );
  expect(readdirSync(folder.path).sort()).toEqual(["link", "out"]);
});

test("a new file is appended to, and must be new", () => {
  using folder = makeFolder({ "log/old": "" });
  const log = openNewFile(folder.path, "log/new", 0o600);
  writeSync(log, "one ");
  writeSync(log, "two", 0);
  closeSync(log);
  expect(folder.read("log/new")).toBe("one two");
  expect(messageOf(() => openNewFile(folder.path, "log/old", 0o600))).toBe(
    `73: cannot write \`${folder.path}/log/old\`: it already exists`,
  );
  symlinkSync("nowhere", join(folder.path, "log/link"));
  expect(messageOf(() => openNewFile(folder.path, "log/link", 0o600))).toStartWith("73: ");
});

test("no path climbs out of its root", () => {
  using folder = makeFolder({ "w/x": "", out: "" });
  const root = join(folder.path, "w");
  expect(messageOf(() => createFile(root, "../new", "", 0o644))).toBe(
    `73: \`${folder.path}\` is not a folder`,
  );
  expect(readOwnText(root, "a/../../out", 100)).toBe(undefined);
  createFile(root, "./a//./b", "", 0o644);
  expect(folder.glob("**/*")).toEqual(["out", "w/a/b", "w/x"]);
});

test("why a folder is not gone into is told, unless it is not there", () => {
  using folder = makeFolder({ "a/file": "" });
  symlinkSync("a", join(folder.path, "link"));
  expect(refusalOf(folder.path, "a")).toBe(undefined);
  expect(refusalOf(folder.path, "none/none")).toBe(undefined);
  expect(refusalOf(folder.path, "link")?.message).toBe(`\`${folder.path}/link\` is not a folder`);
  expect(refusalOf(folder.path, "a/file")).toMatchObject({
    exitCode: 73,
    hint: "polycrate does not follow links here; move or remove it",
  });
});

test("all that is below a folder is found, in its depth, and no folder is left open", () => {
  using folder = makeFolder({ "a/x": "1", "a/b/c/y": "22", z: "" });
  expect(
    filesBelow(folder.path, "a")
      .map(({ path, status }) => [path, Number(status.size)])
      .sort(),
  ).toEqual([
    ["a/b/c/y", 2],
    ["a/x", 1],
  ]);
  expect(filesBelow(folder.path, "none")).toEqual([]);
  expect(namesIn(folder.path, "a")).toEqual(["b", "x"]);
  expect(namesIn(folder.path, "")).toEqual(["a", "z"]);
  expect(namesIn(folder.path, "z")).toEqual([]);
  expect(openBelow(folder.path)).toEqual([]);
});

test("a new folder that a caller named is made with those above it, and known without links", () => {
  using folder = makeFolder({ "real/x": "" });
  symlinkSync("real", join(folder.path, "link"));
  expect(makeNewFolder(join(folder.path, "link/a/b"))).toBe(realpathSync(join(folder.path, "real/a/b")));
  expect(messageOf(() => makeNewFolder(join(folder.path, "real/x/y")))).toBe(
    `73: cannot write \`${folder.path}/real/x/y\`: a part of the path is not a folder`,
  );
});

const failed = (code: string) => Object.assign(new Error(code), { code });

test.each([
  ["EACCES", "permission denied", "run polycrate as the owner of the folder, or change its permissions"],
  ["EDQUOT", "the disk quota is exceeded", "free disk space, or raise the quota"],
  ["EEXIST", "it already exists", "check the path, and the owner and permissions of its folder"],
  ["EIO", "input/output error", "check the disk, and the kernel's log"],
  ["ELOOP", "it is a symbolic link", "check the path, and the owner and permissions of its folder"],
  ["EMFILE", "too many files are open", "raise the limit of open files: `ulimit -n`"],
  ["ENOENT", "it does not exist", "check the path, and the owner and permissions of its folder"],
  ["ENOSPC", "the disk is full", "free disk space"],
  [
    "ENOTDIR",
    "a part of the path is not a folder",
    "check the path, and the owner and permissions of its folder",
  ],
  ["ENOTEMPTY", "it is not empty", "check the path, and the owner and permissions of its folder"],
  ["EPERM", "operation not permitted", "check the path, and the owner and permissions of its folder"],
  ["EROFS", "the file system is read-only", "use a writable file system"],
  ["EODD", "EODD", "check the path, and the owner and permissions of its folder"],
])("%s is told as %j: %j", (code, reason, hint) => {
  const error = cannotWrite("`x`", failed(code));
  expect(error).toMatchObject({ message: `cannot write \`x\`: ${reason}`, hint, exitCode: 73 });
  expect(reasonOf(error)).toBe(reason);
  expect(codeOf(error)).toBe(code);
  expect(codeOf(failed(code))).toBe(code);
});

test("what is not an error of the system has no name of its", () => {
  expect(codeOf("text")).toBe("text");
  expect(codeOf(new Error("odd"))).toBe("Error: odd");
  expect(codeOf(new PolycrateError("x", { exitCode: 1 }))).toBe("undefined");
});

test("a folder that another run makes meanwhile keeps its mode", async () => {
  using folder = makeFolder({});
  const first = "{ mkdirSync: (path) => fs.mkdirSync(path, { mode: 0o755 }) }";
  await runAfter(first, 'files.makeFolder(process.cwd(), "a", 0o700)', folder.path);
  expect(modeOf(join(folder.path, "a"))).toBe("755");
});

test("an error says whether something was to be written, opened or removed", () => {
  const none = "`/nowhere`: it does not exist";
  for (const write of [
    () => createFile("/nowhere", "x", "", 0o644),
    () => createFileUnlessThere("/nowhere", "x", "", 0o644),
    () => replaceFile("/nowhere", "x", "", 0o644),
    () => openNewFile("/nowhere", "x", 0o644),
    () => makeFolderBelow("/nowhere", "x"),
  ]) {
    expect(messageOf(write)).toBe(`73: cannot write ${none}`);
  }
  using folder = makeFolder({ file: "" });
  expect(refusalOf(join(folder.path, "file"), "x")?.message).toBe(
    `cannot open \`${folder.path}/file\`: a part of the path is not a folder`,
  );
  expect(messageOf(() => removePath(`/proc/${process.pid}`, "environ"))).toBe(
    `73: cannot remove \`/proc/${process.pid}/environ\`: operation not permitted`,
  );
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

test("a file is appended to or created, and nothing but a file is", () => {
  using folder = makeFolder({ old: "a\n" });
  const path = (name: string) => join(folder.path, name);
  appendToFile(path("old"), "b\n");
  appendToFile(path("new"), "c\n");
  expect([folder.read("old"), folder.read("new")]).toEqual(["a\nb\n", "c\n"]);
  symlinkSync(path("old"), path("link"));
  expect(messageOf(() => appendToFile(path("link"), "x"))).toStartWith("73: ");
  expect(messageOf(() => appendToFile("/dev/null", "x"))).toStartWith("73: `/dev/null` is not a file");
  expect(messageOf(() => appendToFile(path("none/new"), "x"))).toStartWith("73: ");
  expect(folder.read("old")).toBe("a\nb\n");
});
