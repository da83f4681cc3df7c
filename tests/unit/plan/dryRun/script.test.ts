import { expect, test } from "bun:test";
import { printScript } from "../../../../src/plan/dryRun/script.ts";
import type { BuildStep, ContainerStep, Plan, PlannedFile } from "../../../../src/plan/plan.ts";
import { noTerminal } from "../../../../src/plan/terminal.ts";
import { docker } from "../../../support/engines.ts";
import { contextOf } from "../../../support/fakes.ts";
import { makeFolder } from "../../../support/harness.ts";

const nothing: Plan = {
  engine: docker,
  title: "a title",
  workspace: "/w",
  warnings: [],
  record: undefined,
  stopTimeout: 10,
  runDirectory: undefined,
  requires: [],
  folders: [],
  files: [],
  steps: [],
  finally: [],
  trust: undefined,
};

function printed(changes: Partial<Plan>, title = "a title"): string {
  return printScript({ title, plans: [{ ...nothing, ...changes }], continueOnFailure: false });
}

/** The lines of a plan's script between its head and its end. */
function linesOf(changes: Partial<Plan>): readonly string[] {
  return printed(changes).split("\n").slice(7, -2);
}

test("a plan of nothing is a script that does nothing", () => {
  expect(printed({}).split("\n")).toEqual([
    "#!/bin/sh",
    "# a title",
    "# Unlike polycrate, this script keeps no record or log, masks no secrets, has no timeout and asks no questions.",
    "(",
    "set -eu",
    "umask 022",
    "cd /w",
    ")",
    "",
  ]);
});

test("a title cannot leave its comment, nor order a terminal about", () => {
  expect(printed({}, "a\nb\u001b[2J ").split("\n").slice(1, 3)).toEqual(["# a", "# b\\u001b[2J"]);
});

const file = (changes: Partial<PlannedFile>): PlannedFile => ({
  ...{ path: "x", mode: 0o644, content: "", lifetime: "stays" },
  ...changes,
});

test("a file that stays is written only where there is none, and no link is followed", () => {
  const files = [file({ path: "a b/c", content: "it's\n" }), file({ path: "-x" }), file({ path: "/abs/d" })];
  expect(linesOf({ files, folders: ["-f", "g/h"] })).toEqual([
    "",
    "# refuse links and unexpected kinds of files in these paths",
    "refuse() {",
    `  printf 'error: \`%s\` is not a %s\\nhint: polycrate does not follow links here; move or remove it\\n' "$PWD/$1" "$2" >&2`,
    "  exit 73",
    "}",
    "for place in ./-f g g/h 'a b'; do",
    '  if [ -L "$place" ] || { [ -e "$place" ] && [ ! -d "$place" ]; }; then refuse "$place" folder; fi',
    "done",
    "for place in 'a b/c' ./-x; do",
    '  if [ -L "$place" ] || { [ -e "$place" ] && [ ! -f "$place" ]; }; then refuse "$place" file; fi',
    "done",
    "mkdir -p ./-f",
    "mkdir -p g/h",
    "mkdir -p 'a b'",
    `[ -e 'a b/c' ] || printf '%s' 'it'\\''s`,
    `' >'a b/c'`,
    "[ -e ./-x ] || : >./-x",
    "mkdir -p /abs",
    "[ -e /abs/d ] || : >/abs/d",
  ]);
});

