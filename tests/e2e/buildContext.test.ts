import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import { delimiter, join } from "node:path";
import fc from "fast-check";
import { quote } from "../../src/host/arg.ts";
import { type BuildContext, readBuildContext } from "../../src/image/buildContext.ts";
import { stageContext } from "../../src/image/stageContext.ts";
import { contextTar } from "../../src/image/tar.ts";
import { sendContextLines, stageContextScript } from "../../src/plan/dryRun/buildContext.ts";
import { linesOf, type Tree, treeOf, writeTree } from "../support/contextTree.ts";
import { busybox, call, type Folder, makeFolder, type Result } from "../support/harness.ts";

const repository = "polycrate-test-ctx";

const builtinIgnores = [".git", ".polycrate", "artifacts", "id_rsa"];

/** For a longer search: `CONTEXT_RUNS=500 bun test tests/e2e/buildContext.test.ts`. */
const runs = Number(process.env.CONTEXT_RUNS ?? 8);

const patience = { timeout: 60_000 + runs * 10_000 };

/** A way to have docker build: its client and what it has to be told for this kind of builder. */
type Builder = { readonly client: string; readonly env: Readonly<Record<string, string>> };

const clients = (process.env.PATH ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "docker"))
  .filter((client, at, all) => existsSync(client) && all.indexOf(client) === at);

const kinds = ["classic", "classic of the oldest client", "BuildKit"] as const;

const builders: Readonly<Record<(typeof kinds)[number], Builder>> = {
  classic: builderOf(clients[0], "0"),
  "classic of the oldest client": builderOf(clients.at(-1), "0"),
  BuildKit: builderOf(clients.find(hasBuildKit), "1"),
};

/** Newer clients have BuildKit only with their buildx plugin, older ones have it themselves. */
function builderOf(client: string | undefined, buildkit: "0" | "1"): Builder {
  if (client !== undefined) return { client, env: { DOCKER_BUILDKIT: buildkit } };
  throw new Error("no docker on the PATH builds so; for BuildKit, install its buildx plugin");
}

function hasBuildKit(client: string): boolean {
  const version = Bun.spawnSync([client, "--version"]).stdout.toString();
  const major = Number(/version (\d+)/.exec(version)?.[1]);
  return major < 23 || Bun.spawnSync([client, "buildx", "version"], { stderr: "ignore" }).exitCode === 0;
}

beforeAll(async () => {
  const { exitCode, stderr } = await call(["docker", "version"]);
  if (exitCode !== 0) throw new Error(`these tests need a docker engine: ${stderr}`);
});

afterAll(async () => {
  const { stdout } = await call(["docker", "image", "ls", "--quiet", "--filter", `label=${repository}`]);
  const images = [...new Set(stdout.split("\n").filter((id) => id !== ""))];
  if (images.length > 0) await call(["docker", "image", "rm", "--force", ...images]);
  const dangling = await call(["docker", "image", "ls", "--quiet", "--filter", "dangling=true"]);
  const steps = dangling.stdout.split("\n").filter((id) => stepsOfFailures.has(id));
  if (steps.length > 0) await call(["docker", "image", "rm", ...new Set(steps)]);
});

/** A build that fails leaves the images of the steps before, without a label. */
const stepsOfFailures = new Set<string>();

async function build(
  kind: (typeof kinds)[number],
  words: readonly string[],
  options: { readonly input?: Uint8Array; readonly directory?: string } = {},
): Promise<Result> {
  const { client, env } = builders[kind];
  const argv = [client, "build", "--no-cache", "--force-rm", `--label=${repository}`, ...words];
  const result = await call(argv, { env, ...options });
  if (result.exitCode !== 0) {
    for (const [, id = ""] of result.stdout.matchAll(/^ ---> ([0-9a-f]{12})$/gm)) stepsOfFailures.add(id);
  }
  return result;
}

