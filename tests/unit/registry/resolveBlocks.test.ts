import { describe, expect, test } from "bun:test";
import type { Engine } from "../../../src/engine/engine.ts";
import { lockBlocks } from "../../../src/registry/lockBlocks.ts";
import { resolveBlocks } from "../../../src/registry/resolveBlocks.ts";
import { installedFromRegistry, namedBlocks } from "../../../src/registry/wantedBlocks.ts";
import { loadWorkspace } from "../../../src/workspace/load.ts";
import { digestOf, fakeRegistry } from "../../support/fakeRegistry.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

const blockFile = (name: string, version: string, from?: string) => ({
  "block.poly": `name: r.io/${name}\nversion: ${version}\n${from === undefined ? "" : `from: r.io/${from}\n`}`,
});

const images = {
  "r.io/app:1": ["a", blockFile("app", "1", "web:1")],
  "r.io/web:1": ["b", blockFile("web", "1", "base:1")],
  "r.io/base:1": ["c", blockFile("base", "1")],
  "r.io/base:2": ["d", blockFile("base", "2")],
  "r.io/base": ["d", blockFile("base", "2")],
  "r.io/evil:1": ["f", { "block.poly": "name: r.io/evil\nversion: 1\nfrom: --privileged.x/web:1\n" }],
  "r.io/leaving:1": ["f", { "block.poly": "name: r.io/evil\nversion: 1\nfrom: r.io/../../web:1\n" }],
  "r.io/no-block:1": ["e", { readme: "x" }],
} as const;

async function resolve(folder: Folder, lock: Readonly<Record<string, string>> = {}) {
  const { engine, pulled } = await fakeRegistry(folder, images);
  const workspace = loadWorkspace({ named: folder.path });
  const resolved = await resolveBlocks(
    workspace,
    engine,
    namedBlocks(workspace),
    installedFromRegistry(workspace),
    optionsFor(folder, lock),
  );
  const found = resolved.map(
    ({ wanted, fetched }) => `${wanted.reference} ${fetched?.digest.slice(7, 8) ?? "installed"}`,
  );
  return { found: found.sort(), pulled: pulled() };
}

function optionsFor(folder: Folder, lock: Readonly<Record<string, string>>) {
  return {
    ...{ directory: folder.path, environment: process.env, blockFile: "block.poly" },
    lockedTo: (reference: string) => lock[reference],
    isEnough: () => true,
    onFetch: () => {},
    onFetched: () => {},
  };
}

const workspaceOf = (text: string, files: Readonly<Record<string, string>> = {}) =>
  makeFolder({ "workspace.poly": `name: w\n${text}\n`, ...files });

test("a block is fetched with all that it inherits from, each once", async () => {
  using folder = workspaceOf(
    "dependencies: [r.io/app:1, r.io/web:1]\nblocks: [{name: x, from: r.io/base:1}]",
  );
  expect((await resolve(folder)).found).toEqual(["r.io/app:1 a", "r.io/base:1 c", "r.io/web:1 b"]);
});

test("what is installed in that version is not fetched, and its parent is looked for too", async () => {
  using folder = workspaceOf("dependencies: [r.io/app:1]", {
    "blocks/r.io/app/block.poly": blockFile("app", "1", "web:1")["block.poly"],
    "blocks/r.io/base/block.poly": blockFile("base", "2")["block.poly"],
  });
  const { found, pulled } = await resolve(folder);
  expect(found).toEqual(["r.io/app:1 installed", "r.io/base:1 c", "r.io/web:1 b"]);
  expect(pulled).not.toContain("r.io/app:1");
});

test("a block is known by its folder, whatever its file calls it", async () => {
  using folder = workspaceOf("dependencies: [r.io/app:1]", {
    "blocks/r.io/app/block.poly": "name: short\nversion: 1\n",
  });
  expect((await resolve(folder)).found).toEqual(["r.io/app:1 installed"]);
});

test("a block without a version is the one that another names, else the newest", async () => {
  using folder = workspaceOf("dependencies: [r.io/base]");
  expect((await resolve(folder)).found).toContain("r.io/base d");
  using other = workspaceOf("dependencies: [r.io/base, r.io/base:1]");
  expect((await resolve(other)).found).toEqual(["r.io/base:1 c"]);
  // What is installed will do, and an ancestor may ask for just that version.
  using installed = workspaceOf("dependencies: [r.io/base, r.io/app:1]", {
    "blocks/r.io/base/block.poly": blockFile("base", "1")["block.poly"],
  });
  expect((await resolve(installed)).found).toEqual(["r.io/app:1 a", "r.io/base installed", "r.io/web:1 b"]);
}, 10_000);

