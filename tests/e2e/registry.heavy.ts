import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Layer, tarOf } from "../support/blockImages.ts";
import { busybox, call, executable, type Folder, makeFolder } from "../support/harness.ts";
import { asRoot, enginePid, openRegistry, type Registry, succeed } from "../support/registry.ts";

// Registries with many blocks, with TLS and passwords: a minute or two, so `sh scripts/test.sh --registry` alone runs this file.

const minute = 60_000;

let registry: Registry;
beforeAll(async () => {
  registry = await openRegistry();
});
afterAll(() => registry[Symbol.asyncDispose]());

/** Pushes the image of a block as the Go program makes it: files at the root of one layer, and its labels. */
async function pushImageOf(reference: string, layer: Layer | Uint8Array): Promise<void> {
  const tar = layer instanceof Uint8Array ? layer : await tarOf(layer);
  const words = ["docker", "import", "--change=LABEL polycrate.block.version=1.0.0", "-", reference];
  await succeed(words, { input: tar });
  await succeed(["docker", "push", reference]);
}

const blockFile = (name: string, more = "") => `name: ${name}\nversion: 1.0.0\n${more}`;

test(
  "fifty blocks, a chain of them, are installed at once in reasonable time",
  async () => {
    const name = (index: number) => `${registry.host}/many/b${index}`;
    using writer = makeFolder({
      "workspace.poly": `name: author\nconfig: {container: {image: "${busybox}"}}\n`,
      ...Object.fromEntries(
        Array.from({ length: 50 }, (_, index) => {
          const from = index % 10 === 9 ? "" : `from: ${name(index + 1)}:1.0.0\n`;
          const actions = index % 10 === 9 ? `actions: [{name: hello, script: echo hello ${index}}]\n` : "";
          return [`blocks/${name(index)}/block.poly`, blockFile(name(index), from + actions)];
        }),
      ),
    });
    for (let index = 0; index < 50; index += 1) {
      expect((await writer.run(["block", "push", name(index)])).exitCode).toBe(0);
    }
    using folder = makeFolder({
      "workspace.poly": `name: user
config: {container: {image: "${busybox}"}}
dependencies: [${[0, 10, 20, 30, 40].map((index) => `"${name(index)}:1.0.0"`).join(", ")}]
`,
    });
    const before = performance.now();
    const installed = await folder.run(["install"]);
    const seconds = (performance.now() - before) / 1000;
    expect(installed.exitCode).toBe(0);
    expect(installed.stderr).toContain(`pulled ${name(49)}:1.0.0 (50 of 50)`);
    expect(folder.glob("blocks/**/.polycrate-block")).toHaveLength(50);
    process.stderr.write(`50 blocks were installed in ${seconds.toFixed(1)} s\n`);
    expect((await folder.run(["run", name(0), "hello"])).stdout).toBe("hello 9\n");
    expect((await folder.run(["install"])).stderr).toBe("all blocks are installed\n");
  },
  5 * minute,
);

describe("a hostile image of a block", () => {
  const images: Readonly<Record<string, Layer>> = {
    escaping: { "../../evil": "x" },
    linked: { d: { type: "symlink", linkname: "/tmp" }, "d/evil": "x" },
    device: { null: { type: "character-device", devmajor: 1, devminor: 3 } },
    setuid: { run: { content: "x", mode: 0o4755 } },
    hard: { a: "1", b: { type: "link", linkname: "a" } },
    control: { "a\u001b]0;x\u0007": "1" },
    many: Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`f${index}`, ""])),
    large: { zeros: { content: Buffer.alloc(101_000_000) } },
    other: { readme: "no block" },
  };

  test.each(Object.keys(images))(
    "%s: nothing is written, and the error says why",
    async (name) => {
      const reference = `${registry.host}/hostile/${name}:1.0.0`;
      const layer: Layer = { "block.poly": blockFile("x"), ...images[name] };
      // An engine may refuse the image itself.
      const made = await pushImageOf(reference, name === "other" ? { readme: "no block" } : layer).then(
        () => true,
        () => false,
      );
      using folder = makeFolder({ "workspace.poly": "name: user\n" });
      const { stdout, stderr, exitCode } = await folder.run(["block", "pull", reference]);
      expect({ stdout, isRefused: exitCode === (made ? 65 : 125) }).toEqual({ stdout: "", isRefused: true });
      expect(stderr).toContain(`${reference}\``);
      expect(stderr).not.toContain("\u001b");
      expect(folder.glob("{blocks,.polycrate/install}/**")).toEqual([]);
    },
    minute,
  );
});