/** The files of an image, each with its mode and content, in one line; undefined when it was not built. */
async function filesOf(tag: string, built: Result): Promise<readonly string[] | undefined> {
  if (built.exitCode !== 0) return undefined;
  using unpacked = makeFolder({});
  const container = (await call(["docker", "create", tag, "none"])).stdout.trim();
  const archive = join(unpacked.path, "..", "image.tar");
  await call(["docker", "export", `--output=${archive}`, container]);
  await call(["docker", "rm", container]);
  await call(["docker", "image", "rm", "--force", tag]);
  const listing = await call(["tar", "--numeric-owner", "-tvf", archive]);
  expect(listing.stdout.split("\n").filter((line) => line !== "" && !/^\S+ 0\/0 /.test(line))).toEqual([]);
  await call(["tar", "-xpf", archive, "-C", unpacked.path]);
  return linesOf(unpacked.path).filter((line) => !/^(?:dev|etc|proc|sys|\.dockerenv)\b/.test(line));
}

async function contextOf(folder: Folder): Promise<BuildContext> {
  return await readBuildContext(folder.path, "Dockerfile.poly", { builtinIgnores });
}

async function tarOf(folder: Folder): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(contextTar(await contextOf(folder), folder.path)));
}

/** The files of the image that polycrate has built: from its tar, or its folder. */
async function narrowed(
  kind: (typeof kinds)[number],
  folder: Folder,
): Promise<readonly string[] | undefined> {
  const tag = `${repository}:narrowed`;
  const context = await contextOf(folder);
  const words = [`--tag=${tag}`, `--file=${context.file}`];
  if (context.sentAs === "tar") {
    const input = Buffer.concat(await Array.fromAsync(contextTar(context, folder.path)));
    return await filesOf(tag, await build(kind, [...words, "-"], { input }));
  }
  const staged = await stageContext(context, folder.path, () => false);
  const built = await build(kind, [...words, "."], { directory: staged.directory });
  staged.remove();
  return await filesOf(tag, built);
}

/** The files of the image that docker builds from the folder itself, once polycrate's own files are away. */
async function whole(kind: (typeof kinds)[number], folder: Folder): Promise<readonly string[] | undefined> {
  for (const path of builtinIgnores) rmSync(join(folder.path, path), { recursive: true, force: true });
  const tag = `${repository}:whole`;
  const file = `--file=${join(folder.path, "Dockerfile.poly")}`;
  return await filesOf(tag, await build(kind, [`--tag=${tag}`, file, folder.path]));
}

