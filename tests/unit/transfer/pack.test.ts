import { expect, test } from "bun:test";
import { appendFileSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { collectWorkspace, type LeftOut } from "../../../src/transfer/collect.ts";
import { type PackedEntry, packArchive, packedWorkspace } from "../../../src/transfer/pack.ts";
import { call, type Folder, makeFolder } from "../../support/harness.ts";
import { runScript } from "../../support/separateProcess.ts";

/** Packs a workspace that is changed between its collection and its reading, and returns GNU tar's opinion of it. */
async function packed(folder: Folder, change: () => void = () => {}, more: readonly PackedEntry[] = []) {
  const collected = collectWorkspace(folder.path, []);
  change();
  const unread: LeftOut[] = [];
  const changed: string[] = [];
  const packing = {
    ...{ root: folder.path, owner: { uid: 1500, gid: 3_000_000 } },
    onUnread: (file: LeftOut) => void unread.push(file),
    onChanged: (path: string) => void changed.push(path),
  };
  const entries = [...packedWorkspace(collected, "srv/ws"), ...more];
  const input = Buffer.concat(await Array.fromAsync(packArchive(entries, packing)));
  const listing = await call(["tar", "--utc", "--numeric-owner", "-tvf", "-"], { input });
  expect(listing.stderr).toBe("");
  const lines = listing.stdout.split("\n").map((line) => line.replace(/\d{4}-\d\d-\d\d \d\d:\d\d /, ""));
  return { lines: lines.filter((line) => line !== ""), unread, changed, input };
}

test("everything belongs to one user, at the place that it is sent to, with files of the run beside it", async () => {
  using folder = makeFolder({ a: "1", "d/b": "22" });
  const mtime = 1_000_000_000n;
  const { lines } = await packed(folder, undefined, [
    { kind: "directory", to: "home/u", mode: 0o700, mtime },
    { kind: "text", to: "home/u/.ssh/id_rsa", mode: 0o600, mtime, content: "key\n" },
  ]);
  expect(lines).toMatchInlineSnapshot(`
[
  "drwxr-xr-x 1500/3000000      0 srv/ws/",
  "-rw-r--r-- 1500/3000000      1 srv/ws/a",
  "drwxr-xr-x 1500/3000000      0 srv/ws/d/",
  "-rw-r--r-- 1500/3000000      2 srv/ws/d/b",
  "drwx------ 1500/3000000      0 home/u/",
  "-rw------- 1500/3000000      4 home/u/.ssh/id_rsa",
]
`);
});

test("a file that vanished, or became something else, is left out and reported", async () => {
  using folder = makeFolder({ a: "1", b: "2", c: "3", "d/e": "4" });
  const at = (path: string) => join(folder.path, path);
  const { lines, unread } = await packed(folder, () => {
    for (const path of ["a", "b", "c", "d"]) rmSync(at(path), { recursive: true });
    symlinkSync("/etc/hostname", at("b"));
    mkdirSync(at("c"));
    symlinkSync("/etc", at("d"));
  });
  expect(lines.map((line) => line.replace(/.* /, ""))).toEqual(["srv/ws/", "srv/ws/d/"]);
  expect(unread).toEqual([
    { path: "a", reason: "it was removed meanwhile" },
    { path: "b", reason: "it is not a file any more" },
    { path: "c", reason: "it is not a file any more" },
    { path: "d/e", reason: "it is not a file any more" },
  ]);
});

test("another name of a file that vanished is sent as a file", async () => {
  using folder = makeFolder({ a: "1" });
  await call(["ln", "a", "b"], { directory: folder.path });
  const { lines } = await packed(folder, () => rmSync(join(folder.path, "a")));
  expect(lines.at(-1)).toMatch(/^-rw-r--r-- .* 1 srv\/ws\/b$/);
});

test("a file that became longer, shorter or another one is reported, and the archive stays one", async () => {
  using folder = makeFolder({ long: "123", short: "1".repeat(1000), z: "end" });
  const at = (path: string) => join(folder.path, path);
  const { changed, input } = await packed(folder, () => {
    appendFileSync(at("long"), "456");
    truncateSync(at("short"), 10);
  });
  expect(changed).toEqual(["long", "short"]);
  const content = await call(["tar", "-xOf", "-", "srv/ws/long", "srv/ws/z"], { input });
  expect(content.stdout).toBe("123end");
  const short = await call(["tar", "-xOf", "-", "srv/ws/short"], { input });
  expect(short.stdout).toBe(`${"1".repeat(10)}${"\0".repeat(990)}`);
});

test("holes do not travel", async () => {
  using folder = makeFolder({});
  const file = join(folder.path, "s");
  writeFileSync(file, "start");
  truncateSync(file, 50_000_000);
  appendFileSync(file, "end");
  truncateSync(file, 70_000_000);
  using unpacked = makeFolder({});
  const { input } = await packed(folder);
  expect(input.length).toBeLessThan(20_000);
  await call(["tar", "-xf", "-", "-C", unpacked.path], { input });
  expect(await call(["cmp", file, join(unpacked.path, "srv/ws/s")])).toMatchObject({ exitCode: 0 });
});

test("a large file takes little memory", async () => {
  using folder = makeFolder({ "d/x": "" });
  await call(["dd", "if=/dev/urandom", `of=${folder.path}/d/x`, "bs=1M", "count=300", "status=none"]);
  const transfer = join(import.meta.dir, "../../../src/transfer");
  const script = `import { collectWorkspace } from ${JSON.stringify(`${transfer}/collect.ts`)};
     import { packArchive, packedWorkspace } from ${JSON.stringify(`${transfer}/pack.ts`)};
     const root = ${JSON.stringify(folder.path)};
     const packing = { root, owner: { uid: 0, gid: 0 }, onUnread: () => {}, onChanged: () => {} };
     let size = 0;
     for await (const part of packArchive(packedWorkspace(collectWorkspace(root, []), "w"), packing)) size += part.length;
     const peak = Number(/VmHWM:\\s+(\\d+)/.exec(await Bun.file("/proc/self/status").text())?.[1]);
     console.log(size > 300e6, peak < 200_000 ? "little" : peak);`;
  const { stdout } = await runScript(script, folder.path);
  expect(stdout.trim()).toBe("true little");
});
