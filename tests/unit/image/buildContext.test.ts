import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import fc from "fast-check";
import { type BuildContext, readBuildContext } from "../../../src/image/buildContext.ts";
import { changesBetween } from "../../../src/image/changes.ts";
import { call, type Folder, makeFolder } from "../../support/harness.ts";

const builtinIgnores = [
  ".git",
  ".polycrate",
  ".snapshot.yml",
  ".logs",
  "artifacts",
  "id_rsa",
  "**/kubeconfig.yml",
];

const wholeWorkspace = "ARG X\nCOPY $X /";

/** A workspace with these files and a Dockerfile of these instructions on `scratch`. */
function workspaceOf(instructions: string, files: Readonly<Record<string, string>> = {}): Folder {
  return makeFolder({ "Dockerfile.poly": `FROM scratch\n${instructions}\n`, ...files });
}

function contextOf(folder: Folder): Promise<BuildContext> {
  return readBuildContext(folder.path, "Dockerfile.poly", { builtinIgnores });
}

/** The workspace's paths that are sent, without the Dockerfile: folders with a slash behind them, links with their target. */
async function sentFrom(folder: Folder): Promise<readonly string[]> {
  const { entries, digests, file } = await contextOf(folder);
  return entries
    .filter(({ path }) => path !== file && digests.has(path))
    .map((entry) => {
      if (entry.kind === "link") return `${entry.path} -> ${entry.target}`;
      return entry.kind === "directory" ? `${entry.path}/` : entry.path;
    });
}

async function sent(
  instructions: string,
  files: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  using folder = workspaceOf(instructions, files);
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(folder.path, path));
  return await sentFrom(folder);
}

async function warned(
  instructions: string,
  files: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  using folder = workspaceOf(instructions, files);
  return (await contextOf(folder)).warnings.map(({ message }) => message);
}

describe("what is sent", () => {
  const files = {
    "a.txt": "",
    "b.txt": "",
    "src/c.txt": "",
    "src/deep/d.txt": "",
    "src/deep/e.py": "",
    "x[1].txt": "",
  };

  test.each([
    ["RUN true", []],
    ["COPY a.txt /", ["a.txt"]],
    ["COPY missing a.txt /", ["a.txt"]],
    ["COPY src/c.txt /", ["src/", "src/c.txt"]],
    ["COPY src /", ["src/", "src/c.txt", "src/deep/", "src/deep/d.txt", "src/deep/e.py"]],
    ["COPY *.txt /", ["a.txt", "b.txt", "x[1].txt"]],
    ["COPY [a-b].txt /", ["a.txt", "b.txt"]],
    ["COPY [^b].txt /", ["a.txt"]],
    ["COPY ?.txt /", ["a.txt", "b.txt"]],
    ["COPY x[[]1].txt /", ["x[1].txt"]],
    ["COPY */c.txt /", ["src/", "src/c.txt"]],
    ["COPY **/d.txt /", []],
    ["COPY s*/*/*.txt /", ["src/", "src/deep/", "src/deep/d.txt"]],
    ["COPY src[^x]c.txt /", ["src/", "src/c.txt"]],
    ["COPY src/*.md /", ["src/"]],
    ["COPY [ /", []],
    ["COPY --parents **/d.txt /", ["src/", "src/deep/", "src/deep/d.txt"]],
    ["COPY --parents src/./deep/*.py /", ["src/", "src/deep/", "src/deep/e.py"]],
    ["COPY --exclude=*.py src/deep /", ["src/", "src/deep/", "src/deep/d.txt"]],
    ["COPY --exclude=deep src /", ["src/", "src/c.txt"]],
    ["COPY --exclude=!deep src/deep/e.py /", ["src/", "src/deep/", "src/deep/e.py"]],
    ["RUN --mount=type=bind,source=src/c.txt,target=/c cat /c", ["src/", "src/c.txt"]],
  ])("`%s` sends %j", async (instruction, expected) => {
    expect(await sent(instruction, files)).toEqual(expected);
  });

  test("empty folders go along, special files do not", async () => {
    using folder = workspaceOf("COPY src /", {});
    mkdirSync(join(folder.path, "src/empty"), { recursive: true });
    expect((await call(["mkfifo", join(folder.path, "src/pipe")])).exitCode).toBe(0);
    expect(await sentFrom(folder)).toEqual(["src/", "src/empty/"]);
  });

  test("a folder that only leads to a file has no mode of its own", async () => {
    using folder = workspaceOf("COPY a/b/c.txt /", { "a/b/c.txt": "" });
    const before = await contextOf(folder);
    chmodSync(join(folder.path, "a"), 0o700);
    expect((await contextOf(folder)).hash).toBe(before.hash);
  });

  test("paths are sorted by their bytes, so that the order is everywhere the same", async () => {
    const names = ["b", "B", "a/x", "a-x", "ä", "\u{1F600}", "\uFF5E"];
    using folder = workspaceOf("COPY . /", Object.fromEntries(names.map((name) => [name, ""])));
    const paths = (await contextOf(folder)).entries.map(({ path }) => path);
    expect(paths).toEqual(["B", "Dockerfile.poly", "a", "a-x", "a/x", "b", "ä", "\uFF5E", "\u{1F600}"]);
  });
});