describe.each(kinds)("with the %s builder", (kind) => {
  test(
    "the image from the narrowed context has the files of the image from the whole workspace",
    async () => {
      using folder = makeFolder({
        "Dockerfile.poly": `
ARG from=scratch
FROM $from AS first
ENV data=data
ARG name
ONBUILD COPY trigger.txt /triggered/
COPY a.txt $data/\${name:-b}.txt /plain/
COPY ["with blank/ä.txt", "!ä", "/json/"]
COPY data /data
ADD *.tar /added/
FROM first
COPY --from=first /plain /copied
COPY *.txt data/[a-b].txt /wild/ # a comment is a file name here
`.replace(" # a comment is a file name here", ""),
        ".dockerignore": "**/*.log\n!data/keep.log\n",
        "!ä": "the first in the tar",
        "a.txt": "a",
        "trigger.txt": "t",
        "data/a.txt": "aa",
        "data/b.txt": "b",
        "data/drop.log": "",
        "data/keep.log": "",
        "data/deep/run.sh": "#!/bin/sh",
        "with blank/ä.txt": "ä",
        [`data/${"long/".repeat(50)}name`]: "long",
        "uncopied/c.txt": "",
        "artifacts/d.txt": "",
        id_rsa: "key",
      });
      chmodSync(join(folder.path, "data/deep/run.sh"), 0o750);
      symlinkSync("../a.txt", join(folder.path, "data/link"));
      symlinkSync("data/deep", join(folder.path, "linked.txt"));
      await call(["tar", "-cf", "one.tar", "a.txt"], { directory: folder.path });
      const files = await narrowed(kind, folder);
      expect(files?.map((line) => line.split(" ")[0])).toContain("triggered/trigger.txt");
      expect(files?.map((line) => line.split(" ")[0])).toContain("wild/run.sh");
      expect(await whole(kind, folder)).toEqual(files);
    },
    patience,
  );

  test(
    "a file or Dockerfile of the size that another one had just before is the one in the image",
    async () => {
      const copies = ["COPY . /0/\n", "COPY * /0/\n"];
      for (const [copy = "", a = ""] of [...copies, ...copies].map((one, at) => [one, String(at)])) {
        using folder = makeFolder({
          "Dockerfile.poly": `FROM scratch\n${copy}`,
          ".dockerignore": "Dockerfile.poly\n.dockerignore\n",
          "d/a": a,
        });
        expect((await contextOf(folder)).sentAs).toBe("folder");
        const files = await narrowed(kind, folder);
        expect(files).toEqual(await whole(kind, folder));
        expect(files?.map((line) => line.split(" ")[0])).toContain(copy.includes("*") ? "0/a" : "0/d/a");
      }
    },
    patience,
  );

  test(
    "so it is for any Dockerfile and any files",
    async () => {
      let built = 0;
      await fc.assert(
        fc.asyncProperty(smallTree, sources, ignore, async (tree, copied, ignored) => {
          const copies = copied
            .map((words, at) => `COPY ${JSON.stringify([...words, `/${at}/`])}\n`)
            .join("");
          using folder = makeFolder({
            "Dockerfile.poly": `FROM scratch\nCOPY .dockerignore /\n${copies}`,
            ".dockerignore": `Dockerfile.poly\n${ignored.join("\n")}\n!.dockerignore\n`,
          });
          writeTree(folder.path, tree);
          const files = await narrowed(kind, folder);
          const expected = await whole(kind, folder);
          if (expected === undefined) return;
          built += 1;
          expect(files).toEqual([...expected]);
        }),
        { numRuns: runs },
      );

      expect(built).toBeGreaterThan(0);
    },
    patience,
  );

  test.each(["b.txt\n", "b.txt\nDockerfile.poly\n", "b.txt\nDockerfile.poly\n.dockerignore\n"])(
    "the printed script builds the same image, with the ignore file %j",
    async (ignored) => {
      using folder = makeFolder({
        "Dockerfile.poly": "FROM scratch\nCOPY . /all/\n",
        ".dockerignore": ignored,
        "it's a.txt": "a",
        "b.txt": "",
        "deep/run.sh": "",
      });
      chmodSync(join(folder.path, "deep/run.sh"), 0o755);
      using staged = makeFolder({});
      const { client, env } = builders[kind];
      const tag = `${repository}:printed`;
      const context = await contextOf(folder);
      const place = context.sentAs === "tar" ? "-" : ".";
      const words = ["--no-cache", `--label=${repository}`, `--tag=${tag}`, `--file=${context.file}`, place];
      const directory = { directoryVariable: "target" };
      const lines = sendContextLines(context, directory, [`${quote(client)} build ${words.join(" ")}`]);
      const input = `${stageContextScript(context, directory)}${lines.join("\n")}\n`;
      const variables = { ...env, target: join(staged.path, "context") };
      const built = await call(["dash"], { input, directory: folder.path, env: variables });
      expect(await filesOf(tag, built)).toEqual(await narrowed(kind, folder));
    },
    patience,
  );

  test(
    "a file that changes while it is sent makes the build fail, and nothing is tagged",
    async () => {
      using folder = makeFolder({
        "Dockerfile.poly": "FROM scratch\nCOPY a.txt z.txt /\n",
        "a.txt": "",
        "z.txt": "z",
      });
      const tar = contextTar(await contextOf(folder), folder.path);
      folder.write("z.txt", "Z");
      const parts: Uint8Array[] = [];
      await expect(collect(tar, parts)).rejects.toThrow("`z.txt` changed");
      const tag = `${repository}:changed`;
      const built = await build(kind, [`--tag=${tag}`, "--file=Dockerfile.poly", "-"], {
        input: Buffer.concat(parts),
      });
      expect(built.exitCode).not.toBe(0);
      expect((await call(["docker", "image", "ls", "--quiet", tag])).stdout).toBe("");
    },
    patience,
  );

  test(
    "a large workspace costs nothing when one small file of it is copied",
    async () => {
      using folder = makeFolder({
        "Dockerfile.poly": "FROM scratch\nCOPY a.txt /\n",
        "a.txt": "a",
        "large.bin": "",
      });
      truncateSync(join(folder.path, "large.bin"), 2 * 2 ** 30);
      expect((await tarOf(folder)).length).toBeLessThan(8192);
      expect((await narrowed(kind, folder))?.map((line) => line.split(" ")[0])).toEqual(["a.txt"]);
    },
    patience,
  );
});

