import { expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { type Folder, makeFolder } from "../support/harness.ts";

const idOf = (end: number) => `01a20e8a-0000-7000-8000-00000000000${end}`;
const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");
const snapshotFile = (text: string) => `.logs/snapshots/${sha256(text)}.yml`;

/** A workspace with two runs, which had these snapshots. */
function makeRuns(before: string, after: string, fields = ""): Folder {
  const record = (end: number, snapshot: string) =>
    `id: ${JSON.stringify(idOf(end))}\nblock: b\naction: act\nstatus: succeeded\nsnapshot_sha256: "${sha256(snapshot)}"\n${fields}`;
  return makeFolder({
    "workspace.poly": "name: test-workspace\nblocks: [{name: b, config: {x: 1}}]\n",
    [`.logs/2026/11/24/${idOf(1)}.yml`]: record(1, before),
    [`.logs/2026/11/24/${idOf(2)}.yml`]: record(2, after),
    [snapshotFile(before)]: before,
    [snapshotFile(after)]: after,
  });
}

const diff = (folder: Folder, ...words: readonly string[]) =>
  folder.run(["history", "diff", idOf(1), idOf(2), ...words]);

test("values and keys that a terminal would obey are escaped", async () => {
  const text = (value: string) => `block: {name: b, "\\e[2J": "${value}\\e[31m\\u202e", "a\\nb": ${value}}\n`;
  using folder = makeRuns(text("one"), text("two"));
  for (const words of [[], ["--output=json"]]) {
    const { stdout, stderr, exitCode } = await diff(folder, ...words);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
    expect(/[\u001b\u202e]/.test(stdout)).toBe(false);
    expect(stdout).toContain("\\u001b[31m\\u202e");
  }
});

test("a snapshot that was changed, or is a link, is not believed", async () => {
  using folder = makeRuns("block: {x: 1}\n", "block: {x: 2}\n");
  folder.write(snapshotFile("block: {x: 1}\n"), "block: {x: 3}\n");
  const { stdout, stderr, exitCode } = await diff(folder);
  expect(stderr).toContain("was not kept, so its values are not compared");
  expect(stdout).toContain("snapshot_sha256");
  expect(exitCode).toBe(1);
  using linked = makeRuns("a: 1\n", "a: 2\n");
  linked.write("elsewhere", "a: 3\n");
  symlinkSync("../../elsewhere", join(linked.path, `.logs/snapshots/${sha256("a: 3\n")}.yml`));
  const [record = ""] = linked.glob(".logs/2026/**/*.yml");
  linked.write(record, linked.read(record).replace(sha256("a: 1\n"), sha256("a: 3\n")));
  expect((await diff(linked)).stderr).toContain("was not kept");
});

test("runs that do not exist are an error: 64, and the other spelling of `history` has no more arguments", async () => {
  using folder = makeRuns("a: 1\n", "a: 1\n");
  expect(await folder.run(["history", "diff", idOf(1), "ffff"])).toMatchObject({ stdout: "", exitCode: 64 });
  expect(await folder.run(["history", "diff", idOf(1)])).toMatchObject({ stdout: "", exitCode: 64 });
  expect(await folder.run(["history", "lists"])).toMatchObject({ stdout: "", exitCode: 64 });
  expect((await diff(folder)).exitCode).toBe(0);
});

test("a record of a run that has not ended has no duration, and no key is compared that one of them lacks", async () => {
  using folder = makeRuns("a: 1\n", "a: 1\n", 'started: "2026-11-24T10:00:00.000Z"\n');
  const json = await diff(folder, "--output=json");
  expect(JSON.parse(json.stdout)).toEqual({
    first: { id: idOf(1), duration_ms: null },
    second: { id: idOf(2), duration_ms: null },
    differences: [],
  });
  expect(json.exitCode).toBe(0);
});