describe("links", () => {
  const files = { "real/a.txt": "", "b.txt": "" };

  test.each([
    ["a link to a file", "COPY l /", { l: "real/a.txt" }, ["l -> real/a.txt", "real/", "real/a.txt"]],
    ["a link to a folder", "COPY l /", { l: "real" }, ["l -> real", "real/", "real/a.txt"]],
    ["a link on the way", "COPY l/a.txt /", { l: "real" }, ["l -> real", "real/", "real/a.txt"]],
    ["a link before a wildcard", "COPY l/* /", { l: "real" }, ["l -> real", "real/", "real/a.txt"]],
    ["a link that a wildcard finds", "COPY l* /", { link: "b.txt" }, ["b.txt", "link -> b.txt"]],
    [
      "a link to a link",
      "COPY l /",
      { l: "real/m", "real/m": "../b.txt" },
      ["b.txt", "l -> real/m", "real/", "real/m -> ../b.txt"],
    ],
    ["an absolute link, whose root is the context", "COPY l /", { l: "/b.txt" }, ["b.txt", "l -> /b.txt"]],
    [
      "a link above the context, which ends at its root",
      "COPY l /",
      { l: "../../b.txt" },
      ["b.txt", "l -> ../../b.txt"],
    ],
    [
      "an absolute link in a folder",
      "COPY real/l /",
      { "real/l": "/b.txt" },
      ["b.txt", "real/", "real/l -> /b.txt"],
    ],
    ["a link to nothing", "COPY l /", { l: "/etc/passwd" }, ["l -> /etc/passwd"]],
    ["a link to itself", "COPY l /", { l: "l" }, ["l -> l"]],
    [
      "a link in a folder stays a link",
      "COPY real /",
      { "real/l": "../b.txt" },
      ["real/", "real/a.txt", "real/l -> ../b.txt"],
    ],
    ["a wildcard looks into no linked folder", "COPY */a.txt /", { l: "real" }, ["real/", "real/a.txt"]],
  ])("%s: `%s`", async (_, instruction, links, expected) => {
    expect(await sent(instruction, files, links)).toEqual(expected);
  });

  test("what stands behind a link out of the workspace is never read", async () => {
    using outside = makeFolder({ "secret.txt": "secret" });
    const links = { out: outside.path };
    expect(await sent("COPY out/secret.txt /", {}, links)).toEqual([`out -> ${outside.path}`]);
    using folder = workspaceOf("COPY out/secret.txt /");
    symlinkSync(outside.path, join(folder.path, "out"));
    expect((await contextOf(folder)).warnings.map(({ message }) => message)).toEqual([
      "the target of the link `out` in line 2 is not in the workspace",
    ]);
    expect(await sent("COPY . /", {}, links)).toEqual([`out -> ${outside.path}`]);
  });
});

