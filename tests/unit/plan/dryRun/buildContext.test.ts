import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import {
  type BuildContext,
  type ContextEntry,
  readBuildContext,
} from "../../../../src/image/buildContext.ts";
import { sha256 } from "../../../../src/image/digest.ts";
import { sendContextLines, stageContextScript } from "../../../../src/plan/dryRun/buildContext.ts";
import { anyName, contextLines, linesOf, treeOf, writeTree } from "../../../support/contextTree.ts";
import { contextOf } from "../../../support/fakes.ts";
import { call, type Folder, makeFolder, namesIn, type Result } from "../../../support/harness.ts";

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
  { kind: "file", path: "pinned", mode: 0o755, size: 1, digest: "", content: "p" },
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
    `printf '%s' p >"$dir"/pinned`,
    'chmod 755 "$dir"/pinned',
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
    stderr: "error: x has changed since this script was printed\nhint: print the script again\n",
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

const everything = { Dockerfile: "FROM scratch\nCOPY . /\n" };

/** Those of these shells that this machine has; `sh` it has. */
const shells = [["sh"], ["dash"], ["bash"], ["busybox", "sh"]].filter(([shell = ""]) => Bun.which(shell));

function readContext(folder: Folder): Promise<BuildContext> {
  return readBuildContext(folder.path, "Dockerfile", { builtinIgnores: [] });
}

/** Runs the script that stages the context of `workspace` into the folder `staged`, then a command. */
async function stageWith(
  shell: readonly string[],
  context: BuildContext,
  workspace: string,
  staged: Folder,
  then = "",
): Promise<Result> {
  const variables = { directoryVariable: "target", workspaceVariable: "source" };
  const input = `set -eu\n${stageContextScript(context, variables)}${then}\n`;
  return await call([...shell], { input, env: { source: workspace, target: join(staged.path, "context") } });
}

test("in any shell it makes a folder of exactly what was hashed, whatever the names are", async () => {
  await fc.assert(
    fc.asyncProperty(treeOf(anyName), async (tree) => {
      using folder = makeFolder(everything);
      writeTree(folder.path, tree);
      const context = await readContext(folder);
      for (const shell of shells) {
        using staged = makeFolder({});
        expect(await stageWith(shell, context, folder.path, staged)).toEqual({
          stdout: "",
          stderr: "",
          exitCode: 0,
        });
        expect(linesOf(join(staged.path, "context"))).toEqual(contextLines(context));
      }
    }),
    { numRuns: 15 },
  );
});

test.each(shells)("a file that has changed since then ends it (%s)", async (...shell) => {
  using folder = makeFolder({ ...everything, "a b.txt": "a" });
  using staged = makeFolder({});
  const context = await readContext(folder);
  folder.write("a b.txt", "A");
  const { stdout, stderr, exitCode } = await stageWith(shell, context, folder.path, staged, "echo built");
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
  expect(stderr).toBe(
    "error: a b.txt has changed since this script was printed\nhint: print the script again\n",
  );
});

test.each(shells)("a file that is gone ends it (%s)", async (...shell) => {
  using folder = makeFolder({ ...everything, "a.txt": "" });
  using empty = makeFolder({});
  using staged = makeFolder({});
  const { stdout, exitCode } = await stageWith(
    shell,
    await readContext(folder),
    empty.path,
    staged,
    "echo built",
  );
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
});

test("a Dockerfile from elsewhere is taken from there", async () => {
  using elsewhere = makeFolder({ Dockerfile: "FROM scratch\nCOPY a.txt /\n" });
  using folder = makeFolder({ "a.txt": "" });
  using staged = makeFolder({});
  const context = await readBuildContext(folder.path, join(elsewhere.path, "Dockerfile"), {
    builtinIgnores: [],
  });
  expect((await stageWith(["sh"], context, folder.path, staged)).exitCode).toBe(0);
  expect(linesOf(join(staged.path, "context"))).toEqual(contextLines(context));
});

