import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, existsSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { type BuildContext, readBuildContext } from "../../../src/image/buildContext.ts";
import { stageContext } from "../../../src/image/stageContext.ts";
import { anyName, contextLines, linesOf, treeOf, writeTree } from "../../support/contextTree.ts";
import { type Folder, makeFolder, namesIn } from "../../support/harness.ts";

const everything = { Dockerfile: "FROM scratch\nCOPY . /\n", ".dockerignore": "Dockerfile\n.dockerignore\n" };
const running = () => false;

const { TMPDIR } = process.env;
let temporary: Folder;
beforeEach(() => {
  temporary = makeFolder({});
  process.env.TMPDIR = temporary.path;
});
afterEach(() => {
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  temporary[Symbol.dispose]();
});

function staged(): readonly string[] {
  return namesIn(temporary.path).filter((name) => name.startsWith("polycrate-build-"));
}

function contextOf(folder: Folder): Promise<BuildContext> {
  return readBuildContext(folder.path, "Dockerfile", { builtinIgnores: [] });
}

test("a folder gets exactly what was hashed, whatever the names are, and is gone afterwards", async () => {
  await fc.assert(
    fc.asyncProperty(treeOf(anyName), async (tree) => {
      using folder = makeFolder(everything);
      writeTree(folder.path, tree);
      const context = await contextOf(folder);
      expect(context.sentAs).toBe("folder");
      const { directory, remove } = await stageContext(context, folder.path, running);
      expect(linesOf(directory)).toEqual(contextLines(context));
      remove();
      expect(staged()).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test("times, to the second, and modes are those of the tar, others cannot look into it, and a folder without rights is removed too", async () => {
  using folder = makeFolder({ ...everything, "closed/a.txt": "a" });
  chmodSync(join(folder.path, "closed"), 0o555);
  symlinkSync("nowhere", join(folder.path, "link"));
  const { directory, remove } = await stageContext(await contextOf(folder), folder.path, running);
  expect(statSync(join(directory, "..")).mode & 0o777).toBe(0o700);
  expect(statSync(directory).mode & 0o777).toBe(0o755);
  expect(statSync(join(directory, "closed")).mode & 0o777).toBe(0o555);
  const seconds = statSync(join(directory, "closed/a.txt")).mtimeMs / 1000;
  expect(Math.floor(seconds)).toBe(Date.parse("2000-01-01") / 1000);
  remove();
  chmodSync(join(folder.path, "closed"), 0o755);
  expect(staged()).toEqual([]);
});

test("files of one size have times that differ by a fraction of a second when their contents differ, and else the same", async () => {
  using folder = makeFolder({ ...everything, a: "one", b: "one", c: "two" });
  const { directory, remove } = await stageContext(await contextOf(folder), folder.path, running);
  const [a, b, c] = ["a", "b", "c"].map((name) => statSync(join(directory, name), { bigint: true }).mtimeNs);
  expect(a).toBe(b);
  expect(a).not.toBe(c);
  remove();
});

test("a file that changed since it was hashed is an error that names it, and nothing stays", async () => {
  using folder = makeFolder({ ...everything, "a.txt": "a" });
  const context = await contextOf(folder);
  folder.write("a.txt", "A");
  await expect(stageContext(context, folder.path, running)).rejects.toThrow(
    "`a.txt` changed while it was sent",
  );
  expect(staged()).toEqual([]);
});

test("a build that was stopped copies no more", async () => {
  using folder = makeFolder({ ...everything, "a.txt": "a", "b.txt": "b" });
  let copied = 0;
  const { directory, remove } = await stageContext(
    await contextOf(folder),
    folder.path,
    () => copied++ === 2,
  );
  expect(namesIn(directory).length).toBe(2);
  remove();
  expect(existsSync(directory)).toBe(false);
});

test("where nothing can be written it says so", async () => {
  using folder = makeFolder(everything);
  process.env.TMPDIR = "/dev/null/nowhere";
  await expect(stageContext(await contextOf(folder), folder.path, running)).rejects.toThrow(
    "cannot write `/dev/null/nowhere/polycrate-build-`: a part of the path is not a folder",
  );
});