test("a locked block is fetched by its digest, which asks for no tag", async () => {
  using folder = workspaceOf("dependencies: [r.io/base:1]");
  const { found, pulled } = await resolve(folder, { "r.io/base:1": digestOf("d") });
  expect(found).toEqual(["r.io/base:1 d"]);
  expect(pulled).toEqual([]); // the engine has it
});

describe("it is an error where the block is named", () => {
  test.each<[string, string, object]>([
    [
      "two versions of one block",
      "dependencies: [r.io/base:2, r.io/base:1]",
      {
        exitCode: 65,
        message: expect.stringContaining("in two versions: `dependencies` needs 2, `dependencies` needs 1"),
      },
    ],
    [
      "a block that the registry does not have",
      "dependencies: [r.io/none:1]",
      { exitCode: 125, message: "cannot pull `r.io/none:1`: the registry does not have it" },
    ],
    [
      "an image that is not a block",
      "dependencies: [r.io/no-block:1]",
      { exitCode: 65, message: "the block `r.io/no-block:1`: it has no `block.poly`, so it is not a block" },
    ],
    [
      "a reference without a registry",
      "dependencies: [base:1]",
      { exitCode: 65, message: "`base:1` does not name a registry" },
    ],
  ])("%s", async (_, text, error) => {
    using folder = workspaceOf(text);
    await expect(resolve(folder)).rejects.toMatchObject({
      ...error,
      position: { file: "workspace.poly", line: 2 },
    });
  });
});

test("two versions of one block, of which an ancestor needs one, are an error where that says so", async () => {
  using folder = workspaceOf("dependencies: [r.io/app:1, r.io/base:2]");
  await expect(resolve(folder)).rejects.toMatchObject({
    exitCode: 65,
    message: expect.stringContaining("`dependencies` needs 2, block `r.io/web` needs 1"),
    position: { file: "r.io/web/block.poly", line: 3 },
  });
});

test.each(["evil", "leaving"])(
  "a fetched block (%s) whose parent no registry can have is an error in it",
  async (name) => {
    using folder = workspaceOf(`dependencies: [r.io/${name}:1]`);
    await expect(resolve(folder)).rejects.toMatchObject({
      exitCode: 65,
      message: expect.stringContaining("is not a valid reference of a block"),
      position: { file: `r.io/${name}/block.poly`, line: 3 },
    });
  },
);

test("a mark that names what no registry can have is not believed", () => {
  for (const reference of ["--privileged.x/web:1", "r.io/../../web:1", "web:1", "r.io/.git/hooks:1"]) {
    using folder = workspaceOf("", {
      "blocks/b/block.poly": "name: b\n",
      "blocks/b/.polycrate-block": `${reference} ${digestOf("a")}\n`,
    });
    expect(installedFromRegistry(loadWorkspace({ named: folder.path }))).toEqual([]);
  }
});

describe("blocks are locked", () => {
  async function lock(folder: Folder, engine: Engine, kept: Parameters<typeof lockBlocks>[2]["kept"]) {
    const entries = await lockBlocks(loadWorkspace({ named: folder.path }), engine, {
      ...{ directory: folder.path, environment: process.env, kept },
      onPull: () => {},
    });
    return entries.map(({ name, digest }) => `${name} ${digest.slice(7, 8)}`).sort();
  }

  test("before they are installed, with what they inherit from, and are kept", async () => {
    using folder = workspaceOf("dependencies: [r.io/app:1]");
    const { engine, pulled } = await fakeRegistry(folder, images);
    expect(await lock(folder, engine, [])).toEqual(["r.io/app:1 a", "r.io/base:1 c", "r.io/web:1 b"]);
    const before = pulled().length;
    const kept = [
      { kind: "block", name: "r.io/app:1", digest: digestOf("a") },
      { kind: "block", name: "r.io/web:1", digest: digestOf("b") },
      { kind: "block", name: "r.io/base:1", digest: digestOf("d") },
    ] as const;
    expect(await lock(folder, engine, kept)).toEqual(["r.io/app:1 a", "r.io/base:1 d", "r.io/web:1 b"]);
    expect(pulled()).toHaveLength(before);
  });

  test("unless they are written in this workspace, and no registry has to have them", async () => {
    using folder = workspaceOf("dependencies: [r.io/none:1]", {
      "blocks/r.io/none/block.poly": "name: r.io/none\nversion: 1\nfrom: r.io/base:1\n",
    });
    const { engine } = await fakeRegistry(folder, images);
    const kept = [{ kind: "block", name: "r.io/none:1", digest: digestOf("a") }] as const;
    expect(await lock(folder, engine, [])).toEqual(["r.io/base:1 c"]);
    expect(await lock(folder, engine, kept)).toEqual(["r.io/base:1 c"]);
  });
});
