import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { toolchainDockerfile, toolchainFiles } from "../../../src/toolchain/files.ts";
import { call } from "../../support/harness.ts";

const source = join(import.meta.dir, "../../../src/toolchain");

test("the executable carries every file of src/toolchain", () => {
  const files = [...new Bun.Glob("**/*").scanSync({ cwd: source })].filter((path) => !path.endsWith(".ts"));
  expect(toolchainFiles.map(({ path }) => path)).toEqual(files.sort());
});

test("the Dockerfile keeps hadolint's rules, but for versions of Debian's packages (DL3008)", () => {
  const instructions = toolchainDockerfile
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll("\\\n", " ")
    .split("\n");
  for (const line of instructions) {
    if (line.includes("apt-get install")) {
      expect(line).toContain("--yes --no-install-recommends"); // DL3014, DL3015
      expect(line).toContain("apt-get update"); // DL3059 and its reason: lists of the same age
      expect(line).toContain("rm -rf /var/lib/apt/lists/*"); // DL3009
    }
    if (line.startsWith("RUN")) expect(line).not.toMatch(/\b(?:sudo|cd|wget|curl) -|\s\|\s/); // DL3003, DL3004, DL4001, DL4006
    expect(line).not.toMatch(/^(?:ADD|MAINTAINER|ENTRYPOINT|SHELL)\b|:latest/); // DL3007, DL3020, DL4000
    if (line.startsWith("CMD")) expect(line).toMatch(/^CMD \["/); // DL3025
    if (line.startsWith("WORKDIR")) expect(line).toMatch(/^WORKDIR \//); // DL3000
  }
});

const hasShellcheck = Bun.which("shellcheck") !== null;

test.if(hasShellcheck)("the image's scripts are checked by shellcheck", async () => {
  const scripts = readdirSync(source).filter((name) => name.endsWith(".sh"));
  const { stdout, exitCode } = await call(["shellcheck", ...scripts.map((name) => join(source, name))]);
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 0 });
});
