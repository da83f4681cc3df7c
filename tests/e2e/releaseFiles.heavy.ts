import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { version } from "../../src/version.ts";
import { call, makeFolder, workspaceWith } from "../support/harness.ts";
import { root } from "../support/readme.ts";
import { cleanDebian, releaseFile, releaseFolder } from "../support/release.ts";

// The other files of a whole release: `sh scripts/test.sh --packages` alone runs this file.

setDefaultTimeout(300_000);

const image = `polycrate-test:release-${process.pid}`;
afterAll(async () => {
  await call(["docker", "image", "rm", "--force", image]);
});

const socket = (process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock").replace("unix://", "");

test("the image runs an action through a mounted socket, as root and as another user", async () => {
  const build = ["docker", "build", `--build-arg=BASE=${cleanDebian}`, `--tag=${image}`, releaseFolder];
  const built = await call(build);
  if (built.exitCode !== 0) throw new Error(built.stdout + built.stderr);
  for (const user of [[], ["--user=12345:23456", "--group-add=0"]]) {
    const script = "- {name: greet, script: [echo hello | tee greeting.txt]}";
    using folder = makeFolder({ "workspace.poly": workspaceWith(script, "user: host") });
    if (user.length > 0) await call(["chown", "-R", "12345:23456", folder.path]);
    await call(["chmod", "711", join(folder.path, "..")]);
    const { stdout, stderr, exitCode } = await call([
      ...["docker", "run", "--rm", `--volume=${socket}:/var/run/docker.sock`, ...user],
      ...[`--volume=${folder.path}:${folder.path}`, `--workdir=${folder.path}`],
      ...[image, "polycrate", "run", "b", "greet", "--workspace=."],
    ]);
    expect({ stdout, exitCode, stderr }).toMatchObject({ stdout: "hello\n", exitCode: 0 });
    expect(folder.read("greeting.txt")).toBe("hello\n");
  }
});

test("install.sh installs from the page, and refuses a flipped byte: the old executable stays", async () => {
  using folder = makeFolder({});
  const page = join(folder.path, "page");
  mkdirSync(page);
  const archive = `polycrate-linux-${process.arch}.tar.gz`;
  for (const name of [archive, "SHA256SUMS", "install.sh"])
    copyFileSync(join(releaseFolder, name), join(page, name));
  await using server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: ({ url }) => new Response(Bun.file(join(page, new URL(url).pathname))),
  });
  const install = () =>
    call(["sh", join(page, "install.sh"), "--url", `http://127.0.0.1:${server.port}`], {
      env: { HOME: folder.path, no_proxy: "127.0.0.1", NO_PROXY: "127.0.0.1" },
    });
  expect((await install()).stdout).toStartWith(`polycrate ${version} is installed: `);
  const installed = join(folder.path, ".local/bin/polycrate");
  writeFileSync(installed, "the old one");
  const bytes = readFileSync(join(page, archive));
  writeFileSync(join(page, archive), bytes.with(bytes.length >> 1, (bytes[bytes.length >> 1] ?? 0) ^ 1));
  const refused = await install();
  expect(refused.stderr).toContain("does not match SHA256SUMS");
  expect(readFileSync(installed, "utf8")).toBe("the old one");
  const man = await call(["man", "-w", "polycrate-ci"], {
    env: { HOME: folder.path, PATH: `${folder.path}/.local/bin:${process.env.PATH}`, MANPATH: undefined },
  });
  expect(man.stdout).toBe(`${folder.path}/.local/share/man/man7/polycrate-ci.7\n`);
});

test("sha256sum accepts every file, and the sums have every file", async () => {
  const { stdout, exitCode } = await call(["sha256sum", "--check", "--strict", "SHA256SUMS"], {
    directory: releaseFolder,
  });
  expect(exitCode).toBe(0);
  expect(stdout.trim().split("\n")).toHaveLength(readdirSync(releaseFolder).length - 1);
});