test(
  "what a step mounts from the context is there, with BuildKit",
  async () => {
    using folder = makeFolder({
      "Dockerfile.poly": `FROM ${busybox}\nRUN --mount=type=bind,source=in/a.txt,target=/m cat /m >/one\nRUN --mount=target=/all ls -A /all >/two\n`,
      ".dockerignore": "b.txt\n.dockerignore\n",
      "in/a.txt": "content",
      "b.txt": "",
      id_rsa: "",
    });
    const tag = `${repository}:mounted`;
    const words = [`--tag=${tag}`, "--file=Dockerfile.poly", "-"];
    expect((await build("BuildKit", words, { input: await tarOf(folder) })).exitCode).toBe(0);
    const run = await call(["docker", "run", "--rm", "--entrypoint=/bin/cat", tag, "/one", "/two"]);
    await call(["docker", "image", "rm", "--force", tag]);
    expect(run.stdout).toBe("contentDockerfile.poly\nin\n");
  },
  patience,
);

async function collect(tar: AsyncIterable<Uint8Array>, parts: Uint8Array[]): Promise<void> {
  for await (const part of tar) parts.push(part);
}

const name = fc.constantFrom("a", "b", "c.txt", "d.log", "e f", "ä");

/** With enough in it for most of the sources below, as a source that matches nothing fails the build. */
const smallTree: fc.Arbitrary<Tree> = treeOf(name).map((tree) => {
  const file = { kind: "file", content: "x", mode: 0o640 } as const;
  return {
    ...tree,
    "a/b": file,
    "a/c.txt": file,
    "b/a/c.txt": file,
    "c.txt": file,
    "e f/d.log": file,
    id_rsa: file,
  };
});

const source = fc.constantFrom(
  ...[
    "*",
    "?",
    "*.txt",
    "a*",
    "[a-b]",
    "[^a]*",
    "*/*",
    "a/*",
    "*/c.txt",
    "*/a/*",
    "*/?/c.txt",
    "e?f",
    "**/c.txt",
  ],
  ...[".", "a", "b", "./a/", "/b", "a/b", "c.txt", "e f", "b/a/c.txt", "b/../a", "ä", "a/ä"],
);

const sources = fc.array(fc.array(source, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 });

/**
 * Negated patterns stand last, since the 20.10 client keeps an empty folder for one that is overruled; and they have no `**`,
 * since the classic client does not look into an ignored folder for one that has.
 */
const ignore = fc
  .tuple(
    fc.subarray(["a/b", "*/b", "**/*.log", "*.txt", "a/*", "**/ä", "e f", "[c-d]*", "b/**"], {
      maxLength: 2,
    }),
    fc.subarray(["!b/a", "!a/b", "!*.log"], { maxLength: 1 }),
  )
  .map((parts) => parts.flat());
