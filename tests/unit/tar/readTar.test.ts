import { describe, expect, test } from "bun:test";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { pack } from "tar-stream";
import { readTar, type TarLimits } from "../../../src/tar/readTar.ts";
import {
  endOfTar,
  modified,
  sparseMap,
  type TarMetadata,
  tarHeader,
  tarPadding,
} from "../../../src/tar/tarHeader.ts";
import { inParts } from "../../support/blockImages.ts";
import { call, makeFolder } from "../../support/harness.ts";
import { apply } from "../../support/transfer.ts";

const limits: TarLimits = { entries: 100, bytes: 1e6, fail: (problem) => new Error(`bad: ${problem}`) };

/** The entries of an archive, read in parts of that size; contents as text. */
async function entriesIn(archive: Uint8Array, size = 1000, given = limits) {
  const found = [];
  for await (const { content, ...entry } of readTar(inParts(archive, size), given)) {
    const text = Buffer.concat(await Array.fromAsync(content())).toString("latin1");
    found.push({ ...entry, text });
  }
  return found;
}

/** A line for each entry. */
async function linesIn(archive: Uint8Array, size?: number): Promise<readonly string[]> {
  return (await entriesIn(archive, size)).map(({ path, kind, mode, target, text }) =>
    [kind, mode.toString(8), JSON.stringify(path), target, text.slice(0, 20)].join(" ").trim(),
  );
}

function archiveOf(...entries: readonly (readonly [Partial<TarMetadata>, string?])[]): Buffer {
  const parts = entries.flatMap(([metadata, content = ""]) => [
    tarHeader({ path: "x", kind: "file", mode: 0o644, size: content.length, ...metadata }),
    Buffer.from(content, "latin1"),
    tarPadding(content.length),
  ]);
  return Buffer.concat([...parts, endOfTar]);
}

describe("what GNU tar writes is read:", () => {
  test.each(["gnu", "oldgnu", "pax", "ustar", "v7"])("--format=%s", async (format) => {
    using folder = makeFolder({ a: "1", "d/b": "two" });
    apply(folder.path, [
      { do: "chmod", path: "a", mode: 0o4755 },
      { do: "link", path: "a", to: "d/c" },
      { do: "symlink", path: "l", target: "../b\udcffd" },
      { do: "write", path: "b\udcffd", content: "" },
      { do: "write", path: "li\nne", content: "" },
    ]);
    const words = [
      "tar",
      "--sort=name",
      "-C",
      folder.path,
      `--format=${format}`,
      "-cf",
      `${folder.path}.tar`,
    ];
    expect(await call([...words, "."], { env: { LC_ALL: "C" } })).toMatchObject({ stderr: "" });
    const archive = Buffer.from(await Bun.file(`${folder.path}.tar`).arrayBuffer());
    expect(await linesIn(archive)).toEqual([
      'directory 755 "."',
      'file 4755 "a"  1',
      'file 644 "b\\udcffd"',
      'directory 755 "d"',
      'file 644 "d/b"  two',
      'hard link 4755 "d/c" ./a',
      'link 777 "l" ../b\udcffd',
      'file 644 "li\\nne"',
    ]);
  });

  test.each(["gnu", "pax"])("paths and targets of any length, with --format=%s", async (format) => {
    using folder = makeFolder({});
    const path = `${"d/".repeat(100)}${"f".repeat(200)}`;
    const target = "t".repeat(300);
    folder.write(path, "deep");
    apply(folder.path, [{ do: "symlink", path: "l", target }]);
    const words = ["tar", "-C", folder.path, `--format=${format}`, "-cf", `${folder.path}.tar`, "l", path];
    await call(words);
    const archive = Buffer.from(await Bun.file(`${folder.path}.tar`).arrayBuffer());
    expect(await linesIn(archive)).toEqual([`link 777 "l" ${target}`, `file 644 "${path}"  deep`]);
  });

  test("times in nanoseconds, before 1970 too", async () => {
    using folder = makeFolder({ a: "", b: "" });
    await call(["touch", "-d", "@-1.000000001", "a"], { directory: folder.path });
    await call(["touch", "-d", "@1234567890.123456789", "b"], { directory: folder.path });
    await call(["tar", "--format=pax", "-cf", "x.tar", "a", "b"], { directory: folder.path });
    const archive = Buffer.from(await Bun.file(join(folder.path, "x.tar")).arrayBuffer());
    const times = (await entriesIn(archive)).map(({ mtime }) => mtime);
    expect(times).toEqual([-1_000_000_001n, 1_234_567_890_123_456_789n]);
  });

  test("sparse files, with holes at the beginning, in the middle and at the end", async () => {
    using folder = makeFolder({});
    const file = join(folder.path, "s");
    const content = Buffer.alloc(400_000);
    content.write("one", 100_000);
    content.write("two", 300_000);
    writeFileSync(file, "");
    truncateSync(file, content.length);
    for (const at of [100_000, 300_000]) {
      const words = ["dd", `of=${file}`, "conv=notrunc", "bs=1", `seek=${at}`];
      await call(words, { input: content.subarray(at, at + 3) });
    }
    await call(["tar", "--format=pax", "--sparse", "-cf", "x.tar", "s"], { directory: folder.path });
    const archive = Buffer.from(await Bun.file(join(folder.path, "x.tar")).arrayBuffer());
    expect(archive.length).toBeLessThan(50_000);
    const [entry] = await entriesIn(archive);
    const filled = Buffer.alloc(entry?.size ?? 0);
    let at = 0;
    for (const { offset, length } of entry?.regions ?? []) {
      filled.write(entry?.text.slice(at, at + length) ?? "", offset, "latin1");
      at += length;
    }
    expect(entry).toMatchObject({ path: "s", kind: "file" });
    expect(filled.equals(content)).toBe(true);
  });
});