test(
  "an image as the Go program makes it is pulled and run, whatever its file calls the block",
  async () => {
    const reference = `${registry.host}/ayedo/k8s/nginx:1.0.0`;
    const actions = "actions: [{name: hello, script: ./hello.sh}]\n";
    const layer = {
      "./": { type: "directory", mode: 0o755 },
      "./block.poly": blockFile("ayedo/k8s/nginx", actions),
      "./hello.sh": { content: "#!/bin/sh\necho hello\n", mode: 0o755 },
    } as const;
    await pushImageOf(reference, layer);
    using folder = makeFolder({
      "workspace.poly": `name: user
config: {container: {image: "${busybox}"}}
dependencies: ["${reference}"]
blocks: [{name: mine, from: "${reference}"}]
`,
    });
    expect((await folder.run(["run", "mine", "hello", "--install"])).stdout).toBe("hello\n");
  },
  minute,
);

test(
  "a kill -9 at any point leaves the old block or the new one, and the next installation works",
  async () => {
    const name = `${registry.host}/killed/web`;
    const files = (version: string) => ({
      "block.poly": `name: ${name}\nversion: ${version}\n`,
      ...Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`files/${index}`, version])),
    });
    await pushImageOf(`${name}:1.0.0`, files("1.0.0"));
    await pushImageOf(`${name}:2.0.0`, files("2.0.0"));
    using folder = makeFolder({ "workspace.poly": "name: user\n" });
    expect((await folder.run(["block", "pull", `${name}:1.0.0`])).exitCode).toBe(0);
    const timed = performance.now();
    await folder.run(["block", "pull", `${name}:2.0.0`]);
    const longest = performance.now() - timed;
    const seen = new Map<string, number>();
    for (let point = 0; point < 20; point += 1) {
      const version = versionIn(folder, name) === "1.0.0" ? "2.0.0" : "1.0.0";
      const run = Bun.spawn([executable, "block", "pull", `${name}:${version}`], {
        cwd: folder.path,
        stdio: ["ignore", "ignore", "ignore"],
      });
      // Half of them while docker pulls, the others while files are written and the folder is replaced.
      if (point < 10) await Bun.sleep((longest * point) / 10);
      else {
        const staged = join(folder.path, ".polycrate/install");
        while (!existsSync(staged) && run.exitCode === null) await Bun.sleep(0);
        await Bun.sleep((point - 10) * 15);
      }
      run.kill("SIGKILL");
      await run.exited;
      const found = versionIn(folder, name);
      seen.set(found === version ? "new" : "old", (seen.get(found === version ? "new" : "old") ?? 0) + 1);
    }
    process.stderr.write(`20 kills left ${JSON.stringify(Object.fromEntries(seen))}\n`);
    expect(await folder.run(["block", "pull", `${name}:1.0.0`])).toMatchObject({ exitCode: 0 });
    expect(versionIn(folder, name)).toBe("1.0.0");
    expect(folder.glob(".polycrate/{install,locks}/**")).toEqual([]);
  },
  3 * minute,
);

/** The version of all files of the block, which must be one. */
function versionIn(folder: Folder, name: string): string {
  const paths = folder.glob(`blocks/${name}/files/*`);
  const versions = new Set(paths.map((path) => folder.read(path)));
  expect([paths.length, versions.size]).toEqual([300, 1]);
  const [version = ""] = versions;
  expect(folder.read(`blocks/${name}/block.poly`)).toContain(`version: ${version}\n`);
  return version;
}

