import { expect, test } from "bun:test";
import { chmodSync, cpSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { call, type Folder, makeFolder } from "../support/harness.ts";
import { root } from "../support/readme.ts";

/** A project that has installed polycrate with npm: its launcher, and the packages of these platforms. */
function projectWith(...platforms: readonly string[]): Folder {
  const folder = makeFolder({}, "a project");
  const launcher = join(folder.path, "node_modules/polycrate/bin/polycrate");
  mkdirSync(dirname(launcher), { recursive: true });
  cpSync(join(root, "scripts/release/launcher.sh"), launcher);
  chmodSync(launcher, 0o755);
  for (const platform of platforms) {
    write(folder, `node_modules/@polycrate/${platform}/bin/polycrate`, `echo ${platform}: "$@"`);
  }
  return folder;
}

function write(folder: Folder, path: string, script: string): void {
  folder.write(path, `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder.path, path), 0o755);
}

/** Runs the launcher through a link, as npm makes it, on a machine with these answers. */
function launch(folder: Folder, { system = "Linux x86_64", ldd = "ldd (GNU libc) 2.36" } = {}) {
  write(folder, "machine/uname", `echo ${system}`);
  write(folder, "machine/ldd", `echo "${ldd}"`);
  mkdirSync(join(folder.path, "node_modules/.bin"), { recursive: true });
  symlinkSync("../polycrate/bin/polycrate", join(folder.path, "node_modules/.bin/polycrate"));
  const env = { PATH: `${join(folder.path, "machine")}:${process.env.PATH}` };
  return call(["node_modules/.bin/polycrate", "run", "two words"], { directory: folder.path, env });
}

test.each([
  ["Linux x86_64", "linux-x64"],
  ["Linux aarch64", "linux-arm64"],
  ["Darwin x86_64", "darwin-x64"],
  ["Darwin arm64", "darwin-arm64"],
])("on %s it starts %s, with the words as they are", async (system, platform) => {
  using folder = projectWith("linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64");
  const result = await launch(folder, { system });
  expect(result).toEqual({ stdout: `${platform}: run two words\n`, stderr: "", exitCode: 0 });
});

test.each([
  ["the only package, which is for musl", ["linux-x64-musl"], "musl libc (x86_64)", "linux-x64-musl"],
  ["of both the one for musl, on musl", ["linux-x64", "linux-x64-musl"], "musl libc", "linux-x64-musl"],
  ["of both the one for glibc, on glibc", ["linux-x64", "linux-x64-musl"], "GNU libc", "linux-x64"],
])("it starts %s", async (_, packages, ldd, platform) => {
  using folder = projectWith(...packages);
  expect((await launch(folder, { ldd })).stdout).toBe(`${platform}: run two words\n`);
});

test("in a shell under Rosetta it starts the executable that npm installed", async () => {
  using folder = projectWith("darwin-arm64");
  expect((await launch(folder, { system: "Darwin x86_64" })).stdout).toStartWith("darwin-arm64:");
});

test("it finds the executable beside itself, where pnpm keeps a package with its dependencies", async () => {
  using folder = makeFolder({});
  const store = "node_modules/.pnpm/polycrate@1.0.0/node_modules";
  mkdirSync(join(folder.path, store, "polycrate/bin"), { recursive: true });
  cpSync(join(root, "scripts/release/launcher.sh"), join(folder.path, store, "polycrate/bin/polycrate"));
  write(folder, `${store}/@polycrate/linux-x64/bin/polycrate`, "echo found");
  symlinkSync(".pnpm/polycrate@1.0.0/node_modules/polycrate", join(folder.path, "node_modules/polycrate"));
  write(folder, "machine/uname", "echo Linux x86_64");
  const { stdout } = await call(["sh", "node_modules/polycrate/bin/polycrate"], {
    directory: folder.path,
    env: { PATH: `${join(folder.path, "machine")}:${process.env.PATH}` },
  });
  expect(stdout).toBe("found\n");
});

test("without the platform's package it says which one is missing, and what to do", async () => {
  using folder = projectWith("darwin-arm64");
  expect(await launch(folder)).toEqual({
    stdout: "",
    stderr:
      "error: the package @polycrate/linux-x64, which has the executable, is not installed\n" +
      "hint: install polycrate again without `--no-optional` or `--omit=optional`, and on the platform that it runs on\n",
    exitCode: 69,
  });
});

test("on a platform without an executable it says so", async () => {
  using folder = projectWith();
  const { stderr, exitCode } = await launch(folder, { system: "FreeBSD amd64" });
  expect(stderr).toStartWith("error: there is no executable for FreeBSD amd64\n");
  expect(exitCode).toBe(69);
});

test("the executable takes the launcher's place, so that a signal reaches it", async () => {
  using folder = projectWith();
  write(
    folder,
    "node_modules/@polycrate/linux-x64/bin/polycrate",
    'trap "echo got TERM; exit 143" TERM; echo "$$"; while :; do sleep 0.01; done',
  );
  write(folder, "machine/uname", "echo Linux x86_64");
  const started = Bun.spawn([join(folder.path, "node_modules/polycrate/bin/polycrate")], {
    env: { PATH: `${join(folder.path, "machine")}:${process.env.PATH}` },
    stdout: "pipe",
  });
  let output = "";
  for await (const chunk of started.stdout.pipeThrough(new TextDecoderStream())) {
    if (output === "") started.kill("SIGTERM");
    output += chunk;
  }
  expect(output).toBe(`${started.pid}\ngot TERM\n`);
  expect(await started.exited).toBe(143);
});
