import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { workspaceProblems } from "../../../../src/cli/commands/validate.ts";
import { loadWorkspaceLenient } from "../../../../src/workspace/load.ts";
import { describeProblem } from "../../../../src/workspace/poly/problems.ts";
import { brokenWorkspaces } from "../../../support/brokenWorkspaces.ts";
import { type Folder, makeFolder } from "../../../support/harness.ts";

async function messagesOf(folder: Folder): Promise<readonly string[]> {
  const problems = await workspaceProblems(loadWorkspaceLenient({ named: folder.path }));
  for (const { hint } of problems) expect(hint).toBeTruthy();
  return problems.flatMap((problem) => `${problem.severity}: ${describeProblem(problem)}`.split("\n"));
}

test.each([...brokenWorkspaces])("%s is told with its place and cure", async (_, files, messages) => {
  using folder = makeFolder(files);
  expect(await messagesOf(folder)).toEqual([...messages]);
});

const good = "name: test-workspace\n";

/** A workspace with one block folder, `blocks/app`, whose file is made by `make`. */
async function messagesWith(make: (file: string, folder: Folder) => void): Promise<readonly string[]> {
  using folder = makeFolder({ "workspace.poly": good });
  mkdirSync(join(folder.path, "blocks/app"), { recursive: true });
  make(join(folder.path, "blocks/app/block.poly"), folder);
  return messagesOf(folder);
}

test("a folder in the place of a file is told", async () => {
  expect(await messagesWith((file) => mkdirSync(file))).toEqual([
    "error: blocks/app/block.poly: is not a file",
    "hint: replace it with a text file",
  ]);
});

test("a pipe in the place of a file is told, and nobody waits for its other end", async () => {
  expect(await messagesWith((file) => void Bun.spawnSync(["mkfifo", file]))).toEqual([
    "error: blocks/app/block.poly: is not a file",
    "hint: replace it with a text file",
  ]);
});

test("a link to nothing is told", async () => {
  expect(await messagesWith((file) => symlinkSync("gone.poly", file))).toEqual([
    "error: blocks/app/block.poly: is a broken link",
    "hint: correct the link, or remove it",
  ]);
});

test("a link to itself is told", async () => {
  expect(await messagesWith((file) => symlinkSync("block.poly", file))).toEqual([
    "error: blocks/app/block.poly: is a link to itself",
    "hint: correct the link, or remove it",
  ]);
});

test("a link to a device is told", async () => {
  expect(await messagesWith((file) => symlinkSync("/dev/zero", file))).toEqual([
    "error: blocks/app/block.poly: is a link to a path outside of the workspace",
    "hint: replace it with a copy of the file",
  ]);
});

test("a Dockerfile.poly that is a broken link is told, for it would not be used", async () => {
  expect(
    await messagesWith((_, folder) => symlinkSync("gone", join(folder.path, "Dockerfile.poly"))),
  ).toEqual(["error: Dockerfile.poly: is a broken link", "hint: correct the link, or remove it"]);
});

test("a text in Latin-1 is told", async () => {
  expect(
    await messagesWith((file) => writeFileSync(file, Buffer.from("name: app # Grüße\n", "latin1"))),
  ).toEqual(["error: blocks/app/block.poly: is not UTF-8 text", "hint: save the file as UTF-8 text"]);
});

test("a text in UTF-16 is told", async () => {
  expect(
    await messagesWith((file) => writeFileSync(file, Buffer.from("\ufeffname: app\n", "utf16le"))),
  ).toEqual(["error: blocks/app/block.poly: is UTF-16 text", "hint: save the file as UTF-8 text"]);
});

test("a file of 17 MB is told", async () => {
  expect(await messagesWith((file) => writeFileSync(file, `name: app\n${"#".repeat(17_000_000)}`))).toEqual([
    "error: blocks/app/block.poly: is larger than 2 MB",
    "hint: move data to other files",
  ]);
});

test("a file of 1.6 MB is read to its end", async () => {
  const lines = Array.from({ length: 16_000 }, (_, index) => `  key${index}: ${"x".repeat(90)}\n`).join("");
  expect(await messagesWith((file) => writeFileSync(file, `name: app\nconfig:\n${lines}  a: *b\n`))).toEqual([
    "error: blocks/app/block.poly:16003:6: alias `*b` has no anchor before it",
    "hint: quote the value if `*` is part of it",
  ]);
});

test("of very many problems the first are told, and how many more there are", async () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `key${index}: 1\n`).join("");
  const messages = await messagesWith((file) => writeFileSync(file, `name: app\n${lines}`));
  expect(messages.length).toBe(201 * 2);
  expect(messages.slice(-2)).toEqual([
    "warning: blocks/app/block.poly:202:1: and 19800 more problems",
    "hint: fix the others first",
  ]);
});

test("a byte order mark and Windows line ends are no fault, and move no place", async () => {
  const text = "\ufeffname: app\r\nfrom: gone\r\n";
  expect(await messagesWith((file) => writeFileSync(file, text))).toEqual([
    "error: blocks/app/block.poly:2:7: block `app` inherits from `gone`, which does not exist",
    "hint: `polycrate list` shows all blocks",
  ]);
});

test.each<[string, (path: string) => void, string]>([
  ["a folder", (path) => mkdirSync(path), "is not a file"],
  ["a pipe", (path) => void Bun.spawnSync(["mkfifo", path]), "is not a file"],
  [
    "a link out of the workspace",
    (path) => symlinkSync("/etc/passwd", path),
    "is a link to a path outside of the workspace",
  ],
])("a workspace file that is %s is told", async (_, make, message) => {
  using folder = makeFolder({});
  make(join(folder.path, "workspace.poly"));
  const [first] = await messagesOf(folder);
  expect(first).toBe(`error: workspace.poly: ${message}`);
});
