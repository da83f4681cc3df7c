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
import { Version } from "@cyclonedx/cyclonedx-library/Spec";
import { JsonStrictValidator } from "@cyclonedx/cyclonedx-library/Validation";
import manifest from "../../package.json" with { type: "json" };
import { version } from "../../src/version.ts";
import { call, namesIn } from "../support/harness.ts";

const root = resolve(import.meta.dir, "../..");
const completions = [
  ["bash", "bash-completion/completions/polycrate"],
  ["fish", "fish/vendor_completions.d/polycrate.fish"],
  ["zsh", "zsh/site-functions/_polycrate"],
] as const;

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

test("a release has archives and packages with sums that fit, and nothing else", async () => {
  const sums = await call(["sha256sum", "--check", "--strict", "SHA256SUMS"], { directory: first });
  expect(sums.exitCode).toBe(0);
  const files = [
    ...["Dockerfile", "install.sh", "manual.html"],
    ...[`polycrate-${version}.tgz`, `polycrate-linux-x64-${version}.tgz`, "polycrate-linux-x64.tar.gz"],
    ...["polycrate.cdx.json", "polycrate.nix", "polycrate.rb", `polycrate_${version}_amd64.deb`],
  ];
  expect(sums.stdout.trim().split("\n").sort()).toEqual(files.map((file) => `${file}: OK`));
  expect(namesIn(first)).toEqual([...files, "SHA256SUMS"].sort());
});

test("the archive has an executable that says its version, manual pages and completions", async () => {
  const executable = await unpack(join(first, "polycrate-linux-x64.tar.gz"), join(scratch, "unpacked"));
  expect(await call([executable, "version"])).toEqual({ stdout: `${version}\n`, stderr: "", exitCode: 0 });
  const share = join(scratch, "unpacked/share");
  expect(readFileSync(join(share, "man/man1/polycrate-run.1"), "utf8")).toStartWith(".TH ");
  for (const [shell, path] of completions) {
    const { stdout } = await call([executable, "completion", shell]);
    expect(readFileSync(join(share, path), "utf8")).toBe(stdout);
  }
}, 120_000);

test("two releases of the same sources are the same, byte for byte, and leave nothing of a release before", async () => {
  const other = join(scratch, "a longer name");
  mkdirSync(other);
  writeFileSync(join(other, "polycrate-0.0.1.tgz"), "old");
  writeFileSync(join(other, "SHA256SUMS"), `${"0".repeat(64)}  polycrate-0.0.1.tgz\n`);
  await release("a longer name", "linux-x64");
  expect(namesIn(other)).toEqual(namesIn(first));
  for (const file of namesIn(first)) {
    expect([file, readFileSync(join(other, file)).equals(readFileSync(join(first, file)))]).toEqual([
      file,
      true,
    ]);
  }
}, 120_000);

test("formula and nix expression have the archive's address and its checksum", () => {
  const sums = readFileSync(join(first, "SHA256SUMS"), "utf8");
  const [, sum = "none"] = /^([0-9a-f]{64}) {2}polycrate-linux-x64\.tar\.gz$/m.exec(sums) ?? [];
  const address = "https://PAGE/polycrate-linux-x64.tar.gz";
  const formula = readFileSync(join(first, "polycrate.rb"), "utf8");
  expect(formula).toContain(`on_intel do\n      url "${address}"\n      sha256 "${sum}"\n`);
  const expression = readFileSync(join(first, "polycrate.nix"), "utf8");
  expect(expression).toContain(`x86_64-linux = {\n      url = "${address}";\n      sha256 = "${sum}";\n`);
});

test("the installer of a page knows its address", async () => {
  const { stderr } = await call(["/bin/sh", join(first, "install.sh")], { env: { PATH: "/nowhere" } });
  expect(stderr).not.toContain("missing release page");
  expect(readFileSync(join(first, "install.sh"), "utf8")).toContain("${POLYCRATE_RELEASE_URL:-https://PAGE}");
});

test("the bill of materials is valid, and has every package that the executable is made of", async () => {
  const text = readFileSync(join(first, "polycrate.cdx.json"), "utf8");
  expect(await new JsonStrictValidator(Version.v1dot6).validate(text)).toBeNull();
  const { components }: { components: readonly { purl: string; licenses: unknown }[] } = JSON.parse(text);
  const purls = components.map(({ purl }) => purl);
  const wanted = Object.keys(manifest.dependencies).map((name) => `pkg:npm/${name.replace("@", "%40")}@`);
  expect(wanted.filter((start) => !purls.some((purl) => purl.startsWith(start)))).toEqual([]);
  expect(purls.join(" ")).not.toContain("typescript");
});

test.skipIf(Bun.which("readelf") === null)(
  "the Debian package asks for a C library that has all that the executable uses",
  async () => {
    const executable = await unpack(join(first, "polycrate-linux-x64.tar.gz"), join(scratch, "libc"));
    const { stdout } = await call(["readelf", "--version-info", executable]);
    const versions = [...stdout.matchAll(/GLIBC_(\d+\.\d+)/g)].map(([, one = ""]) => one);
    const newest = versions.toSorted(Bun.semver.order).at(-1);
    const deb = join(first, `polycrate_${version}_amd64.deb`);
    const control = await call(["sh", "-c", `ar p "$1" control.tar.gz | tar -xzO ./control`, "sh", deb]);
    expect(control.stdout).toContain(`\nDepends: libc6 (>= ${newest})\n`);
  },
);

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
