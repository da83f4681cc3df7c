import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { collect, startProcess } from "../../../src/host/process.ts";
import { type BuildContext, readBuildContext } from "../../../src/image/buildContext.ts";
import { contextTar, sendContext } from "../../../src/image/tar.ts";
import { tarHeader } from "../../../src/tar/tarHeader.ts";
import { anyName, contextLines, linesOf, treeOf, writeTree } from "../../support/contextTree.ts";
import { call, type Folder, makeFolder } from "../../support/harness.ts";
import { host, runAfter, runScript } from "../../support/separateProcess.ts";

const everything = { Dockerfile: "FROM scratch\nCOPY . /\n" };

function contextOf(folder: Folder): Promise<BuildContext> {
  return readBuildContext(folder.path, "Dockerfile", { builtinIgnores: [] });
}

async function tarOf(context: BuildContext, folder: Folder): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(contextTar(context, folder.path)));
}

test("GNU tar gets out of it what was hashed, whatever the names are", async () => {
  await fc.assert(
    fc.asyncProperty(treeOf(anyName), async (tree) => {
      using folder = makeFolder(everything);
      using unpacked = makeFolder({});
      writeTree(folder.path, tree);
      const context = await contextOf(folder);
      const input = await tarOf(context, folder);
      const { stderr } = await call(["tar", "-xpf", "-", "-C", unpacked.path], { input });
      expect(stderr).toBe("");
      expect(linesOf(unpacked.path)).toEqual(contextLines(context));
    }),
    { numRuns: 40 },
  );
});

test("it is the same for the same files: no times, no owners, no names of users", async () => {
  using one = makeFolder({ ...everything, "a.txt": "a" });
  using other = makeFolder({ "a.txt": "a", ...everything });
  const tar = await tarOf(await contextOf(one), one);
  expect(await tarOf(await contextOf(other), other)).toEqual(tar);
  const listing = await call(["tar", "--utc", "-tvf", "-"], { input: tar });
  expect(listing.stdout).toMatchInlineSnapshot(`
"drwxr-xr-x 0/0               0 2000-01-01 00:00 ./
-rw-r--r-- 0/0              22 2000-01-01 00:00 Dockerfile
-rw-r--r-- 0/0               1 2000-01-01 00:00 a.txt
"
`);
});

test.each([96, 97, 98, 99, 100, 101, 980, 990, 991, 992])(
  "a path of %d bytes comes back whole",
  async (length) => {
    const path = `${"d/".repeat(length / 2 - 1)}`.padEnd(length, "f");
    using folder = makeFolder({ ...everything, [path]: "" });
    const listing = await call(["tar", "-tf", "-"], { input: await tarOf(await contextOf(folder), folder) });
    expect(listing.stdout.split("\n")).toContain(path);
  },
);

test("a size that has no room in the header stands before it", () => {
  const header = Buffer.from(tarHeader({ path: "a", kind: "file", mode: 0o644, size: 2 ** 40 }));
  expect(header.toString()).toContain("22 size=1099511627776\n");
  expect(header.length).toBe(3 * 512);
  expect(tarHeader({ path: "ä", kind: "file", mode: 0o644, size: 0 }).length).toBe(3 * 512);
});

describe("a file that changes between hashing and sending is an error in the middle of the tar:", () => {
  test.each<[string, (path: string) => void]>([
    ["other content", (path) => writeFileSync(path, "B".repeat(3_000_000))],
    ["less content", (path) => truncateSync(path, 2_999_999)],
    ["more content", (path) => appendFileSync(path, "b")],
    ["no file", (path) => rmSync(path)],
    ["a folder", putInstead((path) => mkdirSync(path))],
    ["a link to the same content", putInstead((path) => symlinkSync(`${path}.moved`, path))],
  ])("%s", async (_, change) => {
    using folder = makeFolder({ ...everything, "b.txt": "b".repeat(3_000_000) });
    const context = await contextOf(folder);
    change(join(folder.path, "b.txt"));
    const parts: Uint8Array[] = [];
    const sending = (async () => {
      for await (const part of contextTar(context, folder.path)) parts.push(part);
    })();
    await expect(sending).rejects.toThrow("`b.txt` changed while it was sent to docker");
    const listing = await call(["tar", "-xOf", "-"], { input: Buffer.concat(parts) });
    expect(listing.stderr).toContain("Unexpected EOF");
  });

  test("a tar never ends between two entries, as docker takes that for complete", async () => {
    using folder = makeFolder({ ...everything, "b.txt": "b" });
    const context = await contextOf(folder);
    folder.write("b.txt", "c");
    const parts: Uint8Array[] = [];
    const sending = (async () => {
      for await (const part of contextTar(context, folder.path)) parts.push(part);
    })();
    await expect(sending).rejects.toThrow("`b.txt` changed");
    const listing = await call(["tar", "-tf", "-"], { input: Buffer.concat(parts) });
    expect(listing.stderr).toContain("Unexpected EOF");
  });

  test("its times and mode are no content", async () => {
    using folder = makeFolder({ ...everything, "b.txt": "b" });
    const context = await contextOf(folder);
    const before = await tarOf(context, folder);
    chmodSync(join(folder.path, "b.txt"), 0o600);
    expect(await tarOf(context, folder)).toEqual(before);
  });
});

