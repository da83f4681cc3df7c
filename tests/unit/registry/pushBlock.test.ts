import { describe, expect, test } from "bun:test";
import { chmodSync, symlinkSync } from "node:fs";
import { extract } from "tar-stream";
import type { Engine } from "../../../src/engine/engine.ts";
import { isNewer, pushBlock } from "../../../src/registry/pushBlock.ts";
import { loadWorkspace } from "../../../src/workspace/load.ts";
import { digestOf, fakeRegistry } from "../../support/fakeRegistry.ts";
import { shell } from "../../support/fakes.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

const file = "name: r.io/web\nversion: 1.1.0\n";

const workspaceOf = (text = file, more: Readonly<Record<string, string>> = {}) =>
  makeFolder({
    "workspace.poly": "name: w\n",
    "blocks/web/block.poly": text,
    "blocks/web/run": "#!/bin/sh\n",
    ...more,
  });

/** Pushes the block in `blocks/web`; what is imported is in the file `imported`, what docker was told in `told`. */
async function push(
  folder: Folder,
  images: Parameters<typeof fakeRegistry>[1] = {},
  changes: Partial<Engine> = {},
) {
  const { engine } = await fakeRegistry(folder, images);
  const told = `${folder.path}/told`;
  const recording: Engine = {
    ...engine,
    importImage: (reference, labels) =>
      shell(`cat >"$1/imported"; echo "import $*" >>"$1/told"`, folder.path, reference, ...labels),
    pushImage: (reference) =>
      shell(`echo "push $1" >>"$2"; echo "1: digest: $3 size: 1"`, reference, told, digestOf("f")),
    tagImage: (reference, name) => shell(`echo "tag $1 $2" >>"$3"`, reference, name, told),
    ...changes,
  };
  const workspace = loadWorkspace({ named: folder.path });
  const [block] = workspace.blocks;
  if (block?.directory === undefined) throw new Error("there is no block");
  return pushBlock(
    workspace,
    recording,
    { ...block, directory: block.directory },
    { directory: folder.path, environment: process.env },
  );
}

const told = (folder: Folder) =>
  folder.glob("told").length === 0 ? [] : folder.read("told").replaceAll(folder.path, "F").trim().split("\n");

async function imported(folder: Folder): Promise<readonly string[]> {
  const archive = extract();
  archive.end(Buffer.from(await Bun.file(`${folder.path}/imported`).bytes()));
  const found: string[] = [];
  for await (const entry of archive) {
    found.push(
      `${entry.header.name} ${(entry.header.mode ?? 0).toString(8)} ${entry.header.linkname ?? ""}`.trim(),
    );
    entry.resume();
  }
  return found;
}

test("a block is one layer with its files at its root, by its version and as `latest`", async () => {
  using folder = workspaceOf(file, { "blocks/web/d/x": "1", "blocks/web/inner/block.poly": "name: inner\n" });
  chmodSync(`${folder.path}/blocks/web/run`, 0o711);
  symlinkSync("run", `${folder.path}/blocks/web/link`);
  expect(await push(folder)).toEqual({
    reference: "r.io/web:1.1.0",
    digest: digestOf("f"),
    isNew: true,
    newer: undefined,
  });
  expect(await imported(folder)).toEqual([
    "./ 755",
    "d/ 755",
    "block.poly 644",
    "d/x 644",
    "link 777 run",
    "run 755",
  ]);
  const [first = "", ...rest] = told(folder);
  expect(first).toMatch(
    /^import F r\.io\/web:1\.1\.0 polycrate\.block\.version=1\.1\.0 polycrate\.blocks\.checksum=[0-9a-f]{32} polycrate\.block\.format=1$/,
  );
  expect(rest).toEqual(["push r.io/web:1.1.0", "tag r.io/web:1.1.0 r.io/web:latest", "push r.io/web:latest"]);
});

test("a version with the same files is there already, one with others is never replaced", async () => {
  using folder = workspaceOf("name: r.io/web\nversion: 1.1.0\n");
  chmodSync(`${folder.path}/blocks/web/run`, 0o755);
  const same = { "block.poly": file };
  await expect(push(folder, { "r.io/web:1.1.0": ["a", same] })).rejects.toMatchObject({
    exitCode: 65,
    message: "`r.io/web:1.1.0` exists in the registry with other files: run",
    hint: expect.stringContaining("never replaced"),
    position: { file: "blocks/web/block.poly", line: 2, column: 10 },
  });
  using equal = makeFolder({ "workspace.poly": "name: w\n", "blocks/web/block.poly": file });
  expect(await push(equal, { "r.io/web:1.1.0": ["a", same] })).toMatchObject({
    isNew: false,
    digest: digestOf("a"),
  });
  expect([...told(folder), ...told(equal)]).toEqual([]);
});

test("`latest` stays at a newer version", async () => {
  using folder = workspaceOf();
  const newer = { "block.poly": "name: r.io/web\nversion: 1.10.0\n" };
  expect(await push(folder, { "r.io/web:latest": ["a", newer] })).toMatchObject({
    isNew: true,
    newer: "1.10.0",
  });
  expect(told(folder).slice(1)).toEqual(["push r.io/web:1.1.0"]);
  using older = workspaceOf();
  const before = { "block.poly": "name: r.io/web\nversion: 1.0.9\n" };
  expect(await push(older, { "r.io/web:latest": ["a", before] })).toMatchObject({ newer: undefined });
});

describe("nothing is pushed", () => {
  test("when the registry does not say whether the version exists", async () => {
    using folder = workspaceOf();
    const pullImage = () => shell("echo 'unauthorized: authentication required' >&2; exit 1");
    await expect(push(folder, {}, { pullImage })).rejects.toMatchObject({
      exitCode: 125,
      message: "cannot pull `r.io/web:1.1.0`: the registry denied access",
    });
    expect(told(folder)).toEqual([]);
  });

  test.each<[string, string, string]>([
    ["a block without a registry", "name: web\nversion: 1.0.0\n", "`web:1.0.0` does not name a registry"],
    ["one without a version", "name: r.io/web\n", "block `r.io/web` has no version"],
    ["one whose version is no tag", "name: r.io/web\nversion: 1.0+x\n", "cannot be a tag"],
    ["one that is called latest", "name: r.io/web\nversion: latest\n", "cannot be a tag"],
  ])("for %s", async (_, text, message) => {
    using folder = workspaceOf(text);
    await expect(push(folder)).rejects.toMatchObject({
      exitCode: 65,
      message: expect.stringContaining(message),
      position: {
        file: "blocks/web/block.poly",
        line: text.includes("version") && !message.includes("registry") ? 2 : 1,
      },
    });
    expect(told(folder)).toEqual([]);
  });

  test.each<[string, (folder: Folder) => void]>([
    ["a link out of it", (folder) => symlinkSync("../../secret", `${folder.path}/blocks/web/link`)],
    ["a name that means a removed file", (folder) => folder.write("blocks/web/.wh.x", "")],
  ])("of a block with %s", async (_, change) => {
    using folder = workspaceOf();
    change(folder);
    await expect(push(folder)).rejects.toMatchObject({ exitCode: 65 });
    expect(told(folder)).toEqual([]);
  });
});

test.each([
  ["1.10.0", "1.9.0", true],
  ["1.9.0", "1.10.0", false],
  ["1.0.0", "1.0.0", false],
  ["1.0.0", "1.0.0-rc.1", true],
  ["2024-02", "2024-01", true],
  ["b", "a", true],
])("%s is newer than %s: %p", (version, other, expected) => {
  expect(isNewer(version, other)).toBe(expected);
});
