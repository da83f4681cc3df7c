import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { busybox, type Folder, makeFolder } from "../support/harness.ts";
import { openRegistry, type Registry, removeBuilt, succeed } from "../support/registry.ts";

let registry: Registry;
beforeAll(async () => {
  registry = await openRegistry();
});
afterAll(() => registry[Symbol.asyncDispose]());

const olderClient = { DOCKER_BUILDKIT: "1", PATH: `/usr/bin:${process.env.PATH}` };

const builders = [
  ["the classic builder", { DOCKER_BUILDKIT: "0" }],
  ["BuildKit", olderClient],
] as const;

/** A workspace whose image is this one. */
function workspaceIn(image: string, script = "cat /version"): Folder {
  return makeFolder({
    "workspace.poly": `name: test-workspace
config: {container: {image: "${image}"}}
blocks: [{name: b, actions: [{name: show, script: ${JSON.stringify(script)}}]}]
`,
  });
}

test("a locked image stays what it was when its tag moves, and `--check` and `--update` tell and take it", async () => {
  const image = `${registry.host}/moving:1`;
  const one = await registry.pushImage("moving:1", "echo one >/version");
  using folder = workspaceIn(image);
  expect(await folder.run(["lock"])).toMatchObject({
    stdout: `added  image  ${image}  ${one.slice(0, 19)}\n`,
  });
  expect(folder.read("polycrate.lock").split("\n")).toEqual([
    "# The images and blocks of this workspace by their content. Written by `polycrate lock`; commit this file.",
    `image ${image} ${one}`,
    "",
  ]);
  expect(await folder.run(["lock", "--check"])).toMatchObject({ stdout: "", exitCode: 0 });

  const two = await registry.pushImage("moving:1", "echo two >/version");
  const written = folder.read("polycrate.lock");
  const check = await folder.run(["lock", "--check"]);
  expect(check).toMatchObject({
    stdout: `moved  image  ${image}  ${one.slice(0, 19)} → ${two.slice(0, 19)}\n`,
    exitCode: 1,
  });
  for (const words of [["--locked"], [], ["--no-locked"]]) {
    expect(await folder.run(["run", "b", "show", ...words])).toMatchObject({ stdout: "one\n", exitCode: 0 });
  }
  expect(folder.records().at(-1)).toMatchObject({
    image: `${registry.host}/moving@${one}`,
    image_digest: `${registry.host}/moving@${one}`,
    locked: { [image]: one },
  });
  expect((await folder.run(["run", "b", "show", "--dry-run"])).stdout).toContain(
    `\n  ${registry.host}/moving@${one} \\\n`,
  );
  expect((await folder.run(["lock"])).stdout).toBe("");
  expect(folder.read("polycrate.lock")).toBe(written);

  expect((await folder.run(["lock", "--update", image])).stdout).toContain("moved");
  expect(await folder.run(["run", "b", "show"])).toMatchObject({ stdout: "two\n" });
});

test("`--check` leaves a tag on this machine as it was", async () => {
  const image = `${registry.host}/kept:1`;
  await registry.pushImage("kept:1", "echo one >/version");
  using folder = workspaceIn(image);
  await folder.run(["lock"]);
  const idOf = async () => (await succeed(["docker", "image", "inspect", "--format={{.Id}}", image])).stdout;
  const one = await idOf();
  await registry.pushImage("kept:1", "echo two >/version");
  await succeed(["docker", "image", "tag", one.trim(), image]);
  expect((await folder.run(["lock", "--check"])).exitCode).toBe(1);
  expect(await idOf()).toBe(one);
});

