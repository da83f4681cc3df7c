import { describe, expect, test } from "bun:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { readSavedImage } from "../../../src/registry/savedImage.ts";
import { type ArchiveLayout, inParts, type Layer, savedImageOf, tarOf } from "../../support/blockImages.ts";

const block = { "block.poly": "name: r.io/web\n" };

/** The paths of an image's files, links with their targets, executables with a `*`. */
async function pathsIn(archive: Buffer): Promise<readonly string[]> {
  const { entries } = await readSavedImage(inParts(archive), "the block");
  return [...entries.values()]
    .filter(({ kind }) => kind !== "directory")
    .map((entry) => {
      if (entry.kind === "link") return `${entry.path} -> ${entry.target}`;
      return entry.kind === "file" && entry.executable ? `${entry.path}*` : entry.path;
    })
    .sort();
}

describe("an image is read in every layout that docker has printed", () => {
  const layouts: readonly ArchiveLayout[] = [
    "older engines",
    "older engines, layers linked",
    "OCI",
    "OCI, gzip",
  ];
  test.each(layouts)("%s", async (layout) => {
    const layers: readonly Layer[] = [
      {
        ...block,
        "files/": { type: "directory" },
        "files/run": { content: "#!/bin/sh\n", mode: 0o755 },
        "files/link": { type: "symlink", linkname: "../block.poly" },
      },
      { "more/deep/file": "1" },
    ];
    const archive = await savedImageOf(layers, layout, { "polycrate.block.version": "1.0.0" });
    expect(await pathsIn(archive)).toEqual([
      "block.poly",
      "files/link -> ../block.poly",
      "files/run*",
      "more/deep/file",
    ]);
    const { labels, entries } = await readSavedImage(inParts(archive, 100), "the block");
    expect(labels.get("polycrate.block.version")).toBe("1.0.0");
    expect(entries.get("files")).toEqual({ path: "files", kind: "directory" });
    expect(entries.get("more/deep/file")).toMatchObject({ content: Buffer.from("1") });
  });

  test("a layer may be compressed with zstd", async () => {
    const archive = await tarOf({
      "l.tar": { content: zstdCompressSync(await tarOf(block)) },
      c: "{}",
      "manifest.json": JSON.stringify([{ Config: "c", Layers: ["l.tar"] }]),
    });
    expect(await pathsIn(archive)).toEqual(["block.poly"]);
  });
});

describe("layers are applied as an engine does", () => {
  test.each<[string, readonly Layer[], readonly string[]]>([
    ["a later file wins", [{ a: "1" }, { a: { content: "22", mode: 0o755 } }], ["a*"]],
    ["a whiteout removes a file", [{ a: "1", b: "1" }, { ".wh.a": "" }], ["b"]],
    ["a whiteout removes a folder", [{ "d/a": "1", "d/b/c": "1", e: "1" }, { ".wh.d": "" }], ["e"]],
    [
      "an opaque folder hides what was in it",
      [{ "d/a": "1" }, { "d/.wh..wh..opq": "", "d/b": "2" }],
      ["d/b"],
    ],
    [
      "what a layer adds stays, though it says so first",
      [{ "d/a": "1" }, { "d/b": "2", "d/.wh..wh..opq": "" }],
      ["d/b"],
    ],
    ["an opaque root hides everything", [{ a: "1" }, { ".wh..wh..opq": "", b: "1" }], ["b"]],
    ["a whiteout of nothing is nothing", [{ a: "1" }, { ".wh.x": "", "d/.wh.y": "" }], ["a"]],
    ["a file replaces a folder", [{ "d/a": "1" }, { d: "file" }], ["d"]],
    ["a name with ./ is the same", [{ "./a": "1", "./": { type: "directory" } }, { a: "2" }], ["a"]],
    ["our own mark is no part of it", [{ ".polycrate-block": "x", a: "1" }], ["a"]],
  ])("%s", async (_, layers, expected) => {
    expect(await pathsIn(await savedImageOf(layers))).toEqual([...expected]);
  });
});

