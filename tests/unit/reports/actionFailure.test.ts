import { expect, test } from "bun:test";
import { didYouMean } from "../../../src/errors.ts";
import { explainFailure } from "../../../src/reports/actionFailure.ts";

const image = { reference: "debian:12", build: undefined };

test.each([
  ["bash", "/run/polycrate/script: line 3: terraform: command not found\n", "terraform"],
  ["bash's exec", "/run/polycrate/script: line 1: exec: ansible-playbook: not found\n", "ansible-playbook"],
  ["ash", "/run/polycrate/script: line 1: helm: not found\r\n", "helm"],
  ["dash", "/run/polycrate/script: 2: kubectl: not found", "kubectl"],
  ["env", "env: 'yq': No such file or directory\n", "yq"],
  ["a shell that it starts", "sh: kubectl: not found\n", "kubectl"],
  ["a bash that it starts", "before\n/bin/bash: helm: command not found\n", "helm"],
])("a tool of the toolchain that %s does not find: the images that have it are named", (_, tail, tool) => {
  expect(explainFailure({ exitCode: 127, tail }, image)).toEqual({
    message: `failed with exit code 127: \`${tool}\` was not found in image \`debian:12\``,
    hint: "use the official image `cargo.ayedo.cloud/library/polycrate:latest` or one from `polycrate toolchain build`, which contain it; or install it in a `Dockerfile.poly`",
  });
});

test("another program is to be installed in the workspace's Dockerfile", () => {
  const tail = "before\n/run/polycrate/script: line 3: my tool: command not found\nafter\n";
  expect(explainFailure({ exitCode: 127, tail }, image).hint).toBe("install it in a `Dockerfile.poly`");
});

test("any other 127 says what it means, and other codes speak for themselves", () => {
  const tail = "x: not found\n";
  expect(explainFailure({ exitCode: 127, tail }, image)).toEqual({
    message: "failed with exit code 127",
    hint: "exit code 127 usually means that a program was not found: see the output, and install it in a `Dockerfile.poly`",
  });
  const found = "/run/polycrate/script: line 3: x: command not found\n";
  expect(explainFailure({ exitCode: 1, tail: found }, image).hint).toBeUndefined();
});

test("137 is told as the kill that it is", () => {
  expect(explainFailure({ exitCode: 137, tail: "" }, image)).toEqual({
    message: "was killed (SIGKILL, exit code 137)",
    hint: "it may have run out of memory, or been killed by `docker kill` or by the action itself",
  });
});

test.each([
  ["rnu", "run"],
  ["urn", "run"],
  ["sp", "ps"],
  ["lsit", "list"],
  ["buidl", "build"],
  ["rum", "run"],
  ["ur", undefined],
  ["nur", undefined],
])("`%s` is meant as `%s`", (word, meant) => {
  const hint = didYouMean(word, ["run", "ps", "list", "build"]);
  expect(hint).toBe(meant === undefined ? undefined : `did you mean \`${meant}\`?`);
});

test("a command that was killed for its memory is told so", () => {
  expect(explainFailure({ exitCode: 137, tail: "", outOfMemory: true }, image)).toEqual({
    message: "ran out of memory (SIGKILL, exit code 137)",
    hint: "raise `config.container.memory`, or that of the action, or let it use less",
  });
});
