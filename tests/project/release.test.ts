import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { version } from "../../src/version.ts";
import { call } from "../support/harness.ts";

const root = resolve(import.meta.dir, "../..");
let scratch = "";
let first = "";

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "polycrate-release-"));
  first = await release("first", "linux-x64");
}, 120_000);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Makes the archives of these platforms in a folder of that name, and returns the folder. */
async function release(name: string, ...platforms: readonly string[]): Promise<string> {
  const out = join(scratch, name);
  const made = await call([process.execPath, "scripts/release.ts", "--out", out, ...platforms], {
    directory: root,
  });
  expect(made).toMatchObject({ stdout: "", exitCode: 0 });
  return out;
}

async function unpack(archive: string, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  expect(await call(["tar", "-xzf", archive, "-C", folder])).toMatchObject({ stderr: "", exitCode: 0 });
  return join(folder, "polycrate");
}

test("a release has an archive with sums that fit, the installer, and an executable that says its version", async () => {
  const sums = await call(["sha256sum", "--check", "--strict", "SHA256SUMS"], { directory: first });
  expect(sums).toMatchObject({ stdout: "polycrate-linux-x64.tar.gz: OK\n", exitCode: 0 });
  expect(readFileSync(join(first, "install.sh"))).toEqual(readFileSync(join(root, "scripts/install.sh")));
  const executable = await unpack(join(first, "polycrate-linux-x64.tar.gz"), join(scratch, "unpacked"));
  expect(await call([executable, "version"])).toEqual({ stdout: `${version}\n`, stderr: "", exitCode: 0 });
}, 120_000);

test("two releases of the same sources are the same, byte for byte, whatever their folder is called", async () => {
  const other = await release("a longer name", "linux-x64");
  const sums = readFileSync(join(first, "SHA256SUMS"), "utf8");
  expect(sums).toMatch(/^[0-9a-f]{64} {2}polycrate-linux-x64\.tar\.gz\n$/);
  expect(readFileSync(join(other, "SHA256SUMS"), "utf8")).toBe(sums);
  const archive = "polycrate-linux-x64.tar.gz";
  expect(readFileSync(join(other, archive)).equals(readFileSync(join(first, archive)))).toBe(true);
}, 120_000);

test("a platform that is none is refused", async () => {
  const result = await call([process.execPath, "scripts/release.ts", "windows-x64"], { directory: root });
  expect(result.exitCode).toBe(64);
  expect(result.stderr).toStartWith("error: unknown platform `windows-x64`\nhint: use one of linux-x64, ");
});

const loader = "/lib/ld-musl-x86_64.so.1";
const [library = ""] = [...new Bun.Glob("/usr/lib/gcc/x86_64-linux-gnu/*/libstdc++.a").scanSync("/")];
const canRunMusl =
  process.arch === "x64" && existsSync(loader) && library !== "" && Bun.which("gcc") !== null;

test.skipIf(!canRunMusl)(
  "the executable for musl runs with musl's loader",
  async () => {
    const out = await release("musl", "linux-x64-musl");
    const executable = await unpack(
      join(out, "polycrate-linux-x64-musl.tar.gz"),
      join(scratch, "musl-unpacked"),
    );
    const libraries = await muslLibraries(executable);
    const env = { LD_LIBRARY_PATH: libraries };
    expect(await call([executable, "version"], { env })).toEqual({
      stdout: `${version}\n`,
      stderr: "",
      exitCode: 0,
    });
    writeFileSync(join(scratch, "workspace.poly"), "name: on-musl\nblocks: [{name: web}]\n");
    const listed = await call([executable, "list", "--workspace", scratch], { env });
    expect(listed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("web") });
  },
  120_000,
);

/**
 * Debian has musl, but no C++ library for it, as Alpine has in its package `libstdc++`. So one is linked of what the executable
 * asks for, out of the static one of GNU's; a few functions that only glibc has are put in its place.
 */
async function muslLibraries(executable: string): Promise<string> {
  const folder = join(scratch, "musl-libraries");
  mkdirSync(folder);
  symlinkSync(loader, join(folder, "libc.musl-x86_64.so.1"));
  writeFileSync(
    join(folder, "glibc.c"),
    `void *__dso_handle __attribute__((visibility("hidden"))) = &__dso_handle;
char __libc_single_threaded = 0;
int _dl_find_object(void *pc, void *result) { return -1; }
unsigned arc4random(void) { return 4; }
`,
  );
  const { stdout } = await call(["readelf", "--wide", "--dyn-syms", executable]);
  const wanted = [
    ...stdout.matchAll(/ UND (_Z\w+|__cxa_\w+|__gxx\w+|_Unwind\w+|__once_proxy|__dynamic_cast)/g),
  ]
    .map(([, symbol = ""]) => symbol)
    .filter((symbol) => !/finalize|atexit/.test(symbol));
  const linked = await call(
    [
      ...[
        "gcc",
        "-shared",
        "-fPIC",
        "-nostdlib",
        "-o",
        "libstdc++.so.6",
        "-Wl,-soname,libstdc++.so.6",
        "glibc.c",
      ],
      ...[...wanted, "_ZTVN10__cxxabiv121__vmi_class_type_infoE"].map((symbol) => `-Wl,-u,${symbol}`),
      ...["-Wl,--start-group", library, "-lgcc_eh", "-lgcc", "-Wl,--end-group"],
    ],
    { directory: folder },
  );
  expect(linked).toMatchObject({ stderr: "", exitCode: 0 });
  return folder;
}