describe("what could reach out of the block's folder, or is no plain file, is refused", () => {
  const big = 1_000_000;
  test.each<[string, Layer, string]>([
    ["an absolute path", { "/etc/cron.d/x": "1" }, "`/etc/cron.d/x` is an absolute path"],
    ["a path that leaves", { "../x": "1" }, "`../x` leaves the block's folder"],
    ["one that leaves in the middle", { "a/../../x": "1" }, "leaves the block's folder"],
    ["a path that is not plain", { "a//x": "1" }, "is not a plain path"],
    [
      "a link to an absolute path",
      { x: { type: "symlink", linkname: "/etc/passwd" } },
      "out of the block's folder",
    ],
    ["a link that leaves", { "d/x": { type: "symlink", linkname: "../../y" } }, "out of the block's folder"],
    [
      "a link that leaves later",
      { x: { type: "symlink", linkname: "a/../../y" } },
      "out of the block's folder",
    ],
    [
      "a link through a link",
      { d: { type: "symlink", linkname: "." }, x: { type: "symlink", linkname: "d/.." } },
      "out of the block's folder",
    ],
    ["an empty link", { x: { type: "symlink", linkname: "" } }, "which is not a path"],
    [
      "a file below a link",
      { d: { type: "symlink", linkname: "e" }, "d/x": "1" },
      "is below `d`, which is a link",
    ],
    ["a file below a file", { d: "1", "d/x": "1" }, "is below `d`, which is a file"],
    ["a hard link", { a: "1", x: { type: "link", linkname: "a" } }, "`x` is a hard link"],
    ["a device", { x: { type: "block-device" } }, "`x` is a block device"],
    ["another device", { x: { type: "character-device" } }, "`x` is a character device"],
    ["a pipe", { x: { type: "fifo" } }, "`x` is a fifo"],
    ["setuid", { x: { content: "1", mode: 0o4755 } }, "`x` has the setuid or setgid bit"],
    ["setgid", { x: { content: "1", mode: 0o2755 } }, "`x` has the setuid or setgid bit"],
    ["a control character", { "a\u001b[31m": "1" }, "`a\\u001b[31m` has control or invisible characters"],
    ["a line feed", { "a\nb": "1" }, "`a\\u000ab` has control"],
    ["a direction mark", { "a\u202eb": "1" }, "has control or invisible characters"],
    ["a name that is too long", { ["x".repeat(300)]: "1" }, "is too long"],
    ["a path that is too deep", { [`${"d/".repeat(60)}x`]: "1" }, "is too long"],
    ["content over the limit", { a: { content: Buffer.alloc(101 * big) } }, "it is larger than 100 MB"],
  ])("%s", async (_, layer, message) => {
    const archive = await savedImageOf([{ ...block, ...layer }]);
    const reading = readSavedImage(inParts(archive, big), "the block `r.io/web:1`");
    await expect(reading).rejects.toMatchObject({
      exitCode: 65,
      message: expect.stringContaining(`the block \`r.io/web:1\`: `),
      hint: expect.stringContaining("nothing was written"),
    });
    await expect(readSavedImage(inParts(archive, big), "b")).rejects.toThrow(message);
  });

  test("a million folders", async () => {
    const paths = Array.from({ length: 300 }, (_, index) => `${index}/${"d/".repeat(45)}x`);
    const archive = await savedImageOf([Object.fromEntries(paths.map((path) => [path, ""]))]);
    await expect(readSavedImage(inParts(archive), "b")).rejects.toThrow("more than 10000 files and folders");
  });

  test("a million files", async () => {
    const header = (await tarOf({ x: "" })).subarray(0, 512);
    const layer = gzipSync(
      Buffer.concat([...Array.from({ length: 100_000 }, () => header), Buffer.alloc(1024)]),
    );
    await expect(readSavedImage(inParts(await savedLayer(layer)), "b")).rejects.toThrow(
      "more than 10000 files",
    );
  });

  test("a layer that unpacks to far more than it is", async () => {
    const bomb = gzipSync(gzipSync(Buffer.alloc(300_000_000)));
    expect(bomb.length).toBeLessThan(10_000);
    const layer = gzipSync(Buffer.alloc(300_000_000));
    const before = process.memoryUsage.rss();
    await expect(readSavedImage(inParts(await savedLayer(layer)), "b")).rejects.toThrow(
      "a layer cannot be decompressed to 100 MB or less",
    );
    expect(process.memoryUsage.rss() - before).toBeLessThan(400_000_000);
  });

  test("an archive that never ends", async () => {
    async function* endless() {
      yield (await tarOf({ x: { content: Buffer.alloc(big) } })).subarray(0, 512);
      for (;;) yield Buffer.alloc(big);
    }
    await expect(readSavedImage(endless(), "b")).rejects.toMatchObject({ exitCode: 65 });
  });
});

describe("an archive that is not complete is an error", () => {
  test.each<[string, (archive: Buffer) => Buffer]>([
    ["cut in a header", (archive) => archive.subarray(0, 700)],
    ["cut in a content", (archive) => archive.subarray(0, 1800)],
    ["no tar", () => Buffer.from("x".repeat(2000))],
    ["nothing", () => Buffer.alloc(0)],
  ])("%s", async (_, change) => {
    const archive = change(await savedImageOf([{ ...block, a: "x".repeat(2000) }]));
    await expect(readSavedImage(inParts(archive), "b")).rejects.toMatchObject({ exitCode: 65 });
  });

  test.each<[string, Layer]>([
    ["a manifest that is not JSON", { "manifest.json": "[" }],
    ["one without an image", { "manifest.json": "[]" }],
    ["one whose layers are missing", { "manifest.json": '[{"Config":"c","Layers":["x"]}]', c: "{}" }],
    [
      "one whose layer is a link to itself",
      { x: { type: "symlink", linkname: "x" }, "manifest.json": '[{"Config":"c","Layers":["x"]}]', c: "{}" },
    ],
  ])("%s", async (_, files) => {
    await expect(readSavedImage(inParts(await tarOf(files)), "b")).rejects.toMatchObject({ exitCode: 65 });
  });
});

test("any bytes are an image, or an error of the block", async () => {
  const sound = await savedImageOf([
    { ...block, "d/a": "1", l: { type: "symlink", linkname: "d/a" } },
    { ".wh.l": "" },
  ]);
  const change = fc.tuple(fc.nat(sound.length - 1), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 8 }), fc.nat(sound.length), async (changes, end) => {
      const bytes = Buffer.from(sound);
      for (const [at, byte] of changes) bytes[at] = byte;
      const archive = end % 4 === 0 ? bytes.subarray(0, end) : bytes;
      try {
        const { entries } = await readSavedImage(inParts(archive), "b");
        for (const path of entries.keys()) expect(path).not.toMatch(/^\/|(?:^|\/)\.\.(?:\/|$)/);
      } catch (error) {
        expect(error).toMatchObject({ exitCode: 65 });
      }
    }),
    { numRuns: 300 },
  );
});

function savedLayer(layer: Uint8Array): Promise<Buffer> {
  return tarOf({
    "l.tar": { content: layer },
    c: "{}",
    "manifest.json": JSON.stringify([{ Config: "c", Layers: ["l.tar"] }]),
  });
}
