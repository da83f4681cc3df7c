import { expect, test } from "bun:test";
import { explainBuildFailure } from "../../../src/engine/buildErrors.ts";
import type { BuildOutput } from "../../../src/image/image.ts";
import { contextOf } from "../../support/fakes.ts";

/** What is reported of a build of this Dockerfile, without what stands in every message. */
function explained(dockerfile: string, tail: string, shown: BuildOutput = "step") {
  const { message, hint } = explainBuildFailure({ tail, exitCode: 1 }, contextOf(dockerfile), shown);
  const [, reason] =
    /^the image could not be built: (.*) \(docker exited with code 1\)$/s.exec(message) ?? [];
  return { reason, hint };
}

const plain = "FROM a\n\nRUN one\nRUN  two \\\n  more\nCOPY x y\n";
const atEnd = "the end of docker's output is above; `polycrate build --verbose` shows all of it";

/** Texts of docker 20.10 to 28.2, classic builder and BuildKit. */
test.each([
  [
    "the classic builder's step",
    "Step 1/4 : FROM a\n ---> 1\nStep 2/4 : RUN one\nThe command '/bin/sh -c one' returned a non-zero code: 7",
    "Dockerfile.poly:3: RUN one",
  ],
  [
    "its last step",
    "Step 1/4 : FROM a\nStep 2/4 : RUN one\nStep 3/4 : RUN  two more\nfailed",
    "Dockerfile.poly:4: RUN  two \\",
  ],
  ["a step that is printed in the middle of a line", "x Step 2/4 : RUN one\nlast words", "last words"],
  ["BuildKit's step", " > [2/4] RUN one:\n0.1 x\nERROR: failed to solve", "Dockerfile.poly:3: RUN one"],
  ["BuildKit's step of a stage", " > [base 3/4] RUN two   more:\n", "Dockerfile.poly:4: RUN  two \\"],
  ["BuildKit's step without a colon", " > [stage-1 4/4] COPY x y\n", "Dockerfile.poly:6: COPY x y"],
  ["BuildKit's step that no instruction is", " > [internal] load:\nERROR: odd", "odd"],
  ["an instruction that nobody knows", " > [2/4] RUN three:\n---\nthe end", "the end"],
  [
    "a line that cannot be parsed",
    "Error response from daemon: dockerfile parse error line 3: unknown instruction: RUNN",
    "Dockerfile.poly:3: unknown instruction: RUNN",
  ],
  [
    "the same of BuildKit",
    "ERROR: failed to solve: dockerfile parse error on line 3: unknown instruction: RUNN",
    "Dockerfile.poly:3: unknown instruction: RUNN",
  ],
  ["the daemon's reason", "x\nError response from daemon: failed to y: no space left\n\n", "no space left"],
  ["BuildKit's reason", "ERROR: failed to build: failed to solve: a: not found", "a: not found"],
  [
    "a failure to solve",
    "failed to solve with frontend dockerfile.v0: failed to create LLB definition: a: not found",
    "a: not found",
  ],
  [
    "what the client adds",
    "the reason\nSee 'docker build --help'.\nUsage:  docker build\nRun 'docker build --help'\n \n",
    "the reason",
  ],
  ["nothing", "", "docker reported no reason"],
])("%s", (_, tail, reason) => {
  expect(explained(plain, tail)).toEqual({ reason, hint: atEnd });
});

const classic = "install the docker buildx plugin; before docker 23, run `export DOCKER_BUILDKIT=1`";
const newer = "add `# syntax=docker/dockerfile:1` as its first line, or update docker";

test.each([
  [
    "a flag of RUN for the classic builder",
    "FROM a\nRUN --mount=type=cache,target=/x true\n",
    "Step 2/2 : RUN --mount=type=cache,target=/x true\nthe --mount option requires BuildKit. Refer to https://x",
    "Dockerfile.poly:2: `RUN --mount` requires BuildKit, but docker used the classic builder",
    classic,
  ],
  [
    "a flag of COPY that it cannot parse",
    "FROM a\nRUN x\nCOPY --link a b\n",
    "Error response from daemon: dockerfile parse error line 3: Unknown flag: link",
    "Dockerfile.poly:3: `COPY --link` requires BuildKit, but docker used the classic builder",
    classic,
  ],
  [
    "a flag that nobody knows",
    "FROM a\nCOPY --lnk a b\n",
    "dockerfile parse error line 2: Unknown flag: lnk",
    "Dockerfile.poly:2: Unknown flag: lnk",
    atEnd,
  ],
  [
    "a heredoc for the classic builder, which stumbles below it",
    "FROM a\nRUN <<END\necho x\nEND\nRUN y\n",
    "dockerfile parse error line 3: unknown instruction: ECHO",
    "Dockerfile.poly:2: a heredoc (`RUN <<END`) requires BuildKit, but docker used the classic builder",
    classic,
  ],
  [
    "a heredoc for an older BuildKit",
    "FROM a\nRUN <<END\necho x\nEND\n",
    "ERROR: failed to solve: dockerfile parse error on line 3: unknown instruction: ECHO",
    "Dockerfile.poly:2: a heredoc (`RUN <<END`) requires a newer BuildKit",
    newer,
  ],
  [
    "a flag for an older BuildKit",
    "FROM a\nCOPY --exclude=x a b\n",
    "failed to solve: dockerfile parse error on line 2: unknown flag: exclude",
    "Dockerfile.poly:2: `COPY --exclude` requires a newer BuildKit",
    newer,
  ],
  [
    "a line above every instruction",
    "\n\nFROM a\n",
    "dockerfile parse error line 1: odd",
    "Dockerfile.poly:1: odd",
    atEnd,
  ],
])("%s", (_, dockerfile, tail, reason, hint) => {
  expect(explained(dockerfile, tail)).toEqual({ reason, hint });
});

test.each([
  "mount",
  "network",
  "security",
  "device",
  "chmod",
  "link",
  "exclude",
  "parents",
  "checksum",
  "keep-git-dir",
  "unpack",
])("the flag --%s came with BuildKit", (flag) => {
  expect(explained("FROM a\nADD x y\n", `dockerfile parse error line 2: unknown flag: ${flag}`).reason).toBe(
    `Dockerfile.poly:2: \`ADD --${flag}\` requires BuildKit, but docker used the classic builder`,
  );
});

test.each([
  ["whole", "docker's output is above; `polycrate build --dry-run | sh` runs it by hand"],
  ["step", atEnd],
  ["failure", atEnd],
] as const)("where a build shows its %s, the hint is %j", (shown, hint) => {
  expect(explained(plain, "x", shown).hint).toBe(hint);
});
