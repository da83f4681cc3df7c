import { writeSync } from "node:fs";
import { completeWord, parseCommandLine } from "../../../src/cli/completion/commandLine.ts";
import { readDockerFlags } from "../../../src/engine/flags/dockerFlag.ts";
import { PolycrateError } from "../../../src/errors.ts";
import { ignoring, parseIgnoreFile } from "../../../src/image/context/ignoreFile.ts";
import { lintDockerfile } from "../../../src/image/dockerfile/lint.ts";
import { pinImages } from "../../../src/image/dockerfile/pinImages.ts";
import { readDockerfile } from "../../../src/image/dockerfile/sources.ts";
import { parseLock } from "../../../src/registry/lock.ts";
import { parsePolyFile } from "../../../src/workspace/poly/polyFile.ts";
import { readYaml } from "../../../src/yaml/read.ts";
import { writeYaml } from "../../../src/yaml/write.ts";
import { mutated, randomOf } from "./random.ts";

// Run as a program: feeds every parser mutated texts, and prints each input before it is parsed, so that whoever reads
// knows which one hangs. Prints `failed …` and ends with 1 at the first parser that throws anything but its own error.
//
//   bun tests/support/fuzz/parsers.ts SEED SECONDS

const samples = {
  workspace: `name: test
config: {container: {image: "x:1", env: {A: 1, T: {from_env: T}}, docker_flags: ["-v /a:/b", '--label="a b"']}}
blocks:
  - &a {name: app, from: base, config: {port: 080, when: 2024-01-01, list: [1, 2]}}
  - <<: *a
    name: other
workflows: [{name: release, steps: [{name: one, block: app, action: greet}]}]
`,
  block: `name: base
config:
  text: |
    several
    lines
actions:
  - name: greet
    script:
      - cat <<E
        hello
        E
`,
  dockerfile: `# syntax=docker/dockerfile:1
ARG BASE=debian:12
FROM \${BASE} AS build
COPY --chown=1:1 --from=other a b* /c/
RUN --mount=type=bind,source=x <<E
echo
E
COPY ["a b", "/d"]
`,
  lock: `# comment\nblock r.io/a:1 sha256:${"a".repeat(64)}\nimage debian:12 sha256:${"b".repeat(64)}\n`,
  ignore: "# all\n**\n!src/**/*.ts\n/a/*x*x*x*b\n[a-z]?\\*\n",
  flags: "--network=host -v /a:/b:ro --env A=1 -dit \"$HOME\" '--label=a b' $(id -u)",
  line: "polycrate run 'my app' \"gre",
} as const;

const host = { uid: 1, gid: 1, home: "/home", directory: "/workspace", environment: { HOME: "/home" } };

const path = `a/${"x".repeat(200)}/${"yx".repeat(50)}`;

const parsers: Readonly<Record<keyof typeof samples, (text: string) => void>> = {
  workspace: (text) => void parsePolyFile("workspace", "workspace.poly", text),
  block: (text) => {
    parsePolyFile("block", "block.poly", text);
    const { value, problems } = readYaml(text);
    if (problems.length === 0) readYaml(writeYaml(value));
  },
  dockerfile: (text) => {
    readDockerfile(text);
    lintDockerfile("Dockerfile.poly", text);
    pinImages("Dockerfile.poly", text, (image) => (image.includes("@") ? image : `${image}@sha256:1`));
  },
  lock: (text) => void parseLock(text),
  ignore: (text) => void ignoring(parseIgnoreFile(text, ".dockerignore"))(path),
  flags: (text) => void readDockerFlags(text.split("\n"), host, "/workspace"),
  line: (text) => {
    const { current } = parseCommandLine(text, "=:");
    completeWord(current.text, current);
  },
};

const [seed = 1, seconds = 5] = process.argv.slice(2).map(Number);
const random = randomOf(seed);
const until = Date.now() + seconds * 1000;
while (Date.now() < until) {
  for (const kind of ["workspace", "block", "dockerfile", "lock", "ignore", "flags", "line"] as const) {
    const text = mutated(samples[kind], random);
    writeSync(1, `${kind} ${JSON.stringify(text)}\n`);
    try {
      parsers[kind](text);
    } catch (error) {
      if (error instanceof PolycrateError) continue;
      writeSync(1, `failed ${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    }
  }
}