describe("ignore files", () => {
  const files = {
    "a.txt": "",
    "b.log": "",
    "c++": "",
    constructor: "",
    "src/a.txt": "",
    "src/b.log": "",
    "src/deep/b.log": "",
  };
  const all = [
    "a.txt",
    "b.log",
    "c++",
    "constructor",
    "src/",
    "src/a.txt",
    "src/b.log",
    "src/deep/",
    "src/deep/b.log",
  ];

  test.each([
    ["", []],
    ["# a.txt", []],
    [" a.txt ", ["a.txt"]],
    ["/a.txt", ["a.txt"]],
    ["./a.txt/", ["a.txt"]],
    ["\uFEFFa.txt", ["a.txt"]],
    ["a.txt\r\nb.log", ["a.txt", "b.log"]],
    ["A.TXT", []],
    ["*.log", ["b.log"]],
    ["*/*.log", ["src/b.log"]],
    ["**/*.log", ["b.log", "src/b.log", "src/deep/b.log"]],
    ["src/**", ["src/a.txt", "src/b.log", "src/deep/", "src/deep/b.log"]],
    ["**/deep", ["src/deep/", "src/deep/b.log"]],
    ["src", ["src/", "src/a.txt", "src/b.log", "src/deep/", "src/deep/b.log"]],
    ["**/*.log\n!src/b.log", ["b.log", "src/deep/b.log"]],
    ["src\n!src/deep/b.log", ["src/a.txt", "src/b.log"]],
    ["**\n!**/*.txt", ["b.log", "c++", "constructor", "src/b.log", "src/deep/", "src/deep/b.log"]],
    ["src/a.txt\n!src", ["src/a.txt"]],
    ["!src\nsrc", ["src/", "src/a.txt", "src/b.log", "src/deep/", "src/deep/b.log"]],
    ["c++\nconstructor", ["c++", "constructor"]],
    ["[ab].*", ["a.txt", "b.log"]],
    ["..\n.\n/", []],
  ])("%j leaves out %j", async (ignore, ignored) => {
    const dockerignore = { ".dockerignore": `.dockerignore\n${ignore}\n` };
    const text = ignore.startsWith("\uFEFF") ? { ".dockerignore": `${ignore}\n.dockerignore` } : dockerignore;
    expect(await sent("COPY . /", { ...files, ...text })).toEqual(
      all.filter((path) => !ignored.includes(path)),
    );
  });

  test("what is copied by name is left out just the same", async () => {
    expect(await sent("COPY a.txt src/b.log /", { ...files, ".dockerignore": "a.txt" })).toEqual([
      "src/",
      "src/b.log",
    ]);
  });

  test("the Dockerfile's own ignore file counts instead of the general one", async () => {
    const ignores = { ".dockerignore": "a.txt", "Dockerfile.poly.dockerignore": "src\n*ignore\nc*" };
    expect(await sent("COPY . /", { ...files, ...ignores })).toEqual(["a.txt", "b.log"]);
  });

  test("they are sent when they are copied, and only then; the Dockerfile always is", async () => {
    expect(await sent("COPY a.txt /", { "a.txt": "", ".dockerignore": "Dockerfile.poly" })).toEqual([
      "a.txt",
    ]);
    using folder = workspaceOf("COPY . /", { ".dockerignore": "Dockerfile.poly" });
    const { entries, sentAs } = await contextOf(folder);
    expect(entries.map(({ path }) => path)).toEqual([".dockerignore", "Dockerfile.poly"]);
    expect(sentAs).toBe("folder");
  });

  test("one that is a link to a path outside of the workspace is not read", async () => {
    using outside = makeFolder({ ignore: "[" });
    using folder = workspaceOf("COPY . /");
    symlinkSync(join(outside.path, "ignore"), join(folder.path, ".dockerignore"));
    await expect(contextOf(folder)).rejects.toThrow(
      "`.dockerignore` is a link to a path outside of the workspace",
    );
  });

  test("a malformed pattern is an error with its line", async () => {
    using folder = workspaceOf("COPY . /", { ".dockerignore": "a\n[b\n" });
    await expect(contextOf(folder)).rejects.toThrow(".dockerignore:2: `[b` is not a valid pattern");
  });
});