test("without a variable for it the workspace is the working directory", async () => {
  using folder = makeFolder(everything);
  using staged = makeFolder({});
  const context = await readContext(folder);
  const input = stageContextScript(context, { directoryVariable: "target" });
  const target = join(staged.path, "context");
  expect((await call(["sh"], { input, directory: folder.path, env: { target } })).exitCode).toBe(0);
  expect(linesOf(target)).toEqual(contextLines(context));
});

test("what is sent then belongs to root, and all may read its uppermost folder", async () => {
  using folder = makeFolder({ ...everything, "bin/run.sh": "" });
  using staged = makeFolder({});
  chmodSync(join(folder.path, "bin/run.sh"), 0o750);
  const context = await readContext(folder);
  const send = sendContextLines(context, { directoryVariable: "target" }, ["tar --numeric-owner -tvf -"]);
  const { stdout } = await stageWith(["sh"], context, folder.path, staged, send.join("\n"));
  const lines = stdout.split("\n").filter((line) => line !== "");
  expect(lines.map((line) => line.replace(/ +\d+ \S+ \S+/, "")).sort()).toEqual([
    "-rw-r--r-- 0/0 ./Dockerfile",
    "-rwxr-x--- 0/0 ./bin/run.sh",
    "drwxr-xr-x 0/0 ./",
    "drwxr-xr-x 0/0 ./bin/",
  ]);
});

test("a person can read it", async () => {
  using folder = makeFolder({ ...everything, "src/a b.txt": "a", "src/run.sh": "" });
  chmodSync(join(folder.path, "src/run.sh"), 0o755);
  writeTree(folder.path, {
    link: { kind: "link", target: "src/run.sh" },
    tmp: { kind: "directory", mode: 0o1777 },
  });
  expect(
    stageContextScript(await readContext(folder), { directoryVariable: "context" }),
  ).toMatchInlineSnapshot(`
    "# Copies exactly the files that the image's tag is the hash of, and fails if one of them has changed.
    umask 022
    if command -v sha256sum >/dev/null 2>&1; then sha256() { sha256sum; }; else sha256() { shasum -a 256; }; fi
    stage() { # SHA256 PATH [MODE [SOURCE]]
      if ! cat <"\${4-./$2}" >"$context/$2" || [ "$(sha256 <"$context/$2")" != "$1  -" ]; then
        printf 'error: %s has changed since this script was printed\\nhint: print the script again\\n' "$2" >&2
        exit 1
      fi
      [ $# -lt 3 ] || chmod "$3" "$context/$2"
    }
    # All files in the image belong to root. docker rejects a tar that starts with a pax header.
    case $(tar --version 2>&1) in
    *GNU*) pack() { tar --owner=0 --group=0 --numeric-owner --format=gnu "$@"; } ;;
    *bsdtar*) pack() { COPYFILE_DISABLE=1 tar --uid=0 --gid=0 --numeric-owner "$@"; } ;;
    *) pack() { tar "$@"; } ;;
    esac
    mkdir -p \\
      "$context" \\
      "$context"/src \\
      "$context"/tmp
    stage 0837162982057d16f6c2363c396d2811f9839aeb2480f977ad955788e8c73e36 Dockerfile
    ln -s -- src/run.sh "$context"/link
    stage ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb 'src/a b.txt'
    stage e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 src/run.sh 755
    chmod 1777 "$context"/tmp
    chmod 755 "$context"
    "
  `);
});

const hasShellcheck = Bun.which("shellcheck") !== null;

test.if(hasShellcheck)("every word of it is one that shellcheck has nothing to say about", async () => {
  using folder = makeFolder({ ...everything, "it's.txt": "a" });
  const variables = { directoryVariable: "context" };
  for (const ignored of ["", "Dockerfile"]) {
    folder.write(".dockerignore", ignored);
    const context = await readContext(folder);
    const text = stageContextScript(context, variables);
    const send = sendContextLines(context, variables, ["docker build \\", "  -"]).join("\n");
    const input = `#!/bin/sh\ncontext=/tmp/context\n${text}${send}\n`;
    expect((await call(["shellcheck", "-"], { input })).stdout).toBe("");
  }
});