describe.each(builders)("with %s", (_, env) => {
  test("a build uses the locked images wherever the Dockerfile names them, without any network", async () => {
    await using own = await openRegistry();
    await own.pushImage("base:1", "echo one >/version");
    await own.pushImage("tools:1", "echo tool >/tool");
    const text = `ARG BASE=${own.host}/base:1
FROM --platform=linux/amd64 \${BASE} AS one
FROM one
COPY --from=${own.host}/tools:1 \\
  /tool /tool
`;
    using folder = makeFolder({
      "workspace.poly": "name: w\nblocks: [{name: b, actions: [{name: show, script: cat /version /tool}]}]\n",
      "Dockerfile.poly": text,
    });
    try {
      expect((await folder.run(["lock"], { env })).exitCode).toBe(0);
      await own.pushImage("base:1", "echo two >/version");
      await own.pushImage("tools:1", "echo other >/tool");
      await own.stop();
      expect(await folder.run(["run", "b", "show", "--locked"], { env })).toMatchObject({
        stdout: "one\ntool\n",
        exitCode: 0,
      });
      const reference = (await folder.run(["build", "--locked"], { env })).stdout;
      const script = await folder.run(["build", "--dry-run"], { env });
      expect(script.stdout).toContain(reference.trim());
      expect(script.stdout).toContain(`\nFROM --platform=linux/amd64 ${own.host}/base@sha256:`);
      expect(folder.read("Dockerfile.poly")).toBe(text);

      folder.write("Dockerfile.poly", `${text}FROM ${own.host}/new:1\n`);
      const refused = await folder.run(["build"], { env: { ...env, CI: "true" } });
      expect(refused).toMatchObject({ stdout: "", exitCode: 65 });
      expect(refused.stderr).toBe(
        `error: Dockerfile.poly:6:1: the image \`${own.host}/new:1\` is not in \`polycrate.lock\`\nhint: \`polycrate lock\` adds it; \`--no-locked\` uses it without\n`,
      );
    } finally {
      await removeBuilt(folder);
    }
  }, 60_000);
});

