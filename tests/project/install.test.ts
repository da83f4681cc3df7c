import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { archive as archiveOf } from "../../scripts/release/archive.ts";
import { call, type Result } from "../support/harness.ts";

const script = resolve(import.meta.dir, "../../scripts/install.sh");
const tools = [
  "sh",
  "mktemp",
  "rm",
  "sed",
  "tar",
  "gzip",
  "cut",
  "mkdir",
  "cat",
  "chmod",
  "cp",
  "mv",
  "curl",
  "sha256sum",
];

let scratch = "";
let served = new Map<string, Uint8Array | string>();
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: ({ url }) => {
    const body = served.get(new URL(url).pathname.slice(1));
    return body === undefined ? new Response("not here", { status: 404 }) : new Response(body);
  },
});
const url = `http://127.0.0.1:${server.port}`;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "polycrate-install-"));
});

afterAll(async () => {
  await server.stop(true);
  rmSync(scratch, { recursive: true, force: true });
});

beforeEach(async () => {
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(join(scratch, "home"), { recursive: true });
  mkdirSync(join(scratch, "tmp"));
  served = new Map();
  await release("linux-x64", "echo 1.2.3");
});

/** Puts an archive on the page whose executable is a shell script, and the sums of all that is there. */
async function release(platform: string, body: string): Promise<Uint8Array> {
  const executable = { path: "polycrate", content: `#!/bin/sh\n${body}\n`, mode: 0o755 };
  const page = { path: "share/man/man1/polycrate.1", content: ".TH POLYCRATE 1\n" };
  const archive = await archiveOf([executable, page]);
  served.set(`polycrate-${platform}.tar.gz`, archive);
  const sum = createHash("sha256").update(archive).digest("hex");
  served.set("SHA256SUMS", `${served.get("SHA256SUMS") ?? ""}${sum}  polycrate-${platform}.tar.gz\n`);
  return archive;
}

type Machine = {
  readonly system?: string;
  readonly processor?: string;
  readonly ldd?: string;
  readonly without?: readonly string[];
};

/** Runs the script as `curl … | sh` would, on a machine that has these tools and answers. */
function install(
  words: readonly string[] = ["--url", url],
  machine: Machine = {},
  env = {},
): Promise<Result> {
  const { system = "Linux", processor = "x86_64", ldd = "ldd (GNU libc) 2.36", without = [] } = machine;
  const bin = join(scratch, "path");
  mkdirSync(bin);
  for (const tool of tools) {
    if (!without.includes(tool)) symlinkSync(Bun.which(tool) ?? `/usr/bin/${tool}`, join(bin, tool));
  }
  program(bin, "uname", `case $1 in -s) echo ${system};; -m) echo ${processor};; esac`);
  program(bin, "ldd", `echo "${ldd}"; exit 1`);
  return call(["/bin/sh", "-s", "--", ...words], {
    input: readFileSync(script),
    env: { PATH: bin, HOME: join(scratch, "home"), TMPDIR: join(scratch, "tmp"), ...env },
  });
}

function program(folder: string, name: string, body: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, name), 0o755);
}

const installed = () => join(scratch, "home/.local/bin/polycrate");

function putOld(): void {
  mkdirSync(join(scratch, "home/.local/bin"), { recursive: true });
  writeFileSync(installed(), "the old one");
}

/** Nothing is left of a try that was refused: neither downloads, nor half an executable, nor a change of the old one. */
function expectUntouched(): void {
  expect(readdirSync(join(scratch, "tmp"))).toEqual([]);
  expect(readFileSync(installed(), "utf8")).toBe("the old one");
  expect(readdirSync(join(scratch, "home/.local/bin"))).toEqual(["polycrate"]);
}

test("it installs to ~/.local/bin, and says when that is not on PATH", async () => {
  const { stdout, stderr, exitCode } = await install();
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  expect(stdout).toBe(
    `polycrate 1.2.3 is installed: ${installed()}\nhint: add it to PATH: export PATH="${scratch}/home/.local/bin:$PATH"\n`,
  );
  expect((await call([installed()])).stdout).toBe("1.2.3\n");
  expect(readdirSync(join(scratch, "tmp"))).toEqual([]);
});

