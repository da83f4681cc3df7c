import { afterEach, expect, setSystemTime, test } from "bun:test";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import type { CacheFolder } from "../../../src/host/cacheFile.ts";
import { keptSnapshot } from "../../../src/plan/keptSnapshot.ts";
import { workspaceInSnapshot } from "../../../src/plan/snapshot.ts";
import { snapshotBlocks } from "../../../src/run/snapshotBlocks.ts";
import { loadWorkspaceLenient } from "../../../src/workspace/load.ts";
import { locateFiles } from "../../../src/workspace/locateFiles.ts";
import { revealed } from "../../../src/yaml/secret.ts";
import type { YamlKey } from "../../../src/yaml/value.ts";
import { type Writable, writeYaml } from "../../../src/yaml/write.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

afterEach(() => void setSystemTime());

const uid = process.getuid?.() ?? 0;

function cacheBeside({ path }: Folder): CacheFolder {
  return { path: join(dirname(path), "cache"), uid, program: "1.0.0 abc", verify: false };
}

/** What a snapshot has of the workspace: all of it with the cache, or without one. */
function read(
  { path }: Folder,
  cache: CacheFolder | undefined,
  reveal: (value: Writable) => Writable = (value) => value,
): string {
  const workspace = loadWorkspaceLenient({ named: path }, { cacheFolder: cache });
  const files = locateFiles(workspace);
  const whole = new Map<YamlKey, Writable>(workspaceInSnapshot(workspace, { ...files, blocks: [] }));
  const blocks = snapshotBlocks(workspace, files, cache);
  const problems = workspace.problems.map(({ file, message }) => `${file}: ${message}`);
  const snapshot = new Map<YamlKey, Writable>([["workspace", new Map([...whole, ["blocks", blocks]])]]);
  return writeYaml(reveal(snapshot)) + problems.join("\n");
}

/** The same from the value that `inspect` prints. */
function readValue({ path }: Folder): string {
  const workspace = loadWorkspaceLenient({ named: path });
  const value = workspaceInSnapshot(workspace, locateFiles(workspace));
  const problems = workspace.problems.map(({ file, message }) => `${file}: ${message}`);
  return writeYaml(new Map([["workspace", value]])) + problems.join("\n");
}

type Edit = (folder: Folder) => void;

const name = fc.constantFrom("aa", "bb", "cc", "dd", "ee");
const place = fc.constantFrom("aa", "bb", "group/cc", "group/dd", "ee");
const word = fc.constantFrom("one", "two", "six");

const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });

const blockContent = fc
  .record({
    name,
    from: optional(name),
    version: optional(fc.constantFrom("1.0", "2")),
    alias: optional(word),
    word: optional(word),
    inventory: optional(
      fc.oneof(fc.record({ from: name }), fc.record({ filename: fc.constant("hosts.yml") })),
    ),
    kubeconfig: optional(fc.record({ from: name })),
  })
  .map(({ word, ...block }) => ({
    ...block,
    ...(word === undefined ? {} : { config: { word }, actions: [{ name: "act", script: [`echo ${word}`] }] }),
  }));

const blockFile = fc.oneof(
  { weight: 8, arbitrary: blockContent.map((block) => JSON.stringify(block)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "name: aa\nname: bb\n", "name: [\n", "- list\n", "config: {a: 1}\n"),
  },
);

const edits: readonly fc.Arbitrary<Edit>[] = [
  // A block appears or changes.
  fc.tuple(place, blockFile).map(
    ([at, content]): Edit =>
      (folder) =>
        folder.write(`blocks/${at}/block.poly`, content),
  ),
  // The file of the workspace changes, and with it inline blocks, or the settings of all blocks.
  fc
    .record({
      name: fc.constantFrom("ws", "other"),
      organization: optional(word),
      config: optional(
        fc.record({
          artifactsroot: fc.constantFrom("artifacts", "made"),
          containerroot: fc.constantFrom("/w", "/v"),
        }),
      ),
      blocks: fc.array(blockContent, { maxLength: 3 }),
    })
    .map(
      (settings): Edit =>
        (folder) =>
          folder.write("workspace.poly", JSON.stringify(settings)),
    ),
  // Secrets are laid over some blocks, or no more.
  optional(fc.array(fc.record({ name, config: fc.record({ word }) }), { maxLength: 2 })).map(
    (blocks): Edit =>
      (folder) => {
        if (blocks === undefined) rmSync(join(folder.path, "secrets.poly"), { force: true });
        else folder.write("secrets.poly", JSON.stringify({ blocks }));
      },
  ),
  fc.tuple(place, place).map(
    ([from, to]): Edit =>
      ({ path }) =>
        attempt(() => {
          mkdirSync(dirname(join(path, "blocks", to)), { recursive: true });
          renameSync(join(path, "blocks", from), join(path, "blocks", to));
        }),
  ),
  place.map(
    (at): Edit =>
      ({ path }) =>
        rmSync(join(path, "blocks", at), { recursive: true, force: true }),
  ),
  // The file is touched, or changed with its size and time kept.
  fc.tuple(place, fc.boolean(), word).map(
    ([at, changes, other]): Edit =>
      ({ path }) =>
        attempt(() => {
          const file = join(path, "blocks", at, "block.poly");
          const { mtime } = statSync(file);
          if (!changes) return utimesSync(file, new Date(), new Date());
          writeFileSync(file, readFileSync(file, "utf8").replaceAll(/one|two|six/g, other));
          utimesSync(file, mtime, mtime);
        }),
  ),
  // An action wrote an inventory or a kubeconfig, or they are gone.
  fc.tuple(name, fc.constantFrom("inventory.yml", "kubeconfig.yml", "hosts.yml"), fc.boolean()).map(
    ([block, file, isThere]): Edit =>
      (folder) => {
        const path = `artifacts/blocks/${block}/${file}`;
        if (isThere) folder.write(path, "");
        else rmSync(join(folder.path, path), { force: true });
      },
  ),
  fc.constant<Edit>((folder) => folder.write("inventory.yml", "")),
  // Time passes, so that files are recognized by their times.
  fc.constant<Edit>(() => void setSystemTime(new Date(Date.now() + 10_000))),
  // What is kept is removed, or spoilt.
  fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.constantFrom("removed", "cut", "changed")).map(
    ([at, byte, damage]): Edit =>
      (folder) => {
        const { path } = cacheBeside(folder);
        for (const file of namesIn(path).map((one) => join(path, one))) {
          const bytes = readFileSync(file);
          if (damage === "removed") rmSync(file);
          if (damage === "cut") writeFileSync(file, bytes.subarray(0, at % (bytes.length + 1)));
          if (damage === "changed") writeFileSync(file, bytes.with(at % bytes.length, byte));
        }
      },
  ),
];

