import { expect, test } from "bun:test";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { makePrivateTree, type TreeEntry } from "../../../src/host/privateTree.ts";

async function* parts(...texts: readonly string[]) {
  for (const text of texts) yield Buffer.from(text);
}

const entries: readonly TreeEntry[] = [
  { kind: "directory", path: "closed", time: 1_000_000, mode: 0o500 },
  { kind: "file", path: "closed/file", time: 1_000_000.5, mode: 0o640, content: () => parts("one ", "two") },
  { kind: "link", path: "closed/link", time: 1_000_000, target: "../nowhere" },
];

const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith("polycrate-build-"));

test("the tree is what was asked for, with its times, and only its owner gets at it", async () => {
  const { directory, remove } = await makePrivateTree(entries, "me", () => false);
  const at = (path: string) => join(directory, path);
  expect(readFileSync(at("closed/file"), "utf8")).toBe("one two");
  expect(readlinkSync(at("closed/link"))).toBe("../nowhere");
  expect(
    [statSync(at("closed")), statSync(at("closed/file"))].map(({ mode }) => (mode & 0o777).toString(8)),
  ).toEqual([...["500", "640"]]);
  expect(["closed", "closed/file", "closed/link"].map((path) => lstatSync(at(path)).mtimeMs)).toEqual([
    ...[1_000_000_000, 1_000_000_500, 1_000_000_000],
  ]);
  expect(statSync(directory).mode & 0o777).toBe(0o755);
  expect(directory).toMatch(/\/polycrate-build-[A-Za-z0-9]{6}\/context$/);
  expect(statSync(dirname(directory)).mode & 0o777).toBe(0o700);
  remove();
  expect(existsSync(dirname(directory))).toBe(false);
});

test("a tree that is stopped has no more than was made", async () => {
  const answers = [false, true, true].values();
  const { directory, remove } = await makePrivateTree(entries, "me", () => answers.next().value === true);
  expect(readdirSync(directory)).toEqual(["closed"]);
  expect(readdirSync(join(directory, "closed"))).toEqual([]);
  remove();
});

test("a content that fails leaves nothing", async () => {
  const before = leftovers();
  const failing: TreeEntry = {
    ...{ kind: "file", path: "x", time: 0, mode: 0o644 },
    content: async function* () {
      yield Buffer.from("x");
      throw new Error("changed");
    },
  };
  await expect(makePrivateTree([failing], "me", () => false)).rejects.toThrow("changed");
  const twice: readonly TreeEntry[] = [entries[0], entries[0]].flatMap((entry) => entry ?? []);
  await expect(makePrivateTree(twice, "me", () => false)).rejects.toMatchObject({ exitCode: 73 });
  expect(leftovers()).toEqual(before);
});