test("files of the run are written into its own folder, which is gone at the end", () => {
  const files = [
    file({ path: "a/script", mode: 0o444, content: "one\nEND\nEND_1\ntwo", lifetime: "run" }),
    file({ path: "empty", mode: 0o600, lifetime: "run" }),
    file({ path: "a/odd", mode: 0o444, content: "\u0007", lifetime: "run" }),
  ];
  const lines = linesOf({ files, runDirectory: { root: "/w", path: "runs/1" } });
  expect(lines.slice(0, lines.indexOf("cleanup() {")).filter((line) => line.startsWith("for "))).toEqual([
    "for place in runs runs/1; do",
  ]);
  expect(lines.slice(lines.indexOf("cleanup() {"))).toEqual([
    "cleanup() {",
    "  rm -rf runs/1",
    "}",
    "trap cleanup EXIT",
    "trap 'exit 129' HUP",
    "trap 'exit 130' INT",
    "trap 'exit 143' TERM",
    "",
    "# create the folder of this run, which is removed at the end",
    "mkdir -p runs",
    "mkdir -m 700 runs/1",
    "mkdir -p runs/1/a",
    "cat >runs/1/a/script <<'END_2'",
    "one",
    "END",
    "END_1",
    "two",
    "END_2",
    "chmod 444 runs/1/a/script",
    ": >runs/1/empty",
    "chmod 600 runs/1/empty",
    `printf '%s' "$(printf '\\007')" >runs/1/a/odd`,
    "chmod 444 runs/1/a/odd",
  ]);
});

test("a run's folder elsewhere must still be there, and is not looked at for links", () => {
  const lines = linesOf({ runDirectory: { root: "/run/user/7", path: "p/1" } });
  expect(lines).toEqual([
    "cleanup() {",
    "  rm -rf /run/user/7/p/1",
    "}",
    "trap cleanup EXIT",
    "trap 'exit 129' HUP",
    "trap 'exit 130' INT",
    "trap 'exit 143' TERM",
    "",
    "# create the folder of this run, which is removed at the end",
    "[ -d /run/user/7 ] || { echo 'error: `/run/user/7` no longer exists; print this script again' >&2; exit 73; }",
    "mkdir -p /run/user/7/p",
    "mkdir -m 700 /run/user/7/p/1",
  ]);
});

test("a file that is required is looked for before anything is done", () => {
  const requires = [{ path: "-hosts", message: "it is not there", hint: "make it" }];
  expect(linesOf({ requires })).toEqual([
    "[ -f ./-hosts ] || {",
    "  printf '%s\\n' 'error: it is not there",
    "hint: make it' >&2",
    "  exit 65",
    "}",
  ]);
});

const image = { reference: "image", build: undefined };

const step = (changes: Partial<ContainerStep>): ContainerStep => ({
  ...{ kind: "run", argv: ["docker", "run", "--rm", "image", "-c"], environment: [], image, secrets: [] },
  ...{
    container: "c",
    shell: "/bin/sh",
    items: [],
    source: undefined,
    status: "/s",
    terminal: noTerminal,
    timeout: undefined,
    inspects: false,
    notesEnd: true,
  },
  ...changes,
});

const build: BuildStep = {
  ...{ kind: "build", argv: ["docker", "build", "--tag=a", "."], image, isOfWorkspace: true },
  ...{ context: contextOf("FROM a\n"), unless: undefined },
};

/** The lines of a script behind the copy of the build context. */
function buildLines(changes: Partial<BuildStep>): readonly string[] {
  const lines = linesOf({ steps: [{ ...build, ...changes }] });
  const from = lines.findIndex((line) => line.startsWith("# build"));
  const copy = (line: string) => lines.indexOf(line);
  return [
    ...lines.slice(from, copy("private=$(mktemp -d)")),
    ...lines.slice(copy('chmod 755 "$context"') + 1),
  ];
}

test("a command is printed one flag a line", () => {
  expect(linesOf({ steps: [step({})] })).toEqual([
    "",
    "# run the container",
    "docker run \\",
    "  --rm \\",
    "  image \\",
    "  -c",
  ]);
  expect(linesOf({ steps: [step({ argv: ["docker", "ps", "-a"] })] })).toEqual([
    "",
    "# run the container",
    "docker ps -a",
  ]);
});