describe("what polycrate keeps out", () => {
  const files = {
    "a.txt": "",
    ".git/config": "",
    ".logs/1.log": "",
    "artifacts/blocks/b/kubeconfig.yml": "",
    "artifacts/blocks/b/out.txt": "",
    id_rsa: "",
    "sub/kubeconfig.yml": "",
  };

  test("is in no copied folder and found by no wildcard", async () => {
    expect(await sent("COPY . /", files)).toEqual(["a.txt", "sub/"]);
    expect(await sent("COPY * .git* /", files)).toEqual(["a.txt", "sub/"]);
    expect(await warned("COPY . /", files)).toEqual([]);
    expect(await warned("COPY * /", files)).toEqual([]);
  });

  test("is sent when it is copied by name, with a warning", async () => {
    expect(await sent("COPY a.txt id_rsa /", files)).toEqual(["a.txt", "id_rsa"]);
    expect(await warned("COPY a.txt id_rsa /", files)).toEqual([
      "`COPY a.txt id_rsa /` in line 2 adds `id_rsa` to the build context",
    ]);
    expect(await sent("COPY .git/config /", files)).toEqual([".git/", ".git/config"]);
    expect(await sent("COPY .git/* /", files)).toEqual([".git/", ".git/config"]);
    expect(await warned("RUN --mount=source=.git,target=/g true", files)).toHaveLength(1);
  });

  test("is kept out of what is copied by another name", async () => {
    expect(await sent("COPY artifacts /", files)).toEqual([
      "artifacts/",
      "artifacts/blocks/",
      "artifacts/blocks/b/",
      "artifacts/blocks/b/out.txt",
    ]);
    expect(await sent("COPY id_rsa .\nCOPY . /", files)).toEqual(["a.txt", "id_rsa", "sub/"]);
    using folder = workspaceOf("COPY key /", files);
    symlinkSync("id_rsa", join(folder.path, "key"));
    expect(await sentFrom(folder)).toEqual(["key -> id_rsa"]);
    expect((await contextOf(folder)).warnings.map(({ message }) => message)).toEqual([
      "`id_rsa` is excluded from the build context, but line 2 copies it",
    ]);
  });

  test("and a wildcard that finds nothing else is told about", async () => {
    expect(await sent("COPY id_* /", files)).toEqual([]);
    expect(await warned("COPY id_* /", files)).toEqual([
      "`id_rsa` is excluded from the build context, but line 2 copies it",
    ]);
  });

  test("is brought back by a pattern of the ignore file that names it, with a warning", async () => {
    const ignoring = (text: string) => ({ ...files, ".dockerignore": `.dockerignore\n${text}` });
    expect(await sent("COPY . /", ignoring("!id_rsa"))).toEqual(["a.txt", "id_rsa", "sub/"]);
    expect(await warned("COPY . /", ignoring("!id_rsa"))).toEqual([
      "`!id_rsa` in the ignore file adds `id_rsa` to the build context",
    ]);
    expect(await sent("COPY . /", ignoring("*\n!sub/kubeconfig.yml"))).toEqual([
      "sub/",
      "sub/kubeconfig.yml",
    ]);
    expect(await sent("COPY . /", ignoring("!.git/config"))).toEqual([
      ".git/",
      ".git/config",
      "a.txt",
      "sub/",
    ]);
    expect(await sent("COPY . /", ignoring("!id_rsa\nid_*"))).toEqual(["a.txt", "sub/"]);
  });

  test("is not brought back by a pattern that names something else", async () => {
    for (const ignore of ["*\n!sub", "**\n!**", "*\n!*", "**\n!sub/**", "**\n!sub/*"]) {
      expect(await sent("COPY . /", { ...files, ".dockerignore": ignore })).not.toContain(
        "sub/kubeconfig.yml",
      );
    }
  });
});

describe("a Dockerfile that does not tell what it takes", () => {
  const files = {
    "a.txt": "",
    "b/c.txt": "",
    "d.log": "",
    ".dockerignore": "*.log",
    id_rsa: "",
    ".git/config": "",
  };

  test("takes the workspace without what is ignored and kept out, and says why", async () => {
    expect(await sent(wholeWorkspace, files)).toEqual([".dockerignore", "a.txt", "b/", "b/c.txt"]);
    using folder = workspaceOf(wholeWorkspace, files);
    expect((await contextOf(folder)).wholeContextReason).toEqual({ line: 3, reason: "`$X` has no default" });
  });

  test("still gets what it names", async () => {
    expect(await sent(`COPY id_rsa /\n${wholeWorkspace}`, files)).toContain("id_rsa");
  });

  test("is one that the caller has another reason for, too", async () => {
    using folder = workspaceOf("COPY a.txt /", files);
    const whole = { line: 1, reason: "`base` copies by `ONBUILD`" };
    const context = await readBuildContext(folder.path, "Dockerfile.poly", { builtinIgnores, whole });
    expect(context.digests.has("b/c.txt")).toBe(true);
    expect(context.wholeContextReason).toEqual(whole);
  });
});

