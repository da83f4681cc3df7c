import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import type { ContextEntry } from "../../../../src/image/buildContext.ts";
import { sha256 } from "../../../../src/image/digest.ts";
import { sendContextLines, stageContextScript } from "../../../../src/plan/dryRun/buildContext.ts";
import { contextOf } from "../../../support/fakes.ts";
import { makeFolder, namesIn } from "../../../support/harness.ts";

const file = (path: string, content: string, mode = 0o644): ContextEntry => ({
  ...{ kind: "file", path, mode, size: content.length, digest: sha256(Buffer.from(content)) },
});

const entries: readonly ContextEntry[] = [
  { kind: "directory", path: "a b", mode: 0o750 },
  file("a b/x", "it's"),
  { kind: "link", path: "a b/link", target: "x" },
  { kind: "directory", path: "d", mode: 0o755 },
  file("d/tool", "tool", 0o755),
  {
    ...file("Dockerfile", "FROM a"),
    kind: "file",
    mode: 0o600,
    size: 6,
    digest: sha256(Buffer.from("FROM a")),
    source: "/else/where",
    path: "Dockerfile",
  },
  { kind: "file", path: ".dockerignore", mode: 0o644, size: 1, digest: "", content: "*\n" },
];

const digest = (text: string) => sha256(Buffer.from(text));

test("a context is staged by these lines", () => {
  const text = stageContextScript(contextOf("FROM a", { entries, sentAs: "folder" }), {
    directoryVariable: "dir",
  });
  const lines = text.split("\n");
  expect(lines.slice(lines.indexOf("}") + 1)).toEqual([
    "mkdir -p \\",
    '  "$dir" \\',
    `  "$dir"/'a b' \\`,
    '  "$dir"/d',
    `stage ${digest("it's")} 'a b/x'`,
    `ln -s -- x "$dir"/'a b/link'`,
    `stage ${digest("tool")} d/tool 755`,
    `stage ${digest("FROM a")} Dockerfile 600 /else/where`,
    "printf '%s' '*",
    `' >"$dir"/.dockerignore`,
    `chmod 750 "$dir"/'a b'`,
    'chmod 755 "$dir"',
    "",
  ]);
});

/** Stages a context of a workspace with these files by the printed script; returns its code, errors and the folder's names. */
function stage(files: Readonly<Record<string, string>>, context: readonly ContextEntry[]) {
  using folder = makeFolder({ "w/y": "", ...files });
  chmodSync(join(folder.path, "w"), 0o755);
  const text = stageContextScript(contextOf("FROM a", { entries: context }), {
    ...{ directoryVariable: "dir", workspaceVariable: "workspace" },
  });
  const { exitCode, stderr } = Bun.spawnSync(["sh", "-euc", text], {
    cwd: folder.path,
    env: { PATH: process.env.PATH, dir: "staged", workspace: "w" },
  });
  return { exitCode, stderr: stderr.toString(), names: namesIn(join(folder.path, "staged")) };
}

test("what is staged is what the tag is the hash of; a file that has changed ends the script", () => {
  expect(stage({ "w/x": "one" }, [file("x", "one")])).toEqual({ exitCode: 0, stderr: "", names: ["x"] });
  expect(stage({ "w/x": "two" }, [file("x", "one")])).toMatchObject({
    exitCode: 1,
    stderr: "error: x has changed since this script was printed\nhint: print it again\n",
  });
});

test("folders are made some at a time, and get their modes from the inside out", () => {
  const many = Array.from(
    { length: 1100 },
    (_, index): ContextEntry => ({ kind: "directory", path: `d${index}`, mode: 0o755 }),
  );
  const text = stageContextScript(contextOf("FROM a", { entries: many }), { directoryVariable: "dir" });
  expect(text.match(/^mkdir -p \\$/gm)).toHaveLength(3);
  expect(text.match(/"\$dir"\/d\d+/g)).toHaveLength(1100);
  const nested: readonly ContextEntry[] = ["a", "a/b"].map((path) => ({
    kind: "directory",
    path,
    mode: 0o500,
  }));
  const lines = stageContextScript(contextOf("FROM a", { entries: nested }), {
    directoryVariable: "dir",
  }).split("\n");
  expect(lines.filter((line) => line.startsWith("chmod"))).toEqual([
    'chmod 500 "$dir"/a/b',
    'chmod 500 "$dir"/a',
    'chmod 755 "$dir"',
  ]);
});

test("a context is sent as a tar, or as the folder that the command is started in", () => {
  const variables = { directoryVariable: "dir" };
  const command = ["docker build \\", "  --tag=a \\", "  -"];
  expect(sendContextLines(contextOf("FROM a"), variables, command)).toEqual([
    'pack -C "$dir" -cf - . | docker build \\',
    "  --tag=a \\",
    "  -",
  ]);
  expect(sendContextLines(contextOf("FROM a", { sentAs: "folder" }), variables, command)).toEqual([
    '(cd "$dir" && docker build \\',
    "  --tag=a \\",
    "  -)",
  ]);
  expect(sendContextLines(contextOf("FROM a", { sentAs: "folder" }), variables, ["x"])).toEqual([
    '(cd "$dir" && x)',
  ]);
});

test("only a tar has to be packed", () => {
  const staged = (sentAs: "tar" | "folder") =>
    stageContextScript(contextOf("FROM a", { sentAs }), { directoryVariable: "dir" }).includes("pack()");
  expect([staged("tar"), staged("folder")]).toEqual([true, false]);
});