test.each([
  [{ variable: "TOKEN" }, "X=${TOKEN?}; export X"],
  [{ written: 'a"${TOKEN?}"' }, 'X=a"${TOKEN?}"; export X'],
  [{ file: "/a b" }, "X=$(cat '/a b' && printf x); X=${X%x}; export X"],
  [{ file: "-t" }, "X=$(cat ./-t && printf x); X=${X%x}; export X"],
  [{ streams: true }, "X=0; [ ! /dev/fd/1 -ef /dev/fd/2 ] || X=1; export X"],
] as const)("a variable from %j is found by a shell", (from, line) => {
  const environment = [{ name: "X", value: "s3cret", from }];
  const lines = linesOf({ steps: [step({ argv: ["docker", "x"], environment })] });
  expect(lines).toEqual(["", "# run the container", line, "docker x"]);
});

test("a build that fails ends the script with 125, and is left out when the image is there", () => {
  expect(buildLines({})).toEqual([
    "# build the image",
    'pack -C "$context" -cf - . | docker build \\',
    "  --tag=a \\",
    "  . || exit 125",
  ]);
  const unless = {
    argv: ["docker", "image", "inspect", "a"],
    rename: { argv: ["docker", "image", "tag", "a", "b"], name: "b" },
  };
  expect(buildLines({ unless })).toEqual([
    "# build the image unless it exists",
    "if docker image inspect a >/dev/null 2>&1; then",
    "  docker image tag a b || :",
    "else",
    'pack -C "$context" -cf - . | docker build \\',
    "  --tag=a \\",
    "  . || exit 125",
    "fi",
  ]);
});

test("the toolchain's build ends with docker's own code", () => {
  expect(buildLines({ isOfWorkspace: false })).toEqual([
    "# build the toolchain image",
    'pack -C "$context" -cf - . | docker build \\',
    "  --tag=a \\",
    "  .",
  ]);
});

test("an image that must be there is named, or the script ends with 125", () => {
  const tag = { kind: "tag", argv: ["docker", "image", "tag", "a", "b"], image } as const;
  expect(linesOf({ steps: [tag] })).toEqual(["", "# tag the image", "docker image tag a b || exit 125"]);
});

test("texts that are read from an image are kept in a folder, which is no link", () => {
  const probe = { shell: "/bin/sh", identify: ["id"], folder: "kept/users", refresh: false, files: [] };
  const lines = linesOf({
    steps: [{ kind: "probe", argv: ["docker", "x"], image, container: "c", probe }],
  });
  expect(lines).toContain("for place in kept kept/users; do");
  expect(lines.slice(lines.indexOf("# read the image's users, once for each image"))[1]).toBe(
    "mkdir -p kept/users",
  );
});

/** Runs a script of several plans, each a subshell that ends with a code, and returns what it printed and its code. */
function runPlans(codes: readonly number[], continueOnFailure: boolean) {
  using folder = makeFolder({});
  const plans = codes.map((code) => ({
    ...nothing,
    workspace: folder.path,
    steps: [step({ argv: ["sh", "-c", `echo ${code}; exit ${code}`] })],
  }));
  const { stdout, exitCode } = Bun.spawnSync([
    "sh",
    "-c",
    printScript({ title: "", plans, continueOnFailure }),
  ]);
  return [
    stdout
      .toString()
      .split("\n")
      .filter((line) => line !== "")
      .join(" "),
    exitCode,
  ];
}

test.each([
  [[0, 0], false, ["0 0", 0]],
  [[0, 7, 0], false, ["0 7", 7]],
  [[0, 7, 0], true, ["0 7 0", 0]],
  [[7, 8], true, ["7 8", 0]],
  [[130, 0], true, ["130", 130]],
  [[129, 0], true, ["129", 129]],
  [[143, 0], true, ["143", 143]],
  [[125], false, ["125", 125]],
])("a workflow whose steps end with %j, going on: %p", (codes, continues, expected) => {
  expect(runPlans(codes, continues)).toEqual([...expected]);
});

test("one folder and one file are both looked at", () => {
  const lines = linesOf({ folders: ["a"], files: [file({ path: "x" })] });
  expect(lines.filter((line) => line.startsWith("for "))).toEqual([
    "for place in a; do",
    "for place in x; do",
  ]);
});