test("what tar-stream writes is read", async () => {
  const stream = pack();
  stream.entry({ name: "ä/", type: "directory" });
  stream.entry({ name: `${"x/".repeat(120)}y`, mode: 0o600 }, "content");
  stream.entry({ name: "pipe", type: "fifo" });
  stream.entry({ name: "dev", type: "character-device" });
  stream.entry({ name: "disk", type: "block-device" });
  stream.finalize();
  const archive = await buffer(stream);
  expect(await linesIn(archive, 7)).toEqual([
    'directory 755 "ä"',
    `file 600 "${"x/".repeat(120)}y"  content`,
    'fifo 644 "pipe"',
    'character device 644 "dev"',
    'block device 644 "disk"',
  ]);
});

const anyPath = fc
  .array(fc.constantFrom("a", "ä", "\udcff", " ", "\n", "=", "x".repeat(90)), { minLength: 1, maxLength: 30 })
  .map((parts) => parts.join("").slice(0, 250));

test("what the writer writes is read, whatever its paths, times, modes and owners are", async () => {
  const entry = fc.record({
    path: anyPath,
    kind: fc.constantFrom("file", "directory", "link", "hardLink" as const),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    target: anyPath,
    mtime: fc.bigInt({ min: -(10n ** 19n), max: 10n ** 20n }),
    owner: fc.record({ uid: fc.nat(2 ** 32 - 1), gid: fc.nat(2 ** 32 - 1) }),
    content: fc.string({ unit: "binary-ascii", maxLength: 1500 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 5 }),
      fc.integer({ min: 1, max: 2000 }),
      async (entries, size) => {
        const contentOf = ({ kind, content }: (typeof entries)[number]) => (kind === "file" ? content : "");
        const archive = archiveOf(
          ...entries.map((one) => [{ ...one, size: contentOf(one).length }, contentOf(one)] as const),
        );
        const found = await entriesIn(archive, size);
        expect(found.map(({ path, mode, mtime, text }) => ({ path, mode, mtime, text }))).toEqual(
          entries.map((one) => ({ path: one.path, mode: one.mode, mtime: one.mtime, text: contentOf(one) })),
        );
      },
    ),
    { numRuns: 200 },
  );
});

test("a sparse file is read as it was written", async () => {
  const regions = [
    { offset: 10, length: 3 },
    { offset: 500_000, length: 2 },
  ];
  const content = `${Buffer.from(sparseMap(regions)).toString("latin1")}onexy`;
  const archive = archiveOf([{ path: "s", sparseSize: 600_000, mtime: 5n }, content], [{ path: "t" }, "t"]);
  expect(await entriesIn(archive)).toMatchObject([
    { path: "s", size: 600_000, mtime: 5n, regions, text: "onexy" },
    { path: "t", size: 1, mtime: BigInt(modified) * 10n ** 9n, text: "t" },
  ]);
});

test("an entry that is not read is skipped", async () => {
  const archive = archiveOf([{ path: "a" }, "x".repeat(5000)], [{ path: "b" }, "2"]);
  const paths: string[] = [];
  for await (const { path } of readTar(inParts(archive, 300), limits)) paths.push(path);
  expect(paths).toEqual(["a", "b"]);
});

test("its source is closed when the reader stops early", async () => {
  let isClosed = false;
  async function* source() {
    try {
      yield* inParts(archiveOf([{ path: "a" }, "1"], [{ path: "b" }]), 512);
    } finally {
      isClosed = true;
    }
  }
  for await (const _ of readTar(source(), limits)) break;
  expect(isClosed).toBe(true);
});

test("an archive that ends early is never taken for complete, wherever it ends", async () => {
  const archive = archiveOf(
    [{ path: "a".repeat(150) }, "1".repeat(600)],
    [{ path: "b" }, "2"],
    [{ path: "d" }],
  );
  const end = archive.length - 1024;
  for (let length = 0; length <= end; length += length % 512 === 0 ? 1 : 511) {
    await expect(entriesIn(archive.subarray(0, length))).rejects.toThrow("bad: it ends too early");
  }
  expect(await entriesIn(archive.subarray(0, end + 512))).toHaveLength(3);
});

