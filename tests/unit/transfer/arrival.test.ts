import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { encodeName } from "../../../src/host/fileName.ts";
import { openStaging } from "../../../src/host/staging.ts";
import { endOfTar, sparseMap, type TarMetadata, tarHeader, tarPadding } from "../../../src/tar/tarHeader.ts";
import { arrivalLimits, stageArchive } from "../../../src/transfer/arrival.ts";
import { collectWorkspace, manifestOf } from "../../../src/transfer/collect.ts";
import { landArchive } from "../../../src/transfer/land.ts";
import type { Incomplete, Landed, Landing } from "../../../src/transfer/landing.ts";
import { inParts } from "../../support/blockImages.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";
import { describeTree } from "../../support/transfer.ts";

// A container is not trusted: what it sends may be anything. Beside each workspace is a folder that must stay as it is.

type Sent = readonly [string, (Partial<TarMetadata> | undefined)?, (string | Uint8Array | undefined)?];

const folder: Partial<TarMetadata> = { kind: "directory", mode: 0o755 };
const link = (target: string): Partial<TarMetadata> => ({ kind: "link", mode: 0o777, target });
const hardLink = (target: string): Partial<TarMetadata> => ({ kind: "hardLink", target });

function entriesOf(entries: readonly Sent[]): Buffer {
  const parts = entries.flatMap(([path, metadata, content = ""]) => {
    const bytes = typeof content === "string" ? encodeName(content) : content;
    const header = tarHeader({ path, kind: "file", mode: 0o644, size: bytes.length, ...metadata });
    return [header, bytes, tarPadding(bytes.length)];
  });
  return Buffer.concat([...parts, endOfTar]);
}

/** The archive of a container's folder, with the tar of what changed and the names of all that is there. */
function changesOf(changed: Uint8Array, names: readonly string[]): Buffer {
  return entriesOf([
    [".", folder],
    ["changed.tar", {}, changed],
    ["names", {}, names.map((name) => `${name}\0`).join("")],
  ]);
}