test("the brew formula is ruby, and has an archive for each of brew's platforms", async () => {
  const formula = releaseFile(/^polycrate\.rb$/);
  expect(await call(["ruby", "-c", formula])).toMatchObject({ stdout: "Syntax OK\n" });
  expect(readFileSync(formula, "utf8").match(/^ +url "/gm)).toHaveLength(4);
});

test.each(["x86_64-linux", "aarch64-linux", "x86_64-darwin", "aarch64-darwin"])(
  "the nix expression has the archive for %s",
  async (system) => {
    const packages = `{
      pkgs = { }; lib.optional = is: one: if is then [ one ] else [ ]; autoPatchelfHook = "hook"; fetchurl = source: source;
      stdenv = { hostPlatform = { system = "${system}"; isLinux = true; }; mkDerivation = package: package; };
    }`;
    const expression = `let package = import ${releaseFile(/\.nix$/)} ${packages}; in package.src.url + " " + package.src.sha256`;
    const { stdout } = await call(["nix-instantiate", "--eval", "--expr", expression]);
    const [, url = "", sum] = /^"(\S+) (\S+)"\n$/.exec(stdout) ?? [];
    const sums = readFileSync(join(releaseFolder, "SHA256SUMS"), "utf8");
    expect(sums).toContain(`${sum}  ${basename(url)}\n`);
  },
);

test("the executable still runs when nix has changed its loader and libraries", async () => {
  using folder = makeFolder({});
  await call([
    "tar",
    "-xzf",
    releaseFile(new RegExp(`^polycrate-linux-${process.arch}\\.tar\\.gz$`)),
    "-C",
    folder.path,
  ]);
  const executable = join(folder.path, "polycrate");
  const loader = (await call(["patchelf", "--print-interpreter", executable])).stdout.trim();
  copyFileSync(loader, join(folder.path, "loader"));
  chmodSync(join(folder.path, "loader"), 0o755);
  await call([
    "patchelf",
    "--set-interpreter",
    join(folder.path, "loader"),
    "--set-rpath",
    folder.path,
    executable,
  ]);
  expect(await call([executable, "version"])).toMatchObject({ stdout: `${version}\n`, exitCode: 0 });
});

test("mandoc, which macOS and Alpine have for man, renders the pages without a warning", async () => {
  using folder = makeFolder({});
  await call(["tar", "-xzf", releaseFile(/^polycrate-[\d.]+\.tgz$/), "-C", folder.path]);
  const pages = folder.glob("package/share/man/man*/*").map((page) => join(folder.path, page));
  expect(pages.length).toBeGreaterThan(40);
  const { stdout } = await call(["mandoc", "-T", "lint", "-W", "warning", ...pages]);
  expect(stdout).toBe("");
  const shown = await call(["mandoc", "-T", "utf8", ...pages]);
  // Bold is a character, a backspace and the character again.
  expect(shown.stdout.replaceAll(/.\x08/g, "")).toContain("polycrate run [BLOCK]");
});

test("a release that the script has signed is accepted as the manual says, and one with other sums is not", async () => {
  using folder = makeFolder({
    "bin/bun": `#!/bin/sh\nmkdir -p dist/release\ncp "${releaseFolder}/SHA256SUMS" dist/release\n`,
  });
  chmodSync(join(folder.path, "bin/bun"), 0o755);
  for (const file of ["package.json", "scripts/publish.sh"])
    cpSync(join(root, file), join(folder.path, file));
  const inFolder = (words: readonly string[], env = {}) => call(words, { directory: folder.path, env });
  await inFolder(["minisign", "-G", "-W", "-p", "key.pub", "-s", "key"]);
  const published = await inFolder(["sh", "scripts/publish.sh", `v${version}`], {
    PATH: `${folder.path}/bin:${process.env.PATH}`,
    PAGE: "https://example.org",
    MINISIGN_SECRET_KEY: folder.read("key").trimEnd(),
  });
  expect(published).toMatchObject({ exitCode: 0 });
  const key = folder.read("key.pub").trim().split("\n").at(-1) ?? "";
  const verify = ["minisign", "-V", "-P", key, "-m", "dist/release/SHA256SUMS"];
  const { stdout, exitCode } = await inFolder(verify);
  expect({ exitCode, isOurs: stdout.includes(`Trusted comment: polycrate ${version}`) }).toEqual({
    exitCode: 0,
    isOurs: true,
  });
  folder.write("dist/release/SHA256SUMS", "other sums\n");
  expect((await inFolder(verify)).exitCode).toBe(1);
});