describe("a Dockerfile that no copy may take", () => {
  const own = ".polycrate.Dockerfile";

  test.each([
    ["is not ignored", "COPY . /", { ".dockerignore": "" }, "tar", "Dockerfile.poly", ""],
    [
      "is in no folder that is copied",
      "COPY src /",
      { ".dockerignore": "Docker*" },
      "tar",
      "Dockerfile.poly",
      undefined,
    ],
    [
      "is ignored as its ignore file is",
      "COPY . /",
      { ".dockerignore": "*ile*\n.d*" },
      "folder",
      own,
      `${own}\n.dockerignore\n`,
    ],
    [
      "is ignored by a file that is copied",
      "COPY . /",
      { ".dockerignore": "*ile*" },
      "folder",
      "Dockerfile.poly",
      "*ile*",
    ],
    [
      "is ignored by its own file, beside a general one that is copied",
      "COPY . /",
      { "Dockerfile.poly.dockerignore": "*ile*", ".dockerignore": "src" },
      "folder",
      own,
      `src\n!**\n${own}\n`,
    ],
    [
      "is meant by a pattern",
      "COPY D* /",
      { ".dockerignore": "*ile*\n.d*" },
      "folder",
      own,
      `${own}\n.dockerignore\n`,
    ],
    [
      "is in a folder behind a link",
      "COPY link/D* /",
      { ".dockerignore": "Docker*" },
      "folder",
      own,
      `${own}\n.dockerignore\n`,
    ],
  ] as const)("because it %s: `%s`", async (_, copy, files, sentAs, file, ignoreFile) => {
    using folder = workspaceOf(copy, { "src/a.txt": "", ...files });
    symlinkSync(".", join(folder.path, "link"));
    const context = await contextOf(folder);
    expect(context).toMatchObject({ sentAs, file, dockerfile: "Dockerfile.poly" });
    const digest =
      ignoreFile === undefined ? undefined : new Bun.CryptoHasher("sha256").update(ignoreFile).digest("hex");
    const sent = context.entries.find(({ path }) => path === ".dockerignore");
    expect(sent?.kind === "file" ? sent.digest : undefined).toBe(digest);
    expect([...context.digests.keys()]).toContain("Dockerfile.poly");
    expect([...context.digests.keys()]).not.toContain(own);
  });

  test("changes the image's tag, and is named when it changes", async () => {
    using folder = workspaceOf("COPY . /", { ".dockerignore": "Docker*\n.dockerignore" });
    const before = await contextOf(folder);
    folder.write("Dockerfile.poly", "FROM scratch\nCOPY . /\nENV A=1\n");
    const after = await contextOf(folder);
    expect(after.hash).not.toBe(before.hash);
    expect(changesBetween(before.digests, after)).toBe("Dockerfile.poly changed");
  });

  test("from elsewhere is named as it is found, and counts wherever it is", async () => {
    using folder = makeFolder({ "a.txt": "" });
    folder.write("../F", "FROM scratch\nCOPY . /\n");
    folder.write("../other/F", "FROM scratch\nCOPY . /\n");
    const context = await readBuildContext(folder.path, join(folder.path, "../F"), { builtinIgnores });
    expect(changesBetween(new Map([["a.txt", context.digests.get("a.txt") ?? ""]]), context)).toBe(
      "../F added",
    );
    const other = await readBuildContext(folder.path, join(folder.path, "../other/F"), { builtinIgnores });
    expect(other.hash).toBe(context.hash);
  });
});