test(
  "a full disk is an error that says so, and leaves the old block",
  async () => {
    const name = `${registry.host}/full/web`;
    await pushImageOf(`${name}:1.0.0`, { "block.poly": blockFile(name) });
    await pushImageOf(`${name}:2.0.0`, {
      "block.poly": blockFile(name),
      large: { content: Buffer.alloc(8_000_000) },
    });
    // In a namespace of its own, so that the small file system is gone with it.
    const script = `mount -t tmpfs -o size=1m none "$1" && cd "$1" && echo "name: user" >workspace.poly &&
"$2" block pull "$3:1.0.0" && { "$2" block pull "$3:2.0.0"; echo "exit $?"; cat "blocks/$3/block.poly"; ls .polycrate; }`;
    const place = mkdtempSync(join(tmpdir(), "polycrate-full-"));
    try {
      const words = asRoot(["unshare", "--mount", "sh", "-c", script, "sh", place, executable, name]);
      const { stdout, stderr } = await call(words);
      expect(stderr).toContain("the disk is full");
      expect(stdout).toContain(`exit 73\n${blockFile(name)}`);
      expect(stdout).not.toContain("install");
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  },
  minute,
);

test(
  "a registry with TLS and a password: an unknown authority, a missing login and a wrong one are clear, and then it works",
  async () => {
    const pid = enginePid();
    if (pid === undefined) throw new Error("this test needs the engine that the scripts start");
    const address = "10.213.7.1";
    using secrets = makeFolder({ htpasswd: `anna:${await Bun.password.hash("s3cret", "bcrypt")}\n` });
    const inEngine = (flag: string, script: string) =>
      succeed(asRoot(["nsenter", `--target=${pid}`, flag, "sh", "-euc", script, "sh", secrets.path]));
    await succeed([
      ...["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=registry"],
      ...[
        "-addext",
        `subjectAltName=IP:${address}`,
        "-keyout",
        `${secrets.path}/key`,
        "-out",
        `${secrets.path}/crt`,
      ],
    ]);
    await inEngine("--net", `ip address add ${address}/32 dev lo`);
    try {
      await using own = await openRegistry({
        address,
        settings: `auth: {htpasswd: {realm: test, path: ${secrets.path}/htpasswd}}`,
        http: `  tls: {certificate: ${secrets.path}/crt, key: ${secrets.path}/key}\n`,
      });
      const name = `${own.host}/infra/web`;
      using folder = makeFolder({
        "workspace.poly": `name: user\nconfig: {container: {image: "${busybox}"}}\n`,
        [`blocks/${name}/block.poly`]: blockFile(name),
      });
      const env = { DOCKER_CONFIG: `${secrets.path}/docker` };
      const push = () => folder.run(["block", "push", name], { env });
      const untrusted = await push();
      expect(untrusted).toMatchObject({ exitCode: 125, stdout: "" });
      expect(untrusted.stderr).toContain("the engine does not trust the registry's certificate");
      await inEngine(
        "--mount",
        `mkdir -p /etc/docker && mount -t tmpfs none /etc/docker && mkdir -p /etc/docker/certs.d/${own.host}
cp "$1/crt" /etc/docker/certs.d/${own.host}/ca.crt`,
      );
      const anonymous = await push();
      expect(anonymous).toMatchObject({ exitCode: 125, stdout: "" });
      expect(anonymous.stderr).toContain(
        `the registry denied access\nhint: check \`docker login ${own.host}\``,
      );
      const login = (password: string) =>
        call(["docker", "login", "--username=anna", "--password-stdin", own.host], { env, input: password });
      expect((await login("wrong")).exitCode).not.toBe(0);
      expect((await push()).stderr).toContain("the registry denied access");
      expect((await login("s3cret")).exitCode).toBe(0);
      expect(await push()).toMatchObject({ exitCode: 0, stderr: `pushed ${name}:1.0.0\n` });

      using user = makeFolder({ "workspace.poly": `name: user\ndependencies: ["${name}:1.0.0"]\n` });
      expect(await user.run(["install"], { env })).toMatchObject({ exitCode: 0 });
      using other = makeFolder({ "workspace.poly": `name: user\ndependencies: ["${name}:1.0.0"]\n` });
      const refused = await other.run(["install"], { env: { DOCKER_CONFIG: `${secrets.path}/nobody` } });
      expect(refused).toMatchObject({ exitCode: 125 });
      expect(other.glob("blocks/**")).toEqual([]);
      for (const { stdout, stderr } of [untrusted, anonymous, refused])
        expect(stdout + stderr).not.toContain("s3cret");
    } finally {
      await inEngine("--net", `ip address del ${address}/32 dev lo`);
      await inEngine("--mount", "! mountpoint -q /etc/docker || umount /etc/docker");
    }
  },
  2 * minute,
);

test(
  "a digest that the registry no longer has is named, with what to do",
  async () => {
    const image = `${registry.host}/gone/base:1`;
    await registry.pushImage("gone/base:1", "echo one >/version");
    using folder = makeFolder({
      "workspace.poly": `name: user
config: {container: {image: "${image}"}}
blocks: [{name: b, actions: [{name: show, script: cat /version}]}]
`,
      "polycrate.lock": `image ${image} sha256:${"0".repeat(64)}\n`,
    });
    const hint = "`polycrate lock --update` takes what the tag means today";
    const run = await folder.run(["run", "b", "show", "--locked"]);
    expect(run).toMatchObject({ exitCode: 125, stderr: expect.stringContaining(hint) });
    folder.write("Dockerfile.poly", `FROM ${image}\n`);
    const older = { DOCKER_BUILDKIT: "1", PATH: `/usr/bin:${process.env.PATH}` };
    for (const env of [{ DOCKER_BUILDKIT: "0" }, older]) {
      const build = await folder.run(["build", "--no-locked"], { env });
      expect(build).toMatchObject({ exitCode: 125, stderr: expect.stringContaining(hint) });
    }
  },
  minute,
);
