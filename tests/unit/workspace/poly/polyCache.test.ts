import { afterEach, beforeEach, expect, setSystemTime, test } from "bun:test";
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
import { dirname, join } from "node:path";
import fc from "fast-check";
import type { CacheFolder } from "../../../../src/host/cacheFile.ts";
import { noPolyCache, openPolyCache } from "../../../../src/workspace/poly/polyCache.ts";
import { parsePolyFile } from "../../../../src/workspace/poly/polyFile.ts";
import { writeYaml } from "../../../../src/yaml/write.ts";

let home = "";
let workspace = "";
let folder: CacheFolder = { path: "", uid: 0, program: "", verify: false };

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "polycrate-cache-"));
  workspace = join(home, "workspace");
  const uid = process.getuid?.() ?? 0;
  folder = { path: join(home, "polycrate"), uid, program: "1.0.0 abc", verify: false };
});

afterEach(() => {
  setSystemTime();
  rmSync(home, { recursive: true, force: true });
});

const text = "name: web\nconfig: {replicas: 2}\n";
const block = "blocks/web/block.poly";

function write(path: string, content: string, root = workspace): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

/** Reads the file `path` with this text and keeps it; true when the cache had it. */
function wasKnown(path = block, what = text, where = folder, root = workspace): boolean {
  write(path, what, root);
  const cache = openPolyCache(where, root);
  const file = cache.read("block", path);
  const parsed = parsePolyFile("block", path, what);
  expect({ ...file }).toEqual(parsed);
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
  expect(wasKnown(block, `${text}# changed`)).toBe(false);
  expect(wasKnown("blocks/other/block.poly", `${text}# changed`)).toBe(false);
  expect(wasKnown(block, text, { ...folder, program: "1.0.0 def" })).toBe(false);
  expect(wasKnown(block, text, folder, join(home, "other"))).toBe(false);
  const file = openPolyCache(folder, workspace).read("workspace", block);
  expect({ ...file }).toEqual(parsePolyFile("workspace", block, text));
});

test("a file of another program under this one's name is not believed", () => {
  const other = { ...folder, program: "0.9.0 old" };
  wasKnown(block, text, other);
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
    const cache = openPolyCache(folder, workspace);
    expect({ ...cache.read("block", block) }).toEqual(parsePolyFile("block", block, text));
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
    write(block, `${text}# changed`);
    const cache = openPolyCache(folder, workspace);
    cache.read("block", block);
    expect(() => cache.save()).not.toThrow();
    const place = state === "a file" || state === "a link" ? join(home, "elsewhere") : folder.path;
    expect(readdirSync(place).map((name) => readFileSync(join(place, name)))).toEqual([bytes]);
  },
);

test("a file that the workspace has no more is forgotten", () => {
  write("a/block.poly", `name: aa\ntext: ${"x".repeat(10_000)}\n`);
  write("b/block.poly", "name: bb\n");
  const first = openPolyCache(folder, workspace);
  first.read("block", "a/block.poly");
  first.read("block", "b/block.poly");
  first.save();
  const second = openPolyCache(folder, workspace);
  second.read("block", "b/block.poly");
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
  write("block.poly", odd);
  const cache = openPolyCache(folder, workspace);
  const fresh = cache.read("block", "block.poly");
  cache.save();
  const known = openPolyCache(folder, workspace).read("block", "block.poly");
  expect({ ...known }).toEqual(fresh);
  expect(writeYaml(known.value)).toBe(writeYaml(fresh.value));
  expect(known.problems).toEqual(fresh.problems);
});

/** Later than the times of all files by more than a clock can be off. */
function later(): void {
  setSystemTime(new Date(Date.now() + 10_000));
}

/** How many bytes of files this process read during the call. */
function bytesRead(step: () => void): number {
  const count = () => Number(/^rchar: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
  const before = count();
  step();
  return count() - before;
}

/** How many bytes a command reads that looks at the file's value, and keeps it. */
function bytesOfCommand(where = folder): number {
  return bytesRead(() => {
    const cache = openPolyCache(where, workspace);
    expect(cache.read("block", block).value.get("name")).toBe("web");
    cache.save();
  });
}

test("a file that has not changed for a while is not read again, except to verify", () => {
  write(block, `${text}# ${"x".repeat(500_000)}\n`);
  expect(bytesOfCommand()).toBeGreaterThan(500_000);
  expect(bytesOfCommand()).toBeGreaterThan(500_000);
  later();
  expect(bytesOfCommand()).toBeGreaterThan(500_000);
  expect(bytesOfCommand()).toBeLessThan(100_000);
  expect(bytesOfCommand({ ...folder, verify: true })).toBeGreaterThan(500_000);
});

test("its text is read when a message needs it", () => {
  write(block, text);
  later();
  wasKnown();
  const file = openPolyCache(folder, workspace).read("block", block);
  expect(file.text).toBe(text);
  const again = openPolyCache(folder, workspace).read("block", block);
  rmSync(join(workspace, block));
  expect(again.text).toBe("");
  expect(again.value.get("name")).toBe("web");
});

test.each(["another text of the same size and time", "a link", "another file of the same text", "no file"])(
  "a file that was replaced is noticed: %s",
  (change) => {
    write(block, text);
    const path = join(workspace, block);
    utimesSync(path, 1_000_000, 1_000_000);
    later();
    const before = openPolyCache(folder, workspace);
    before.read("block", block);
    before.save();
    const other = text.replace("web", "bew");
    if (change === "another text of the same size and time") {
      writeFileSync(path, other);
      utimesSync(path, 1_000_000, 1_000_000);
    } else rmSync(path);
    if (change === "a link") {
      write("elsewhere.poly", other);
      symlinkSync("../../elsewhere.poly", path);
    }
    if (change === "another file of the same text") write(block, text);
    const file = openPolyCache(folder, workspace).read("block", block);
    expect({ ...file }).toEqual(noPolyCache(workspace).read("block", block));
  },
);

test("two commands that keep the same workspace at once leave a file that a third one can read", () => {
  write(block, text);
  const caches = [openPolyCache(folder, workspace), openPolyCache(folder, workspace)];
  for (const cache of caches) cache.read("block", block);
  for (const cache of caches) cache.save();
  expect(wasKnown()).toBe(true);
});
