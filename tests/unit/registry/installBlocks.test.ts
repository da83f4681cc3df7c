import { describe, expect, test } from "bun:test";
import { chmodSync, lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { installBlocks, uninstallBlock } from "../../../src/registry/installBlocks.ts";
import { readOrigin } from "../../../src/registry/origin.ts";
import { loadWorkspace } from "../../../src/workspace/load.ts";
import { fetchedBlock } from "../../support/blockImages.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

const options = { force: false, onWait: () => {} };
const web = "r.io/infra/web:1.0.0";
const files = { "block.poly": "name: r.io/infra/web\nversion: 1.0.0\n", "files/run": "#!/bin/sh\n" };

function workspaceOf(more: Readonly<Record<string, string>> = {}): Folder {
  return makeFolder({ "workspace.poly": "name: w\n", ...more });
}

const load = (folder: Folder) => loadWorkspace({ named: folder.path });

function install(folder: Folder, block = fetchedBlock(web, files), force = false) {
  return installBlocks(load(folder), [block], { ...options, force });
}

test("a block is a folder of its name, with plain modes, its links, and where it comes from", async () => {
  using folder = workspaceOf();
  const others = [
    { path: "empty", kind: "directory" },
    { path: "files/link", kind: "link", target: "run" },
  ] as const;
  const [installed] = await install(folder, fetchedBlock(web, files, others));
  expect(installed).toMatchObject({ directory: "blocks/r.io/infra/web", how: "installed" });
  const at = (path: string) => `${folder.path}/blocks/r.io/infra/web/${path}`;
  expect(lstatSync(at("files/run")).mode & 0o7777).toBe(0o755);
  expect(lstatSync(at("block.poly")).mode & 0o7777).toBe(0o644);
  expect(lstatSync(at("empty")).isDirectory()).toBe(true);
  expect(readlinkSync(at("files/link"))).toBe("run");
  const origin = readOrigin(folder.path, "blocks/r.io/infra/web");
  expect(origin).toMatchObject({ reference: web, digest: `sha256:${"a".repeat(64)}` });
  expect([...(origin?.files.keys() ?? [])].sort()).toEqual(["block.poly", "files/link", "files/run"]);
  expect(folder.glob(".polycrate/{install,locks}/**")).toEqual([]);
});

test("the same block again changes nothing, another version replaces all of it", async () => {
  using folder = workspaceOf();
  await install(folder);
  expect((await install(folder))[0]?.how).toBe("unchanged");
  const next = fetchedBlock("r.io/infra/web:1.1.0", { "block.poly": "name: r.io/infra/web\n" }, [], "b");
  expect((await install(folder, next))[0]?.how).toBe("replaced");
  expect(folder.glob("blocks/**/*").map((path) => path.replace("blocks/r.io/infra/web/", ""))).toEqual([
    ".polycrate-block",
    "block.poly",
  ]);
});

describe("what was changed here is kept, and named", () => {
  const at = (path: string) => `blocks/r.io/infra/web/${path}`;
  test.each<[string, (folder: Folder) => void, string]>([
    ["a changed file", (folder) => folder.write(at("files/run"), "#!/bin/sh\nx\n"), "files/run"],
    ["a removed file", (folder) => rmSync(`${folder.path}/${at("files/run")}`), "files/run"],
    ["a new file", (folder) => folder.write(at("mine"), "x"), "mine"],
    ["a mode", (folder) => chmodSync(`${folder.path}/${at("files/run")}`, 0o644), "files/run"],
    ["a removed mark", (folder) => folder.write(at(".polycrate-block"), ""), "block.poly"],
  ])("%s", async (_, change, named) => {
    using folder = workspaceOf();
    await install(folder);
    change(folder);
    const next = () =>
      fetchedBlock("r.io/infra/web:1.1.0", { "block.poly": "name: r.io/infra/web\n" }, [], "b");
    await expect(install(folder, next())).rejects.toMatchObject({
      exitCode: 65,
      message: expect.stringContaining(at(named)),
      hint: expect.stringContaining("--force"),
    });
    expect(folder.read(at("block.poly"))).toBe(files["block.poly"]);
    expect((await install(folder, next(), true))[0]?.how).toBe("replaced");
  });

  test("also of the second of two: then the first is not replaced either", async () => {
    using folder = workspaceOf({ "blocks/r.io/b/block.poly": "name: r.io/b\n" });
    const blocks = [fetchedBlock(web, files), fetchedBlock("r.io/b:1", { "block.poly": "name: other\n" })];
    await expect(installBlocks(load(folder), blocks, options)).rejects.toMatchObject({ exitCode: 65 });
    expect(folder.glob("blocks/r.io/infra/**")).toEqual([]);
  });

  test("but a folder with just the block's files is taken for it", async () => {
    using folder = workspaceOf({ "blocks/r.io/infra/web/block.poly": "name: r.io/infra/web\n" });
    const [installed] = await install(folder, fetchedBlock(web, { "block.poly": "name: r.io/infra/web\n" }));
    expect(installed?.how).toBe("replaced");
    expect(readOrigin(folder.path, "blocks/r.io/infra/web")?.reference).toBe(web);
  });
});

test("another block in its folder is not removed with it", async () => {
  using folder = workspaceOf({ "blocks/r.io/infra/web/inner/block.poly": "name: inner\n" });
  for (const force of [false, true]) {
    await expect(install(folder, fetchedBlock(web, files), force)).rejects.toMatchObject({
      exitCode: 65,
      message: "`blocks/r.io/infra/web` has another block in it: `inner`",
    });
  }
});

test.each(["blocks", "blocks/r.io", "blocks/r.io/infra", "blocks/r.io/infra/web"])(
  "a link in place of %s is not followed, nor replaced",
  async (link) => {
    using outside = makeFolder({ keep: "1" });
    using folder = workspaceOf();
    mkdirSync(dirname(`${folder.path}/${link}`), { recursive: true });
    symlinkSync(outside.path, `${folder.path}/${link}`);
    await expect(install(folder)).rejects.toMatchObject({ exitCode: 73 });
    expect(outside.glob("**")).toEqual(["keep"]);
    expect(lstatSync(`${folder.path}/${link}`).isSymbolicLink()).toBe(true);
  },
);

test("what a killed installation has left is removed by the next one", async () => {
  using folder = workspaceOf({ ".polycrate/install/1/block.poly": "half" });
  await install(folder);
  expect(folder.glob(".polycrate/install/**")).toEqual([]);
});

test("a block is uninstalled with the empty folders above it, and not with changes, or when it was never installed", async () => {
  using folder = workspaceOf({ "blocks/r.io/own/block.poly": "name: r.io/own\n" });
  await install(folder);
  const directory = "blocks/r.io/infra/web";
  folder.write(`${directory}/mine`, "x");
  await expect(uninstallBlock(load(folder), directory, options)).rejects.toThrow(`${directory}/mine`);
  await uninstallBlock(load(folder), directory, { ...options, force: true });
  expect(folder.glob("blocks/r.io/*")).toEqual([]);
  expect(() => lstatSync(`${folder.path}/blocks/r.io/infra`)).toThrow();
  await expect(uninstallBlock(load(folder), "blocks/r.io/own", options)).rejects.toMatchObject({
    exitCode: 65,
  });
  expect(folder.glob("blocks/**/*")).toEqual(["blocks/r.io/own/block.poly"]);
});