describe("the Dockerfile", () => {
  test("may be in a folder, and is relative to the workspace all the same", async () => {
    using folder = makeFolder({
      "docker/Dockerfile": "FROM scratch\nCOPY a.txt /\n",
      "a.txt": "",
      "docker/b.txt": "",
    });
    const context = await readBuildContext(folder.path, "docker/Dockerfile", { builtinIgnores });
    expect(context.dockerfile).toBe("docker/Dockerfile");
    expect([...context.digests.keys()]).toEqual(["a.txt", "docker", "docker/Dockerfile"]);
    const absolute = await readBuildContext(folder.path, join(folder.path, "docker/Dockerfile"), {
      builtinIgnores,
    });
    expect(absolute.hash).toBe(context.hash);
  });

  test("may be elsewhere, with its ignore file beside it", async () => {
    using elsewhere = makeFolder({
      Dockerfile: "FROM scratch\nCOPY . /\n",
      "Dockerfile.dockerignore": "b.txt",
    });
    using folder = makeFolder({ "a.txt": "", "b.txt": "" });
    const context = await readBuildContext(folder.path, join(elsewhere.path, "Dockerfile"), {
      builtinIgnores,
    });
    const name = relative(folder.path, join(elsewhere.path, "Dockerfile"));
    expect(context.dockerfile).toBe(name);
    expect([...context.digests.keys()]).toEqual([name, "a.txt"]);
    expect(context.entries[1]).toMatchObject({ source: join(elsewhere.path, "Dockerfile") });
  });

  test("may be a link inside of the workspace, not out of it", async () => {
    using elsewhere = makeFolder({ Dockerfile: "FROM scratch\n" });
    using folder = makeFolder({ "docker/Dockerfile": "FROM scratch\n" });
    symlinkSync("docker/Dockerfile", join(folder.path, "inside"));
    symlinkSync(join(elsewhere.path, "Dockerfile"), join(folder.path, "outside"));
    const context = await readBuildContext(folder.path, "inside", { builtinIgnores });
    expect(context.dockerfile).toBe("docker/Dockerfile");
    await expect(readBuildContext(folder.path, "outside", { builtinIgnores })).rejects.toThrow(
      "`outside` is a link to a path outside of the workspace",
    );
  });

  test.each([
    ["missing", "cannot be read"],
    [".", "is not a file"],
  ])("`%s` is an error: %s", async (dockerfile, message) => {
    using folder = makeFolder({});
    await expect(readBuildContext(folder.path, dockerfile, { builtinIgnores })).rejects.toThrow(message);
  });

  test("counts with its mode only where it is copied", async () => {
    using folder = workspaceOf("COPY a.txt /", { "a.txt": "" });
    const before = await contextOf(folder);
    chmodSync(join(folder.path, "Dockerfile.poly"), 0o600);
    expect((await contextOf(folder)).hash).toBe(before.hash);
    folder.write("Dockerfile.poly", "FROM scratch\nCOPY . /\n");
    const copied = await contextOf(folder);
    chmodSync(join(folder.path, "Dockerfile.poly"), 0o640);
    expect(changesBetween(copied.digests, await contextOf(folder))).toBe("mode of Dockerfile.poly changed");
  });
});

