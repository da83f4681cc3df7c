import { expect, test } from "bun:test";
import { chmodSync, cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { version } from "../../src/version.ts";
import { call, type Folder, makeFolder } from "../support/harness.ts";
import { root } from "../support/readme.ts";

const files = [
  ...["SHA256SUMS", "install.sh", `polycrate-${version}.tgz`, `polycrate-linux-x64-${version}.tgz`],
  "polycrate-linux-x64.tar.gz",
];

const changelog = `# Changelog\n\n## 99.0.0 (2026-02-01)\n\n- Later.\n\n## ${version} (2026-01-31)\n\n- Now.\n\n## 0.0.1 (2026-01-30)\n\n- Before.\n`;

/** A checkout in which a release is made of empty files, and what is published is written down. */
function checkout(): Folder {
  const folder = makeFolder({ ".github/CHANGELOG.md": changelog });
  for (const file of ["package.json", "scripts/publish.sh"])
    cpSync(join(root, file), join(folder.path, file));
  const made = files.map((file) => `dist/release/${file}`).join(" ");
  program(folder, "bun", `echo "bun $*" >>calls; mkdir -p dist/release; touch ${made}`);
  program(folder, "gh", 'echo "gh $*" >>calls');
  const answer = 'if [ "$1" = config ]; then echo https://registry.example.org/npm/; exit; fi';
  program(folder, "npm", `${answer}; for last; do :; done; echo "npm $1 $last, $(cat "$5")" >>calls`);
  return folder;
}

function program(folder: Folder, name: string, script: string): void {
  folder.write(`bin/${name}`, `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder.path, "bin", name), 0o755);
}

function publish(folder: Folder, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const PATH = `${folder.path}/bin:${process.env.PATH}`;
  return call(["sh", "scripts/publish.sh", ...words], {
    directory: folder.path,
    env: { PATH, PAGE: "https://example.org/release", GH_TOKEN: undefined, NPM_TOKEN: undefined, ...env },
  });
}

test("with --dry-run it builds the files, and prints what would publish them", async () => {
  using folder = checkout();
  const { stdout, exitCode } = await publish(folder, ["--dry-run", `v${version}`]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("--notes \n- Now.");
  expect(stdout).not.toMatch(/Later|Before/);
  const [first, ...others] = stdout
    .trim()
    .split("\n")
    .filter((line) => /^(gh|npm) /.test(line));
  expect(first).toStartWith(`gh release create v${version} --verify-tag --title polycrate ${version}`);
  expect(others.map((line) => line.split(" ").at(-1))).toEqual([
    `dist/release/polycrate-linux-x64-${version}.tgz`,
    `dist/release/polycrate-${version}.tgz`,
  ]);
  expect(folder.read("calls")).toBe(
    "bun run release --out dist/release --page https://example.org/release\n",
  );
});

test("without a token it publishes nothing, and with npm's only there; the token is in no file and no argument", async () => {
  using folder = checkout();
  expect((await publish(folder, [`v${version}`])).exitCode).toBe(0);
  expect(folder.read("calls").match(/^(gh|npm)/gm)).toBeNull();
  expect((await publish(folder, [`v${version}`], { NPM_TOKEN: "hunter2" })).exitCode).toBe(0);
  const calls = folder.read("calls");
  expect(calls.split("\n").filter((line) => line.startsWith("npm "))).toEqual(
    [`polycrate-linux-x64-${version}.tgz`, `polycrate-${version}.tgz`].map(
      (name) => `npm publish dist/release/${name}, //registry.example.org/npm/:_authToken=\${NPM_TOKEN}`,
    ),
  );
  expect(calls).not.toContain("hunter2");
});

test.each<[string, readonly string[], Readonly<Record<string, string>>, string]>([
  ["no tag", [], {}, "missing argument TAG"],
  [
    "the tag of another version",
    ["v99.0.0"],
    {},
    `the tag v99.0.0 is not v${version}, the version in package.json`,
  ],
  ["no page", [`v${version}`], { PAGE: "" }, "PAGE is not set"],
])("it refuses %s before it builds anything", async (_, words, env, message) => {
  using folder = checkout();
  const { stderr, exitCode } = await publish(folder, words, env);
  expect(stderr).toStartWith(`error: ${message}\n`);
  expect(exitCode).toBe(1);
  expect(existsSync(join(folder.path, "calls"))).toBe(false);
});

test("it signs the sums with minisign, if there is a key", async () => {
  using folder = checkout();
  program(folder, "minisign", 'cp "$3" "$5.minisig"; ls "$3" >>calls');
  const result = await publish(folder, [`v${version}`], { MINISIGN_SECRET_KEY: "untrusted comment: k\nRWQ" });
  expect(result.exitCode).toBe(0);
  expect(folder.read("dist/release/SHA256SUMS.minisig")).toBe("untrusted comment: k\nRWQ\n");
  const key = folder.read("calls").trim().split("\n").at(-1) ?? "";
  expect([key, existsSync(key)]).toEqual([key, false]);
});
