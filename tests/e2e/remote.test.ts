import { describe, expect, test } from "bun:test";
import { lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { call, executable, type Folder, makeFolder, workspaceWith } from "../support/harness.ts";
import { engineOverSsh, engineOverTcp, failingDocker, remoteFolder } from "../support/remoteEngine.ts";
import { openScreen } from "../support/screen.ts";

const token = "s3cret value\nin two lines\\n";

const everything = workspaceWith(`
- name: act
  env: { TOKEN: { from_env: TOKEN } }
  script:
    - echo out; echo err >&2
    - printf %s "$TOKEN" | md5sum
    - echo changed >file; rm gone; mkdir -p new/deep; echo x >new/deep/y; ln -s nowhere new/link; chmod 750 new
    - echo "args $*"; exit 3
- { name: pass, script: [cat] }
- { name: ask, interactive: true, env: { TOKEN: { from_env: TOKEN } }, script: ['stty size; echo "ready \${#TOKEN}"; read -r x; echo "$x" >answer'] }
- { name: trap, script: ["trap 'echo state >state; exit 9' TERM; echo ready; sleep 300 & wait"] }
- { name: killed, script: ["echo half >half; kill -9 -1; sleep 300"] }
- { name: wait, env: { TOKEN: { from_env: TOKEN } }, script: ["echo begun >begun; echo ready; sleep 300"] }
- { name: both, script: ["trap : INT; echo theirs >file; echo ready; sleep 300 || :"] }
- { name: owner, script: [id -u] }
`);

function workspace(): Folder {
  const folder = makeFolder({ "workspace.poly": everything, file: "here\n", gone: "", "empty/keep": "" });
  symlinkSync("../../etc", join(folder.path, "out"));
  mkdirSync(join(folder.path, "odd\nname"));
  return folder;
}

/** All paths of the workspace that travel, with what is there. */
function stateOf(folder: Folder): readonly string[] {
  return readdirSync(folder.path, { recursive: true, encoding: "utf8" })
    .filter((path) => !/^\.(?:logs|polycrate|snapshot)/.test(path))
    .map((path) => {
      const status = lstatSync(join(folder.path, path));
      if (status.isSymbolicLink()) return `${path} -> ${readlinkSync(join(folder.path, path))}`;
      const mode = (status.mode & 0o7777).toString(8);
      return status.isFile() ? `${path} ${mode} ${folder.read(path)}` : `${path} ${mode}`;
    })
    .sort();
}

/** Starts a run, and resolves when its standard output has the text. */
async function start(folder: Folder, env: Readonly<Record<string, string | undefined>>, action: string) {
  const child = Bun.spawn([executable, ...words(action)], {
    cwd: folder.path,
    env: { ...process.env, CI: undefined, TOKEN: token, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const stderr = new Response(child.stderr).text();
  const decoder = new TextDecoder();
  let seen = "";
  for await (const chunk of child.stdout) {
    seen += decoder.decode(chunk);
    if (seen.includes("ready")) break;
  }
  return { child, stderr };
}

const words = (action: string) => ["run", "b", action, "--context", "far"];

const hasEngine = remoteFolder !== undefined;

describe.skipIf(!hasEngine)("on an engine of another machine, over ssh,", () => {
  test("an action has its files, secrets and arguments, and what it changes comes back", async () => {
    using folder = workspace();
    await using far = engineOverSsh();
    const { stdout, stderr, exitCode } = await folder.run([...words("act"), "--", "a b"], {
      env: { ...far.env, TOKEN: token },
    });
    expect(exitCode).toBe(3);
    expect(stdout).toBe(`out\n${md5(token)}\nargs a b\n`);
    expect(stderr).toMatch(/^err$/m);
    expect(stderr).toMatch(/^sent \d files, .*; fetched 3 files, removed 1$/m);
    expect(stateOf(folder)).toEqual(
      [
        ...[
          "artifacts 755",
          "artifacts/blocks 755",
          "artifacts/blocks/b 755",
          "empty 755",
          "empty/keep 644 ",
        ],
        ...["file 644 changed\n", "new 750", "new/deep 755", "new/deep/y 644 x\n", "new/link -> nowhere"],
        ...["odd\nname 755", "out -> ../../etc", `workspace.poly 644 ${everything}`],
      ].sort(),
    );
    expect(folder.records()).toMatchObject([
      { status: "failed", exit_code: 3, engine: "docker", context: "far", failed_at: { item: 4 } },
    ]);
    expect(await far.containersOf(folder)).toEqual([]);
    expect(folder.glob(".polycrate/run/**")).toEqual([]);
  });

  test("standard input passes as it is, after the secrets", async () => {
    using folder = makeFolder({
      "workspace.poly": workspaceWith("- { name: pass, env: { T: { from_env: TOKEN } }, script: [md5sum] }"),
    });
    await using far = engineOverSsh();
    const input = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 8)) & 255);
    const { stdout } = await folder.run(words("pass"), { env: { ...far.env, TOKEN: token }, input });
    expect(stdout).toBe(`${md5(input)}\n`);
  });

  test("a terminal has its size and what is typed, and does not show the secrets", async () => {
    using folder = workspace();
    await using far = engineOverSsh();
    await using screen = openScreen([executable, ...words("ask")], {
      directory: folder.path,
      env: { ...far.env, TOKEN: token },
      columns: 111,
      rows: 33,
    });
    const before = await screen.until(`ready ${token.length}`);
    expect(before).toContain("33 111");
    screen.type("hello\r");
    const after = await screen.until("succeeded");
    expect(after).toContain("fetched 1 file");
    expect(before + after).not.toMatch(/s3cret|s3cr|is ready|0163/);
    expect(folder.read("answer")).toBe("hello\n");
  });

  test("the files of an action that is interrupted come back, as those of one that is killed", async () => {
    using folder = workspace();
    await using far = engineOverSsh();
    const { child } = await start(folder, far.env, "trap");
    child.kill("SIGTERM");
    expect(await child.exited).toBe(143);
    expect(folder.read("state")).toBe("state\n");
    expect((await folder.run(words("killed"), far)).exitCode).toBe(137);
    expect(folder.read("half")).toBe("half\n");
    expect(folder.records().map(({ status }) => status)).toEqual(["interrupted", "failed"]);
    expect(await far.containersOf(folder)).toEqual([]);
  });
});

describe.skipIf(!hasEngine)("on an engine of another machine, over TCP,", () => {
  test("it takes six calls, and the events say what travelled", async () => {
    using folder = workspace();
    await using far = await engineOverTcp();
    const { stdout } = await folder.run([...words("owner"), "--output=events"], far);
    const events: readonly Readonly<Record<string, unknown>>[] = stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
    const of = (type: string) => events.filter((event) => event.type === type);
    // What kind of server answers is asked once, and kept.
    const commands = of("command").map(({ command }) => String(command));
    expect(commands.filter((command) => command !== "docker,version")).toEqual(
      ["create", "cp", "start", "wait", "cp", "cp", "rm"].map((word) => `docker,${word}`),
    );
    expect(of("sent")).toMatchObject([{ files: 5, left_out: [] }]);
    expect(of("fetched")).toMatchObject([{ files: 0, removed: 0, conflicts: [] }]);
  });

  test("the container's user is the caller's number with `user: host`", async () => {
    using folder = makeFolder({
      "workspace.poly": workspaceWith(
        `- { name: owner, script: ['id -u; id -un; cd; pwd; echo x >here; ls -ld . | cut -c1-10; echo y >/workspace/file'] }`,
        'user: "1234:1234"',
      ),
    });
    await using far = await engineOverTcp();
    const { stdout, stderr } = await folder.run(words("owner"), far);
    expect(stdout).toBe("1234\nuser\n/home/user\ndrwx------\n");
    expect(stderr).toContain("fetched 1 file");
    expect(lstatSync(join(folder.path, "file")).uid).toBe(process.getuid?.() ?? 0);
  });

  test("no secret is in the container's configuration or files, and `prune` fetches what a killed run left", async () => {
    using folder = workspace();
    folder.write("secrets.poly", "config: { globals: { password: hunter22 } }\n");
    await using far = await engineOverTcp();
    const { child } = await start(folder, far.env, "wait");
    const [name = ""] = await far.containersOf(folder);
    expect((await far.docker("inspect", name)).stdout).not.toMatch(/s3cret|hunter/);
    expect((await far.docker("exec", name, "grep", "-r", "hunter22", "/workspace", "/run")).stdout).toBe("");
    const inMemory = await far.docker(
      "exec",
      name,
      "grep",
      "-c",
      "hunter22",
      "/dev/shm/polycrate-snapshot.yml",
    );
    expect(inMemory.stdout).toBe("1\n");
    child.kill("SIGKILL");
    await child.exited;
    folder.write("file", "changed here\n");
    const here = await folder.run(["prune"], { env: { DOCKER_HOST: process.env.DOCKER_HOST } });
    expect(here.stderr).toContain("a run on the engine far was not cleaned up");
    const { stdout, exitCode } = await folder.run(["prune", "--context", "far"], far);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^fetched 1 file of /m);
    expect(stdout).toContain(`removed container ${name}`);
    expect([folder.read("begun"), folder.read("file")]).toEqual(["begun\n", "changed here\n"]);
    expect(await far.containersOf(folder)).toEqual([]);
    expect(folder.glob(".polycrate/run/**")).toEqual([]);
  });

  test("a file that changed at both ends stays, and the other is put beside it", async () => {
    using folder = workspace();
    await using far = await engineOverTcp();
    const { child, stderr } = await start(folder, far.env, "both");
    folder.write("file", "mine\n");
    folder.write("go", "");
    child.kill("SIGINT");
    await child.exited;
    expect(await stderr).toContain("warning: `file` was changed by the action and here meanwhile");
    expect(folder.read("file")).toBe("mine\n");
    const [theirs = ""] = folder.glob(".polycrate/conflicts/**/file");
    expect(folder.read(theirs)).toBe("theirs\n");
  });

  test("the printed script leaves the workspace as the run does", async () => {
    using folder = workspace();
    await using far = await engineOverTcp();
    const env = { ...far.env, TOKEN: token };
    const before = folder.read("file");
    const script = await folder.run([...words("act"), "--dry-run", "--", "a b"], { env });
    expect(script.stdout).not.toContain("s3cret");
    await folder.run(words("act"), { env });
    const after = stateOf(folder);
    using other = workspace();
    const text = script.stdout.replaceAll(folder.path, other.path);
    const printed = await call(["sh", "-c", text], { directory: other.path, env });
    expect(before).toBe("here\n");
    expect([printed.stdout, printed.exitCode]).toEqual([`out\n${md5(token)}\nargs a b\n`, 3]);
    expect(stateOf(other)).toEqual(after);
    expect(await far.containersOf(other)).toEqual([]);
    expect(other.glob(".polycrate/run/**")).toEqual([]);
  });

  test("what cannot be fetched stays in its container, which is named", async () => {
    using folder = workspace();
    await using far = await engineOverTcp();
    using broken = failingDocker('*" cp "*" -"', "no space left");
    const env = { ...far.env, TOKEN: token, PATH: `${broken.path}:${far.env.PATH}` };
    const { stderr, exitCode } = await folder.run(words("act"), { env });
    const [name = ""] = await far.containersOf(folder);
    expect(exitCode).toBe(74);
    expect(stderr).toContain("its files could not be fetched: no space left");
    expect(stderr).toContain(`\`${name}\``);
    expect(folder.records()).toMatchObject([{ status: "failed", exit_code: 74, container_exit_code: 3 }]);
    expect(folder.read("file")).toBe("here\n");
    await folder.run(["prune", "--context", "far"], far);
    expect(folder.read("file")).toBe("changed\n");
    expect(await far.containersOf(folder)).toEqual([]);
  });

  test("files of this machine are refused, with the place", async () => {
    using folder = makeFolder({
      "workspace.poly": workspaceWith("- { name: a, script: [ls] }", "docker_socket: true"),
    });
    await using far = await engineOverTcp();
    const { stderr, exitCode } = await folder.run(words("a"), far);
    expect(exitCode).toBe(65);
    expect(stderr).toContain("error: workspace.poly:5:20: the docker socket cannot be mounted");
  });

  test("a connection that breaks ends the run, and `prune` fetches what is there", async () => {
    using folder = workspace();
    await using far = await engineOverTcp();
    const { child, stderr } = await start(folder, far.env, "wait");
    far.cut();
    expect(await child.exited).toBe(69);
    expect(await stderr).toContain("lost the connection to the engine");
    const [name = ""] = await far.containersOf(folder);
    far.mend();
    const { stdout } = await folder.run(["prune", "--context", "far"], far);
    expect(stdout).toContain(`removed container ${name}`);
    expect(folder.read("begun")).toBe("begun\n");
    expect(await far.containersOf(folder)).toEqual([]);
  });
});

function md5(data: string | Uint8Array): string {
  return `${new Bun.CryptoHasher("md5").update(data).digest("hex")}  -`;
}