describe("the hash", () => {
  const files = {
    "requirements.txt": "a==1",
    "src/a.py": "a",
    "src/b.py": "b",
    "site.yml": "play",
    "artifacts/x": "",
  };
  const instructions = "COPY requirements.txt /\nCOPY src /src";

  /** The hash before and after something was done, and what is said about it. */
  async function after(
    change: (folder: Folder) => void,
  ): Promise<{ readonly same: boolean; readonly reason: string | undefined }> {
    using folder = workspaceOf(instructions, { ...files, ".dockerignore": "**/*.pyc\n" });
    const before = await contextOf(folder);
    change(folder);
    const context = await contextOf(folder);
    return { same: context.hash === before.hash, reason: changesBetween(before.digests, context) };
  }

  test.each<[string, (folder: Folder) => void]>([
    ["a time", ({ path }) => utimesSync(join(path, "src/a.py"), 1, 1)],
    ["a playbook", ({ write }) => write("site.yml", "other")],
    ["an artifact", ({ write }) => write("artifacts/y", "")],
    ["an ignored file", ({ write }) => write("src/a.pyc", "")],
    ["an ignore pattern without an effect", ({ write }) => write(".dockerignore", "**/*.pyc\n*.md\n")],
  ])("does not change with %s", async (_, change) => {
    expect(await after(change)).toEqual({ same: true, reason: undefined });
  });

  test.each<[string, (folder: Folder) => void]>([
    ["requirements.txt changed", writing({ "requirements.txt": "a==2" })],
    ["2 files changed", writing({ "src/a.py": "x", "src/b.py": "x" })],
    ["mode of src/a.py changed", ({ path }) => chmodSync(join(path, "src/a.py"), 0o755)],
    ["mode of src changed", ({ path }) => chmodSync(join(path, "src"), 0o700)],
    ["src/c.py added", writing({ "src/c.py": "" })],
    ["2 files added", writing({ "src/new/c.py": "", "src/d.py": "" })],
    ["src/empty added", ({ path }) => mkdirSync(join(path, "src/empty"))],
    ["src/a.py removed", ({ path }) => rmSync(join(path, "src/a.py"))],
    ["2 files removed", writing({ ".dockerignore": "src/*\n" })],
    [
      "requirements.txt changed, 2 files added",
      writing({ "requirements.txt": "", "src/c.py": "", "src/d.py": "" }),
    ],
    [
      "Dockerfile.poly changed, requirements.txt changed",
      writing({ "Dockerfile.poly": `FROM scratch\n${instructions}\n\n`, "requirements.txt": "" }),
    ],
  ])("changes: %s", async (reason, change) => {
    expect(await after(change)).toEqual({ same: false, reason });
  });

  test("changes with a byte whatever the time says, and with what kind of thing a name is", async () => {
    const inTime = await after(({ path, write }) => {
      utimesSync(join(path, "src/a.py"), 1, 1);
      write("src/a.py", "A");
      utimesSync(join(path, "src/a.py"), 1, 1);
    });
    expect(inTime).toEqual({ same: false, reason: "src/a.py changed" });
    const linked = await after(({ path }) => {
      rmSync(join(path, "src/b.py"));
      symlinkSync("a.py", join(path, "src/b.py"));
    });
    expect(linked).toEqual({ same: false, reason: "src/b.py changed" });
  });

  test("is the same for the same files elsewhere, and found again when a change is taken back", async () => {
    using one = workspaceOf(instructions, files);
    using other = workspaceOf(instructions, files);
    const { hash } = await contextOf(one);
    expect((await contextOf(other)).hash).toBe(hash);
    one.write("src/a.py", "other");
    expect((await contextOf(one)).hash).not.toBe(hash);
    one.write("src/a.py", "a");
    expect((await contextOf(one)).hash).toBe(hash);
  });

  test("tells contexts apart whatever their names and contents are", async () => {
    const content = fc.dictionary(
      fc
        .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
        .map((name) => `f${name.replace(/[/\0]/g, "_")}`),
      fc.constantFrom("", "a", "b"),
      { maxKeys: 4 },
    );
    const hash = async (files: Readonly<Record<string, string>>) => {
      using folder = workspaceOf("COPY . /", files);
      return (await contextOf(folder)).hash;
    };
    await fc.assert(
      fc.asyncProperty(content, content, async (one, other) => {
        expect((await hash(one)) === (await hash(other))).toBe(Bun.deepEquals(sorted(one), sorted(other)));
      }),
      { numRuns: 60 },
    );
  });

  test("knows which file is the Dockerfile", async () => {
    using folder = makeFolder({ a: "FROM scratch\nCOPY . /\n", b: "FROM scratch\nCOPY . /\n" });
    const hashes = await Promise.all(
      ["a", "b"].map((name) => readBuildContext(folder.path, name, { builtinIgnores })),
    );
    expect(hashes[0]?.hash).not.toBe(hashes[1]?.hash);
  });
});

test("a large file that nothing copies is not read, and one that is copied is read in parts", async () => {
  using folder = workspaceOf("COPY small.txt /", { "small.txt": "x", "large.bin": "" });
  truncateSync(join(folder.path, "large.bin"), 2 ** 40); // reading a tebibyte would never end
  expect(await sentFrom(folder)).toEqual(["small.txt"]);
  writeFileSync(join(folder.path, "large.bin"), Buffer.alloc(5 * 2 ** 20 + 7, 1));
  folder.write("Dockerfile.poly", "FROM scratch\nCOPY large.bin /\n");
  expect((await contextOf(folder)).entries).toContainEqual({
    kind: "file",
    path: "large.bin",
    mode: 0o644,
    size: 5 * 2 ** 20 + 7,
    digest: new Bun.CryptoHasher("sha256").update(Buffer.alloc(5 * 2 ** 20 + 7, 1)).digest("hex"),
  });
});