describe("sending it", () => {
  const reading = (...argv: readonly string[]) => {
    const started = startProcess(argv, { directory: tmpdir(), environment: process.env, input: "piped" });
    if (started.stdin === undefined) throw new Error("the input is piped");
    return { ...started, stdin: started.stdin };
  };

  test("waits for the reader and ends its input", async () => {
    using folder = makeFolder({ ...everything, "b.txt": "b".repeat(3_000_000) });
    const context = await contextOf(folder);
    const reader = reading("sha256sum");
    const [printed] = await Promise.all([
      collect(reader.stdout),
      sendContext(context, folder.path, reader.stdin),
    ]);
    const expected = new Bun.CryptoHasher("sha256").update(await tarOf(context, folder)).digest("hex");
    expect(printed).toBe(`${expected}  -\n`);
  });

  test("is no error when docker stops reading", async () => {
    using folder = makeFolder({ ...everything, "b.txt": "b".repeat(30_000_000) });
    const reader = reading("head", "-c", "10");
    await sendContext(await contextOf(folder), folder.path, reader.stdin);
    expect(await reader.stdin.write(Buffer.from("more"))).toBe(false);
    expect(await reader.ended).toBe(0);
  });

  test("closes docker's input when a file has changed, so that docker ends too", async () => {
    using folder = makeFolder({ ...everything, "b.txt": "b" });
    const context = await contextOf(folder);
    folder.write("b.txt", "c");
    const reader = reading("cat");
    await expect(sendContext(context, folder.path, reader.stdin)).rejects.toThrow("`b.txt` changed");
    expect(await reader.ended).toBe(0);
  });

  test("takes little memory for a large file", async () => {
    using folder = makeFolder({ ...everything, "large.bin": "" });
    truncateSync(join(folder.path, "large.bin"), 600_000_000);
    // A process of its own: in this one the garbage of other tests counts.
    const measure = `
      const { readBuildContext } = await import("${host}/../image/buildContext.ts");
      const { contextTar } = await import("${host}/../image/tar.ts");
      const context = await readBuildContext(process.cwd(), "Dockerfile", { builtinIgnores: [] });
      Bun.gc(true);
      const before = process.memoryUsage.rss();
      let most = 0;
      for await (const _ of contextTar(context, process.cwd())) most = Math.max(most, process.memoryUsage.rss());
      console.log(most - before);`;
    const { stdout } = await runScript(measure, folder.path);
    expect(Number(stdout)).toBeWithin(1, 100_000_000);
  });
});

function putInstead(put: (path: string) => void): (path: string) => void {
  return (path) => {
    renameSync(path, `${path}.moved`);
    put(path);
  };
}

test("a folder that becomes a link while a build context is read gives no file of the host to the image", async () => {
  using folder = makeFolder({
    "w/d/shadow": "ours",
    "w/Dockerfile": "FROM scratch\nCOPY d /\n",
    "out/shadow": "secret",
  });
  const swap =
    'if (path.endsWith("/shadow") && !fs.existsSync("moved")) { fs.renameSync("w/d", "moved"); fs.symlinkSync("../out", "w/d"); }';
  const action = `
    const { readBuildContext } = await import("${host}/../image/buildContext.ts");
    const { contextTar } = await import("${host}/../image/tar.ts");
    const root = process.cwd() + "/w";
    const context = await readBuildContext(root, "Dockerfile", { builtinIgnores: [] });
    for await (const part of contextTar(context, root)) console.log(Buffer.from(part).toString());`;
  const { stdout } = await runAfter(`{ openSync: (path) => { ${swap} } }`, action, folder.path);
  expect(stdout).not.toContain("secret");
  expect(stdout).toContain("`d/shadow` changed while it was sent to docker");
});