/** A workspace with a few files, and the folder beside it. */
function makeWorkspace(): Folder & { readonly outside: () => readonly string[] } {
  const workspace = makeFolder({ a: "sent", "d/b": "sent", ".git/config": "ours", ".logs/1": "ours" });
  const outside = join(dirname(workspace.path), "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "victim"), "safe");
  symlinkSync("../outside", join(workspace.path, "out"));
  mkdirSync(join(workspace.path, ".polycrate"));
  writeFileSync(join(workspace.path, ".polycrate/record"), "ours");
  return { ...workspace, outside: () => describeTree(outside, 1n) };
}

const names = [".", "a", "d", "d/b", "out"];

async function land(
  workspace: Folder,
  archive: Uint8Array,
  form: Landing["form"] = "changes",
): Promise<Landed | Incomplete> {
  const stays = [".polycrate", ".logs"];
  const landing: Landing = {
    ...{
      root: workspace.path,
      manifest: manifestOf(collectWorkspace(workspace.path, stays), []),
      form,
      stays,
    },
    ...{ prefix: form === "whole" ? "workspace" : ".", mergedByLine: [] },
    ...{ staging: ".polycrate/landing", conflicts: ".polycrate/conflicts/1" },
  };
  return landArchive(inParts(archive, 997), landing);
}

describe("an archive that no workspace sends changes nothing, here or elsewhere:", () => {
  test.each<[string, readonly Sent[], string]>([
    ["a path above the workspace", [["../outside/victim", {}, "evil"]], "not a path in the workspace"],
    ["a path that goes up later", [["d/../../outside/victim", {}, "evil"]], "not a path in the workspace"],
    ["an absolute path", [["/tmp/polycrate-evil", {}, "evil"]], "not a path in the workspace"],
    ["an empty name", [["d//b", {}, "evil"]], "not a path in the workspace"],
    ["a path that is too long", [[`${"d/".repeat(3000)}b`, {}, ""]], "not a path in the workspace"],
    ["a workspace that is a link", [[".", link("/etc")]], "the workspace in it is not a folder"],
    [
      "a file below a new link",
      [
        ["l", link("../outside")],
        ["l/victim", {}, "evil"],
      ],
      "`l/victim` is below what is not a folder",
    ],
    [
      "a link after the file below it",
      [
        ["l/victim", {}, "evil"],
        ["l", link("../outside")],
      ],
      "`l/victim` is below what is not a folder",
    ],
    [
      "a folder that becomes a link",
      [
        ["l", folder],
        ["l", link("../outside")],
        ["l/victim", {}, "evil"],
      ],
      "it has `l` twice",
    ],
    [
      "a file twice",
      [
        ["x", {}, "1"],
        ["./x", {}, "2"],
      ],
      "it has `x` twice",
    ],
    ["a hard link to a file outside", [["x", hardLink("../outside/victim")]], "not a path in the workspace"],
    ["a hard link to an absolute path", [["x", hardLink("/etc/hostname")]], "not a path in the workspace"],
    [
      "a hard link to what is only here",
      [["x", hardLink(".git/config")]],
      "is a hard link to what is not in it",
    ],
    ["a sparse file of 200 GB", [["s", { sparseSize: 200e9 }, sparse]], "its files are larger than 100 GB"],
    [
      "many sparse files",
      Array.from({ length: 11 }, (_, index) => [`s${index}`, { sparseSize: 10e9 }, sparse] as const),
      "its files are larger than 100 GB",
    ],
  ])("%s", async (_, entries, message) => {
    using workspace = makeWorkspace();
    const before = describeTree(workspace.path, 1n);
    const outside = workspace.outside();
    const all: readonly Sent[] = [["new", {}, "new"], ...entries];
    const archive = changesOf(entriesOf(all), [...names, "new"]);
    await expect(land(workspace, archive)).rejects.toMatchObject({
      exitCode: 74,
      message: expect.stringContaining(message),
      hint: "nothing in the workspace was changed",
    });
    const whole = all.map(([path, metadata, content]): Sent => {
      const target = metadata?.kind === "hardLink" ? { target: `workspace/${metadata.target}` } : {};
      return [`workspace/${path}`, { ...metadata, ...target }, content];
    });
    await expect(land(workspace, entriesOf(whole), "whole")).rejects.toMatchObject({ exitCode: 74 });
    expect(describeTree(workspace.path, 1n)).toEqual(before);
    expect(workspace.outside()).toEqual(outside);
    expect(workspace.glob(".polycrate/**")).toEqual([".polycrate/record"]);
  });

  test("more entries than the limit, which is a million", async () => {
    using workspace = makeWorkspace();
    using staging = openStaging(workspace.path, ".polycrate/landing");
    const entries = Array.from({ length: 101 }, (_, index): Sent => [`l${index}`, link("x")]);
    const limits = { ...arrivalLimits, entries: 100 };
    const staged = stageArchive(inParts(entriesOf(entries)), ".", staging, limits);
    await expect(staged).rejects.toThrow("it has more than 100 entries");
    expect(arrivalLimits).toMatchObject({ entries: 1_000_000, bytes: 100e9 });
  });

  test("wherever it ends too early", async () => {
    const changed = entriesOf([
      ["a", {}, "theirs"],
      ["new", {}, "new"],
    ]);
    const archive = changesOf(changed, [".", "a", "new"]);
    using workspace = makeWorkspace();
    const before = describeTree(workspace.path, 1n);
    for (let length = 0; length <= archive.length - 1024; length += 512) {
      await expect(land(workspace, archive.subarray(0, length))).rejects.toMatchObject({ exitCode: 74 });
    }
    expect(describeTree(workspace.path, 1n)).toEqual(before);
  });
});

const sparse = sparseMap([]);

describe("what an archive says of paths that it may not write has no effect:", () => {
  test.each<[string, Sent]>([
    ["the logs", [".logs/1", {}, "evil"]],
    ["a new log", [".logs/2", {}, "evil"]],
    ["records", [".polycrate/record", {}, "evil"]],
    ["the repository", [".git/config", {}, "evil"]],
    ["a hook of the repository", [".git/hooks/post-checkout", { mode: 0o755 }, "evil"]],
    ["the repository in another case", [".GIT/hooks/post-checkout", { mode: 0o755 }, "evil"]],
    ["the repository with an invisible character", [".g\u200cit/config", {}, "evil"]],
    ["the repository in other letters of the same meaning", [".gℹt/config".replace("ℹ", "ｉ"), {}, "evil"]],
    ["the folder of the repository", [".git", { ...folder, mode: 0o777 }]],
    ["a link in place of the repository", [".git", link("d")]],
    ["a link in place of the logs", [".Logs", link("d")]],
  ])("%s", async (_, entry) => {
    for (const form of ["changes", "whole"] as const) {
      using workspace = makeWorkspace();
      const before = [...describeTree(workspace.path, 1n)];
      const sent: readonly Sent[] = [
        ["d", folder],
        ["a", {}, "sent"],
        ["d/b", {}, "sent"],
        ["out", link("../outside")],
        entry,
      ];
      const archive =
        form === "changes"
          ? changesOf(entriesOf([entry]), [...names, entry[0]])
          : entriesOf(sent.map(([path, metadata, content]) => [`workspace/${path}`, metadata, content]));
      const landed = await land(workspace, archive, form);
      expect(landed).toMatchObject({ conflicts: [] });
      const times = /\d{15,}|now/g;
      const untimed = (lines: readonly string[]) => lines.map((line) => line.replace(times, ""));
      expect(untimed(describeTree(workspace.path, 1n))).toEqual(untimed(before));
      expect(workspace.read(".polycrate/record")).toBe("ours");
    }
  });
});

test("a second path of a link is a link like the first one: nothing is done to what it leads to", async () => {
  using workspace = makeWorkspace();
  const outside = workspace.outside();
  const changed = entriesOf([
    ["l", link("../outside/victim")],
    ["x", hardLink("l")],
  ]);
  expect(await land(workspace, changesOf(changed, [...names, "l", "x"]))).toMatchObject({ fetched: 2 });
  expect(["l", "x"].map((path) => readlinkSync(join(workspace.path, path)))).toEqual(
    Array.from({ length: 2 }, () => "../outside/victim"),
  );
  expect(workspace.outside()).toEqual(outside);
});

test("pipes and devices are not made, and are reported", async () => {
  using workspace = makeWorkspace();
  const header = (path: string, type: string) => {
    const block = Buffer.from(tarHeader({ path, kind: "file", mode: 0o644, size: 0 }));
    block.write(type, 156);
    block.fill(0x20, 148, 156);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    return block;
  };
  const changed = Buffer.concat([header("p", "6"), header("c", "3"), header("b", "4"), endOfTar]);
  expect(await land(workspace, changesOf(changed, [...names, "p", "c", "b"]))).toMatchObject({
    fetched: 0,
    leftOut: [
      { path: "p", reason: "it is a fifo" },
      { path: "c", reason: "it is a character device" },
      { path: "b", reason: "it is a block device" },
    ],
  });
  expect(workspace.glob("*")).toEqual(["a"]);
});

describe("without a complete list nothing is written, and all must be fetched:", () => {
  const changed = entriesOf([["a", {}, "theirs"]]);
  test.each<[string, readonly Sent[]]>([
    ["no list", [["changed.tar", {}, changed]]],
    ["no archive", [["names", {}, ".\0a\0"]]],
    [
      "a list that ends in a name",
      [
        ["changed.tar", {}, changed],
        ["names", {}, ".\0a\0d"],
      ],
    ],
    [
      "a name that did not come and was not sent",
      [
        ["changed.tar", {}, changed],
        ["names", {}, ".\0a\0moved\0"],
      ],
    ],
    ["nothing", []],
  ])("%s", async (_, entries) => {
    using workspace = makeWorkspace();
    const before = describeTree(workspace.path, 1n);
    const landed = await land(workspace, entriesOf(entries));
    expect(Object.keys(landed)).toEqual(["files"]);
    expect(describeTree(workspace.path, 1n)).toEqual(before);
  });
});

test("small files beside the list are returned, large ones are not", async () => {
  using workspace = makeWorkspace();
  const archive = Buffer.concat([
    entriesOf([
      ["status", {}, "42 1"],
      ["large", {}, "x".repeat(1_000_001)],
    ]).subarray(0, -1024),
    changesOf(entriesOf([]), names),
  ]);
  const landed = await land(workspace, archive);
  expect(Object.fromEntries(landed.files)).toEqual({ status: "42 1" });
});

test("no entry of any archive leaves the workspace, whatever its names and kinds", async () => {
  const name = fc.constantFrom(
    "a",
    "d",
    "out",
    "..",
    ".",
    "",
    ".git",
    ".polycrate",
    "outside",
    "victim",
    "A",
  );
  const path = fc
    .tuple(fc.constantFrom("", "/", "./", "../"), fc.array(name, { minLength: 1, maxLength: 4 }))
    .map(([start, parts]) => `${start}${parts.join("/")}`);
  const entry = fc.record({
    path,
    kind: fc.constantFrom("file", "directory", "link", "hardLink" as const),
    target: fc.oneof(path, fc.constant("../outside"), fc.constant("a")),
    content: fc.constantFrom("", "evil"),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 6 }),
      fc.array(path, { maxLength: 6 }),
      async (entries, listed) => {
        using workspace = makeWorkspace();
        const outside = workspace.outside();
        const changed = entries.map(({ path, kind, target, content }): Sent => {
          const text = kind === "file" ? content : "";
          return [path, { kind, target, mode: 0o755, size: text.length }, text];
        });
        const archive = changesOf(entriesOf(changed), [
          ...names,
          ...entries.map(({ path }) => path),
          ...listed,
        ]);
        await land(workspace, archive).catch((error: unknown) => {
          expect(error).toMatchObject({ exitCode: 74 });
        });
        expect(workspace.outside()).toEqual(outside);
        expect(readFileSync(join(workspace.path, ".git/config"), "utf8")).toBe("ours");
        expect(workspace.read(".polycrate/record")).toBe("ours");
        expect(workspace.read(".logs/1")).toBe("ours");
      },
    ),
    { numRuns: 100 },
  );
});