/** A header block with other bytes, and the checksum for them. */
function spoiled(archive: Buffer, at: number, text: string): Buffer {
  const block = Buffer.from(archive);
  block.write(text, at, "latin1");
  block.fill(0x20, 148, 156);
  const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function paxArchive(records: string): Buffer {
  const header = archiveOf([{ path: "pax" }, records]);
  return Buffer.concat([spoiled(header.subarray(0, -1024), 156, "x"), archiveOf([{ path: "x" }, "content"])]);
}

const plain = archiveOf([{ path: "a" }, "1"]);

describe("what is no archive is an error:", () => {
  test.each<[string, Buffer, string]>([
    ["a wrong checksum", Buffer.concat([Buffer.from("b"), plain.subarray(1)]), "it is damaged"],
    ["text", Buffer.from("hello ".repeat(200)), "it is damaged"],
    ["a size of no digits", spoiled(plain, 124, "zzzzzzzzzzz\0"), "it is damaged"],
    ["a negative size", spoiled(plain, 124, "\xff".repeat(12)), "it is damaged"],
    ["a size beyond all numbers", spoiled(plain, 124, `\x80${"\x7f".repeat(11)}`), "it is damaged"],
    ["a size beyond the archive", spoiled(plain, 124, "00000777777\0"), "it ends too early"],
    ["a size beyond the limit", spoiled(plain, 124, "77777777777\0"), "its files are larger than 0.001 GB"],
    ["an unknown type", spoiled(plain, 156, "Q"), "it has an entry of the unknown type `Q`"],
    ["a sparse file of the old kind", spoiled(plain, 156, "S"), "it has an entry of the unknown type `S`"],
    ["a long name that is too long", spoiled(spoiled(plain, 124, "77777777777\0"), 156, "L"), "too large"],
    ["a pax header without lengths", paxArchive("hello=there\n"), "it has a header that is damaged"],
    ["a pax record that is too long", paxArchive("99 path=a\n"), "it has a header that is damaged"],
    ["a pax record without an end", paxArchive("9 path=ab"), "it has a header that is damaged"],
    ["a pax record without a value", paxArchive("8 path.\n"), "it has a header that is damaged"],
    ["a pax record of no length", paxArchive("0 path=a\n"), "it has a header that is damaged"],
    ["a zero byte in a path", paxArchive("12 path=a\0b\n"), "it has a name with a zero byte"],
    ["a pax size that lies", paxArchive("13 size=9999\n"), "it ends too early"],
    ["a pax size that is no number", paxArchive("11 size=-1\n"), "it has the size `-1`"],
    ["a pax size beyond the limit", paxArchive("21 size=999999999999\n"), "its files are larger"],
    ["a time that is no number", paxArchive("13 mtime=1e9\n"), "it has the time `1e9`"],
  ])("%s", async (_, archive, message) => {
    await expect(entriesIn(archive)).rejects.toThrow(`bad: `);
    await expect(entriesIn(archive)).rejects.toThrow(message);
  });

  test.each<[string, string, number]>([
    ["no map", "", 10],
    ["no number", "x\n", 10],
    ["a number without an end", "1".repeat(600), 10],
    ["too many parts", "100001\n", 10],
    ["parts beyond the end", "1\n8\n3\n", 10],
    ["parts that overlap", "2\n0\n5\n4\n1\n", 10],
    ["parts in another order", "2\n5\n1\n0\n1\n", 10],
    ["more data than the map says", "1\n0\n1\n", 10],
  ])("a sparse file with %s", async (_, map, sparseSize) => {
    const content = `${map.padEnd(map === "" ? 0 : Math.ceil(map.length / 512) * 512, "\0")}data`;
    const archive = archiveOf([{ path: "s", sparseSize }, content]);
    await expect(entriesIn(archive)).rejects.toThrow("a sparse file");
  });

  test("more entries than the limit", async () => {
    const archive = archiveOf(...Array.from({ length: 101 }, () => [{ path: "a" }] as const));
    await expect(entriesIn(archive)).rejects.toThrow("bad: it has more than 100 entries");
  });

  test("a sparse file of 100 GB that takes no room", async () => {
    const map = Buffer.from(sparseMap([])).toString("latin1");
    const archive = archiveOf([{ path: "s", sparseSize: 100e9 }, map]);
    await expect(entriesIn(archive)).rejects.toThrow("bad: its files are larger than 0.001 GB");
  });

  test("any bytes, and any change of an archive: an error of the archive, or entries, but never a hang", async () => {
    const valid = archiveOf([{ path: "a".repeat(120), mtime: 5n }, "1".repeat(700)], [{ path: "b" }, "2"]);
    const edits = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    const changed = edits.map((list) => {
      const copy = Buffer.from(valid);
      for (const [at, byte] of list) copy[at] = byte;
      return copy;
    });
    const repaired = edits.map((list) => {
      const copy = Buffer.from(valid);
      for (const [at, byte] of list) copy[at % 512] = byte;
      return spoiled(copy, 0, "");
    });
    const bytes = fc.uint8Array({ maxLength: 3000 }).map((array) => Buffer.from(array));
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, changed, repaired), async (archive) => {
        const reading = entriesIn(archive);
        await reading.catch((error: unknown) => {
          if (!(error instanceof Error) || !error.message.startsWith("bad: ")) throw error;
        });
      }),
      { numRuns: 2000 },
    );
  });
});