describe("blocks", () => {
  const block = (name: string, rest: string) => `name: ${registry.host}/${name}\n${rest}`;

  const author = () =>
    makeFolder({
      "workspace.poly": `name: author\nconfig: {container: {image: "${busybox}"}}\n`,
      [`blocks/${registry.host}/infra/base/block.poly`]: block(
        "infra/base",
        "version: 1.0.0\nactions: [{name: hello, script: ./files/hello}]\n",
      ),
      [`blocks/${registry.host}/infra/base/files/hello`]: "#!/bin/sh\necho hello from base\n",
      [`blocks/${registry.host}/infra/web/block.poly`]: block(
        "infra/web",
        `version: 1.0.0\nfrom: ${registry.host}/infra/base:1.0.0\n`,
      ),
    });

  const user = (version = "1.0.0") =>
    makeFolder({
      "workspace.poly": `name: user
config: {container: {image: "${busybox}"}}
blocks: [{name: mine, from: "${registry.host}/infra/web:${version}"}]
`,
    });

  test("are pushed once, installed with their ancestors, run, and told from changed ones", async () => {
    using writer = author();
    await Bun.$`chmod +x ${`${writer.path}/blocks/${registry.host}/infra/base/files/hello`}`;
    for (const name of ["base", "web"]) {
      const pushed = await writer.run(["block", "push", `${registry.host}/infra/${name}`]);
      expect(pushed).toMatchObject({ exitCode: 0, stderr: `pushed ${registry.host}/infra/${name}:1.0.0\n` });
      expect(pushed.stdout).toMatch(/^\S+\/infra\/\w+:1\.0\.0@sha256:[0-9a-f]{64}\n$/);
    }
    expect((await writer.run(["block", "push", `${registry.host}/infra/web`])).stderr).toContain(
      "already, with the same",
    );

    using folder = user();
    const missing = await folder.run(["run", "mine", "hello"]);
    expect(missing).toMatchObject({ exitCode: 65 });
    expect(missing.stderr).toContain(
      `error: workspace.poly:3:29: block \`mine\` inherits from \`${registry.host}/infra/web:1.0.0\`, which does not exist\nhint: \`polycrate block pull ${registry.host}/infra/web:1.0.0\` gets it`,
    );
    const run = await folder.run(["run", "mine", "hello", "--install"]);
    expect(run).toMatchObject({ stdout: "hello from base\n", exitCode: 0 });
    expect(run.stderr).toContain(
      `installed ${registry.host}/infra/base:1.0.0 in blocks/${registry.host}/infra/base\n`,
    );
    expect((await folder.run(["install"])).stderr).toBe("all blocks are installed\n");
    expect(folder.glob("blocks/**/.polycrate-block")).toHaveLength(2);
    expect(folder.glob(".polycrate/install/*")).toEqual([]);

    const base = `blocks/${registry.host}/infra/base`;
    folder.write(`${base}/files/hello`, "#!/bin/sh\necho changed\n");
    folder.write(`${base}/files/mine`, "mine\n");
    const pull = ["block", "pull", `${registry.host}/infra/base:1.0.0`];
    const kept = await folder.run(pull);
    expect(kept.exitCode).toBe(65);
    expect(kept.stderr).toContain(`${base}/files/hello, ${base}/files/mine\n`);
    expect(folder.read(`${base}/files/hello`)).toContain("changed");
    const listed = JSON.parse((await folder.run(["list", "--output=json"])).stdout);
    expect(listed.blocks[0].origin).toMatchObject({
      reference: `${registry.host}/infra/base:1.0.0`,
      changed: ["files/hello", "files/mine"],
    });
    expect((await folder.run(["list"])).stdout).toMatch(/infra\/base:1\.0\.0 +installed, changed here/);
    expect((await folder.run(["inspect", `${registry.host}/infra/base`])).stdout).toMatch(
      /^# installed from \S+\/infra\/base:1\.0\.0, sha256:\w+\n# changed here: files\/hello, files\/mine\nname: /,
    );
    expect((await folder.run([...pull, "--force"])).exitCode).toBe(0);
    expect((await folder.run(["run", "mine", "hello"])).stdout).toBe("hello from base\n");

    expect((await folder.run(["block", "uninstall", `${registry.host}/infra/web`])).exitCode).toBe(0);
    expect(folder.glob(`blocks/${registry.host}/infra/*`)).toEqual([]);
    expect(folder.glob(`blocks/${registry.host}/infra/*/block.poly`)).toEqual([`${base}/block.poly`]);
  }, 60_000);

  test("keep their versions: none is replaced, a newer one is told, and `latest` never goes back", async () => {
    using writer = author();
    const file = `blocks/${registry.host}/infra/base/block.poly`;
    const release = (version: string) => {
      writer.write(
        file,
        writer
          .read(file)
          .replace(/version: .*/, `version: ${version}`)
          .replace(/name: .*/, `name: ${registry.host}/infra/versions`),
      );
      return writer.run(["block", "push", `${registry.host}/infra/versions`]);
    };
    expect((await release("1.9.0")).exitCode).toBe(0);
    writer.write(`blocks/${registry.host}/infra/base/files/hello`, "other\n");
    const again = await release("1.9.0");
    expect(again).toMatchObject({ exitCode: 65, stdout: "" });
    expect(again.stderr).toContain(
      "exists in the registry with other files: files/hello\nhint: a version is never replaced",
    );
    expect((await release("1.10.0")).stderr).toContain(`pushed ${registry.host}/infra/versions:1.10.0\n`);
    expect((await release("1.9.1")).stderr).toContain("`latest` is still version 1.10.0, which is newer\n");

    using folder = makeFolder({
      "workspace.poly": `name: user\ndependencies: ["${registry.host}/infra/versions:1.9.0"]\n`,
    });
    await folder.run(["install"]);
    const outdated = await folder.run(["block", "outdated", "--output=json"]);
    expect(JSON.parse(outdated.stdout)).toEqual([
      { name: `${registry.host}/infra/versions`, version: "1.9.0", latest: "1.10.0", outdated: true },
    ]);
    await folder.run(["block", "pull", `${registry.host}/infra/versions`]);
    expect((await folder.run(["block", "outdated"])).stderr).toContain(
      "all installed blocks are the newest\n",
    );
  }, 60_000);

  test("are locked: the same ones are installed elsewhere, and nothing else runs", async () => {
    using writer = author();
    const name = `${registry.host}/locked/base`;
    const file = `blocks/${registry.host}/infra/base/block.poly`;
    writer.write(file, writer.read(file).replace(/name: \S+\nversion/, `name: ${name}\nversion`));
    expect((await writer.run(["block", "push", name])).exitCode).toBe(0);
    const files = {
      "workspace.poly": `name: user
config: {container: {image: "${registry.host}/run:1"}}
dependencies: ["${name}:1.0.0"]
blocks: [{name: mine, from: "${name}:1.0.0", actions: [{name: hello, script: cat files/hello}]}]
`,
    };
    await registry.pushImage("run:1", "true");
    using folder = makeFolder(files);
    expect((await folder.run(["lock"])).stdout).toContain(`added  block  ${name}:1.0.0`);
    expect((await folder.run(["install", "--locked"])).exitCode).toBe(0);
    expect((await folder.run(["run", "mine", "hello", "--locked"])).exitCode).toBe(0);
    expect(Object.keys(Object(folder.records().at(-1)?.locked))).toEqual([
      `${registry.host}/run:1`,
      `${name}:1.0.0`,
    ]);

    folder.write(`blocks/${name}/files/hello`, "changed\n");
    const changed = await folder.run(["run", "mine", "hello"], { env: { CI: "true" } });
    expect(changed).toMatchObject({ exitCode: 65, stdout: "" });
    expect(changed.stderr).toContain(`the block \`${name}:1.0.0\` was changed here: files/hello\n`);
    expect((await folder.run(["run", "mine", "hello"])).stdout).toBe("changed\n");
    expect((await folder.run(["install"])).stderr).toBe("all blocks are installed\n");
    expect((await folder.run(["install", "--force"])).stderr).toContain(
      `installed ${name}:1.0.0 in blocks/${name}\n`,
    );
    expect((await folder.run(["run", "mine", "hello", "--locked"])).exitCode).toBe(0);

    using clone = makeFolder({
      ...files,
      "polycrate.lock": folder.read("polycrate.lock").replace(/^block.*\n/m, ""),
    });
    expect(await clone.run(["install", "--locked"])).toMatchObject({
      exitCode: 65,
      stderr: `error: the block \`${name}:1.0.0\` is not in \`polycrate.lock\`\nhint: \`polycrate lock\` adds it; \`--no-locked\` takes what the registry has\n`,
    });
    expect((await clone.run(["install"])).exitCode).toBe(0);
    expect(clone.read("polycrate.lock")).toBe(folder.read("polycrate.lock"));
  }, 60_000);
});

test("a registry that is away, or lacks what is asked for, is a clear error, and nothing is written", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: w\nconfig: {container: {image: "${registry.host}/nothing:1"}}\n`,
  });
  expect(await folder.run(["lock"])).toMatchObject({ exitCode: 125, stdout: "" });
  expect((await folder.run(["lock"])).stderr).toContain(
    `error: workspace.poly:2:29: cannot pull \`${registry.host}/nothing:1\`: the registry does not have it\nhint: `,
  );
  const away = "127.0.0.1:9/infra/web:1.0.0";
  const pull = await folder.run(["block", "pull", away]);
  expect(pull).toMatchObject({ exitCode: 125, stdout: "" });
  expect(pull.stderr).toContain(
    `error: cannot pull \`${away}\`: the registry \`127.0.0.1:9\` is not reachable\n`,
  );
  expect((await folder.run(["block", "pull", busybox])).exitCode).toBe(64);
  expect(folder.glob("{polycrate.lock,blocks/**}")).toEqual([]);
});