test("any Dockerfile and any ignore file give a context, or an error that is meant for the user", async () => {
  const piece = fc.constantFrom(
    ..."ab*?[]^-!\\/. #\n\"'$,{}+()|äü😀".split(""),
    "**",
    "**/",
    "a.txt",
    "src",
    "COPY ",
    " /\n",
  );
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
  using folder = workspaceOf("", { "a.txt": "", "src/b.txt": "", "src/ä/[c]": "" });
  await fc.assert(
    fc.asyncProperty(text, text, async (instructions, ignore) => {
      folder.write("Dockerfile.poly", `FROM scratch\nCOPY ${instructions}`);
      folder.write(".dockerignore", ignore);
      const outcome = await contextOf(folder).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome.message).toContain("is not a valid pattern");
      else expect(outcome).toMatchObject({ dockerfile: "Dockerfile.poly" });
    }),
    { numRuns: 1000 },
  );
});

test("a name that is not UTF-8 is an error that names it", async () => {
  using folder = workspaceOf("COPY . /", {});
  writeFileSync(Buffer.concat([Buffer.from(`${folder.path}/`), Buffer.from([0x61, 0xff])]), "");
  await expect(contextOf(folder)).rejects.toThrow("the name of `a\uFFFD` is not UTF-8");
});

function writing(files: Readonly<Record<string, string>>): (folder: Folder) => void {
  return ({ write }) => {
    for (const [path, content] of Object.entries(files)) write(path, content);
  };
}

function sorted(files: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(files).sort(([one], [other]) => (one < other ? -1 : 1));
}

describe("images by their digests", () => {
  const pin = (image: string) => (image.includes("@") ? image : `${image.replace(/:.*/, "")}@sha256:1`);
  const pinned = (folder: Folder, by = pin) =>
    readBuildContext(folder.path, "Dockerfile.poly", { builtinIgnores, pin: by });

  test("stand in the Dockerfile that is sent and hashed, and the workspace's stays as it is", async () => {
    using folder = makeFolder({ "Dockerfile.poly": "FROM debian:12\nCOPY a /\n", a: "1" });
    const context = await pinned(folder);
    const content = "FROM debian@sha256:1\nCOPY a /\n";
    expect(context.entries.find(({ path }) => path === "Dockerfile.poly")).toMatchObject({
      content,
      size: content.length,
    });
    expect(context.parsed.from[0]?.image).toBe("debian@sha256:1");
    expect(context.hash).not.toBe((await contextOf(folder)).hash);
    expect(context.hash).not.toBe((await pinned(folder, () => "debian@sha256:2")).hash);
    expect(folder.read("Dockerfile.poly")).toBe("FROM debian:12\nCOPY a /\n");
  });

  test("keep the Dockerfile's mode where it is copied too, and change nothing where none is named", async () => {
    using folder = workspaceOf("COPY . /", { a: "1" });
    expect((await pinned(folder)).hash).toBe((await contextOf(folder)).hash);
    folder.write("Dockerfile.poly", "FROM debian:12\nCOPY . /\n");
    chmodSync(join(folder.path, "Dockerfile.poly"), 0o755);
    const sentFile = (await pinned(folder)).entries.find(({ path }) => path === "Dockerfile.poly");
    expect(sentFile).toMatchObject({ mode: 0o755, content: "FROM debian@sha256:1\nCOPY . /\n" });
  });

  test("are a reason of their own to build again", async () => {
    using folder = makeFolder({ "Dockerfile.poly": "FROM debian:12\n" });
    const { digests } = await pinned(folder);
    expect(changesBetween(digests, await pinned(folder, () => "debian@sha256:2"))).toBe(
      "images of polycrate.lock changed",
    );
    folder.write("Dockerfile.poly", "FROM debian:12\nENV A=1\n");
    expect(changesBetween(digests, await pinned(folder))).toBe("Dockerfile.poly changed");
  });
});