test("it installs manual pages and completions where man and the shells look for them", async () => {
  await install();
  const page = join(scratch, "home/.local/share/man/man1/polycrate.1");
  expect(readFileSync(page, "utf8")).toBe(".TH POLYCRATE 1\n");
});

test("the executable is installed even if manual pages cannot be", async () => {
  mkdirSync(join(scratch, "home/.local"), { recursive: true });
  writeFileSync(join(scratch, "home/.local/share"), "not a folder");
  const { stderr, exitCode } = await install();
  expect(stderr).toBe(
    `warning: the manual pages and completions cannot be written to ${scratch}/home/.local/share\n`,
  );
  expect(exitCode).toBe(0);
  expect((await call([installed()])).stdout).toBe("1.2.3\n");
});

test("it replaces an old executable", async () => {
  putOld();
  expect((await install()).exitCode).toBe(0);
  expect((await call([installed()])).stdout).toBe("1.2.3\n");
  expect(readdirSync(join(scratch, "home/.local/bin"))).toEqual(["polycrate"]);
});

test("the page may come from the environment, and the prefix may have a space in it", async () => {
  const prefix = join(scratch, "a prefix");
  const result = await install(["--prefix", prefix], {}, { POLYCRATE_RELEASE_URL: `${url}/` });
  expect(result.exitCode).toBe(0);
  expect(existsSync(join(prefix, "bin/polycrate"))).toBe(true);
});

test.each([
  ["Linux", "x86_64", "ldd (GNU libc) 2.36", "linux-x64"],
  ["Linux", "aarch64", "ldd (GNU libc) 2.36", "linux-arm64"],
  ["Linux", "amd64", "musl libc (x86_64)", "linux-x64-musl"],
  ["Linux", "aarch64", "musl libc (aarch64)", "linux-arm64-musl"],
  ["Darwin", "x86_64", "", "darwin-x64"],
  ["Darwin", "arm64", "", "darwin-arm64"],
])("on %s %s with `%s` it takes %s", async (system, processor, ldd, platform) => {
  served = new Map();
  for (const one of [
    "linux-x64",
    "linux-arm64",
    "linux-x64-musl",
    "linux-arm64-musl",
    "darwin-x64",
    "darwin-arm64",
  ]) {
    await release(one, `echo ${one}`);
  }
  const { stdout } = await install(["--url", url], { system, processor, ldd });
  expect(stdout).toStartWith(`polycrate ${platform} is installed`);
});

test.each(["a byte changed", "cut short", "another page's"])(
  "it refuses an archive that is damaged: %s",
  async (damage) => {
    putOld();
    const archive = await release("linux-x64", "echo 1.2.3");
    const middle = archive.length >> 1;
    const damaged = new Map([
      ["a byte changed", archive.with(middle, (archive[middle] ?? 0) ^ 1)],
      ["cut short", archive.slice(0, middle)],
      ["another page's", new TextEncoder().encode("<html>please log in</html>")],
    ]);
    served.set("polycrate-linux-x64.tar.gz", damaged.get(damage) ?? "");
    const { stderr, exitCode } = await install();
    expect(exitCode).toBe(1);
    expect(stderr).toContain("error: the checksum of polycrate-linux-x64.tar.gz does not match SHA256SUMS");
    expectUntouched();
  },
);