function attempt(step: () => void): void {
  try {
    step();
  } catch {
    // The folder or file that it is about is not there.
  }
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

test("a snapshot is the same with any cache and without one, whatever changed in between", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(...edits), { minLength: 1, maxLength: 15 }), (all) => {
      using folder = makeFolder({ "workspace.poly": "name: ws\n" });
      const cache = cacheBeside(folder);
      setSystemTime();
      for (const edit of all) {
        edit(folder);
        const expected = read(folder, undefined);
        expect(readValue(folder)).toBe(expected);
        expect(read(folder, cache)).toBe(expected);
        expect(read(folder, cache)).toBe(expected);
        expect(read(folder, cache, revealed)).toBe(read(folder, undefined, revealed));
        expect(read(folder, { ...cache, verify: true })).toBe(expected);
        const run = "01a20e8a-0000-7000-8000-00c0ffee0001";
        const secrets = ["echo two"];
        expect(keptSnapshot(read(folder, cache), run, secrets)).toEqual(keptSnapshot(expected, run, secrets));
      }
    }),
    { numRuns: 150 },
  );
});

test("a block that changed is written anew, and those that inherit from it; no other", () => {
  using folder = makeFolder({
    "workspace.poly": "name: ws\n",
    "blocks/base/block.poly": "name: base\nconfig: {word: one}\n",
    "blocks/heir/block.poly": "name: heir\nfrom: base\n",
    "blocks/alone/block.poly": "name: alone\n",
  });
  const cache = cacheBeside(folder);
  read(folder, cache);
  folder.write("blocks/base/block.poly", "name: base\nconfig: {word: two}\n");
  const workspace = loadWorkspaceLenient({ named: folder.path }, { cacheFolder: cache });
  const files = locateFiles(workspace);
  const looked: string[] = [];
  const blocks = files.blocks.map((block) => ({
    paths: block.paths,
    lineage: block.lineage,
    get value() {
      looked.push(block.lineage[0].name);
      return block.value;
    },
  }));
  snapshotBlocks(workspace, { ...files, blocks }, cache);
  expect(looked).toEqual(["base", "heir"]);
});

test("of secrets, and of the blocks that have or inherit them, nothing is kept", () => {
  using folder = makeFolder({
    "workspace.poly": "name: ws\nblocks: [{name: inline}]\n",
    "secrets.poly":
      "blocks: [{name: closed, config: {word: s3cr3t}}, {name: inline, config: {word: s3cr3t}}]\norganization: s3cr3t\n",
    "blocks/open/block.poly": "name: open\nconfig: {word: visible}\n",
    "blocks/closed/block.poly": "name: closed\n",
    "blocks/heir/block.poly": "name: heir\nfrom: closed\n",
  });
  const cache = cacheBeside(folder);
  for (const _ of ["first", "again"]) {
    expect(read(folder, cache, revealed)).toBe(read(folder, undefined, revealed));
    expect(read(folder, cache, revealed).match(/word: s3cr3t/g)).toHaveLength(3);
    expect(read(folder, cache)).not.toContain("s3cr3t");
  }
  const kept = namesIn(cache.path).map((name) => readFileSync(join(cache.path, name), "latin1"));
  expect(kept.join()).toContain("word: visible");
  expect(kept.join()).not.toContain("s3cr3t");
  expect(kept.join()).not.toContain("heir\n");
});