test("it refuses when the connection ends in the middle of the archive", async () => {
  putOld();
  const cut = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data: (socket, bytes) => {
        const sums = String(served.get("SHA256SUMS"));
        const isSums = bytes.toString().includes("SHA256SUMS");
        const body = isSums ? sums : "half";
        const length = isSums ? sums.length : 1000;
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n${body}`);
        socket.end();
      },
    },
  });
  const { stderr, exitCode } = await install(["--url", `http://127.0.0.1:${cut.port}`]);
  cut.stop(true);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("polycrate-linux-x64.tar.gz cannot be downloaded");
  expectUntouched();
});

test.each<[string, string, Machine, string]>([
  [
    "no platform of ours",
    "there is no executable for the architecture riscv64",
    { processor: "riscv64" },
    "source",
  ],
  ["another system", "there is no executable for FreeBSD", { system: "FreeBSD" }, "source"],
  ["Windows", "there is no executable for Windows", { system: "MINGW64_NT-10.0" }, "WSL"],
  [
    "a platform that the page has not",
    "has no polycrate-linux-arm64.tar.gz",
    { processor: "arm64" },
    "SHA256SUMS",
  ],
  [
    "nothing to check with",
    "no program found to verify the SHA-256 checksum",
    { without: ["sha256sum"] },
    "openssl",
  ],
  [
    "nothing to download with",
    "no program found to download with",
    { without: ["curl"] },
    "install curl or wget",
  ],
])("it refuses with a hint: %s", async (_, message, machine, hint) => {
  putOld();
  const { stderr, stdout, exitCode } = await install(["--url", url], machine);
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
  expect(stderr).toContain(message);
  const hints = stderr.split("\n").filter((line) => line.startsWith("hint: "));
  expect(hints).toEqual([expect.stringContaining(hint)]);
  expectUntouched();
});

test.each<[string, readonly string[], string]>([
  ["no page", [], "missing release page"],
  ["a flag without its value", ["--url"], "flag `--url` requires a value"],
  ["an unknown flag", ["--force"], "unexpected argument `--force`"],
  ["a page that is not there", ["--url", `${url}/nowhere`], "/nowhere/SHA256SUMS cannot be downloaded"],
])("it refuses a wrong command line: %s", async (_, words, message) => {
  putOld();
  const { stderr, exitCode } = await install(words);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(message);
  expectUntouched();
});

test("an executable that does not run here never takes the place of the old one", async () => {
  putOld();
  served = new Map();
  await release("linux-x64-musl", "echo no libstdc++ >&2; exit 127");
  const { stderr, exitCode } = await install(["--url", url], { ldd: "musl libc (x86_64)" });
  expect(exitCode).toBe(1);
  expect(stderr).toContain(
    "the executable does not run on this machine\nhint: on Alpine it requires a library: apk add libstdc++",
  );
  expectUntouched();
});

test("a prefix that cannot be written is refused", async () => {
  const { stderr, exitCode } = await install(["--url", url, "--prefix", "/proc/nothing"]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("error: /proc/nothing/bin cannot be written\nhint: pass `--prefix DIR`");
  expect(readdirSync(join(scratch, "tmp"))).toEqual([]);
});

test("a script that was cut short while it was downloaded does nothing", async () => {
  putOld();
  const whole = readFileSync(script, "utf8");
  const { exitCode } = await call(["/bin/sh", "-s", "--", "--url", url], {
    input: whole.slice(0, whole.lastIndexOf("main")),
    env: { HOME: join(scratch, "home"), TMPDIR: join(scratch, "tmp") },
  });
  expect(exitCode).toBe(0);
  expectUntouched();
});

test("without sha256sum another tool checks the archive", async () => {
  putOld();
  symlinkSync(Bun.which("openssl") ?? "", join(scratch, "openssl"));
  const env = { PATH: `${join(scratch, "path")}:${scratch}` };
  expect((await install(["--url", url], { without: ["sha256sum"] }, env)).exitCode).toBe(0);
});

test.skipIf(Bun.which("wget") === null)("wget does where curl is missing", async () => {
  mkdirSync(join(scratch, "wget"));
  symlinkSync(Bun.which("wget") ?? "", join(scratch, "wget/wget"));
  const path = `${join(scratch, "path")}:${join(scratch, "wget")}`;
  const { exitCode } = await install(["--url", url], { without: ["curl"] }, { PATH: path });
  expect(exitCode).toBe(0);
});
