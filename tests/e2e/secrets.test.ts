import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { call, executable, type Folder, makeFolder, workspaceWith } from "../support/harness.ts";

const canary = "canary-7d1f0c5a-value";
const certificate = "-----BEGIN-----\ncanary-first-line\ncanary-second-line\n-----END-----\n";

const secrets = `
env:
  TOKEN: {from_env: CANARY}
  CERTIFICATE: {from_file: ../certificate}
  PLAIN: visible`;

/** The paths below the folders whose content or name has the text. */
function filesWith(text: string, folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => path.includes(text) || readFileSync(path).includes(text)),
  );
}

/** The command lines of this moment that have the text. */
function commandLinesWith(text: string): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(commandLineOf)
    .filter((line) => line.includes(text));
}

/** A process may have ended since it was listed. */
function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

test("a secret is in no command line and in no file, during a run and after it", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      `
- name: use
  script:
    - test "$TOKEN" = "$EXPECTED"; test "$DIRECT" = "$EXPECTED"; test -n "$CERTIFICATE"
    - printf 'token %s\\n' "$TOKEN"; printf 'direct %s' "$DIRECT" >&2; printf '%s' "$CERTIFICATE"
    - echo ready; until [ -e go ]; do sleep 0.05; done
    - echo "$TOKEN" >&2; exit 3`,
      secrets,
    ),
  });
  const parent = dirname(folder.path);
  const temporary = join(parent, "temporary");
  mkdirSync(temporary);
  await Bun.write(join(parent, "certificate"), certificate);
  const env = { ...process.env, CANARY: canary, DIRECT: canary, EXPECTED: canary, TMPDIR: temporary };
  const words = [executable, "run", "b", "use", "--env", "DIRECT", "--env", "EXPECTED"];
  const child = Bun.spawn(words, { cwd: folder.path, env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const stderr = new Response(child.stderr).text();
  let stdout = "";
  for await (const chunk of child.stdout) {
    stdout += new TextDecoder().decode(chunk);
    if (!stdout.includes("ready") || folder.glob("go").length > 0) continue;
    expect(commandLinesWith("docker\0run\0")).not.toEqual([]);
    expect(commandLinesWith("--env=POLYCRATE_ENV_TOKEN\0")).not.toEqual([]);
    for (const text of [canary, "canary-first-line"]) {
      expect(commandLinesWith(text)).toEqual([]);
      expect(filesWith(text, [folder.path, temporary])).toEqual([]);
    }
    folder.write("go", "");
  }
  expect(stdout).toBe("token ***\n***\nready\n");
  expect(await stderr).toMatch(
    /^direct \*\*\*\*\*\*\nerror: b use failed with exit code 3 \(item 4, line 1\)\nlog: /,
  );
  expect(await child.exited).toBe(3);
  for (const text of [canary, "canary-first-line"]) {
    expect(filesWith(text, [folder.path, temporary])).toEqual([]);
  }
  const seen = filesWith("visible", [folder.path]);
  expect(seen).toContain(join(folder.path, "workspace.poly"));
  expect(seen).toContain(join(folder.path, folder.glob(".logs/snapshots/*.yml")[0] ?? ""));
});

test("snapshot and dry run show none, and the printed script takes them from its own surroundings", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: use, script: 'echo \"$TOKEN\" | sha256sum'}", secrets),
  });
  await Bun.write(join(dirname(folder.path), "certificate"), certificate);
  const env = { CANARY: canary };
  const snapshot = await folder.run(["snapshot", "b", "use"], { env });
  expect(snapshot.stdout).toContain('  TOKEN: "***"\n  CERTIFICATE: "***"\n  PLAIN: visible\n');
  const dry = await folder.run(["run", "b", "use", "--dry-run"], { env });
  expect(snapshot.stdout + dry.stdout).not.toContain("canary");
  const other = `${canary} of another day`;
  const hash = new Bun.CryptoHasher("sha256").update(`${other}\n`).digest("hex");
  expect((await call(["sh"], { input: dry.stdout, env: { CANARY: other } })).stdout).toBe(`${hash}  -\n`);
});

test("a name that programs of the host know means something to the action alone", async () => {
  const names = ["LD_PRELOAD", "DOCKER_HOST", "BASH_ENV", "DOCKER_CONFIG", "HOME", "PATH"];
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      `- {name: show, script: [${names.map((name) => `'echo "\${${name}#secret-}"'`).join(", ")}]}`,
      `env: {${names.map((name) => `${name}: {from_env: VALUE}`).join(", ")}}`,
    ),
  });
  const { stdout, exitCode } = await folder.run(["run", "b", "show"], { env: { VALUE: "secret-of mine" } });
  expect(stdout).toBe("of mine\n".repeat(names.length));
  expect(exitCode).toBe(0);
});

/** Linux passes 128 KiB in one string, its end included; the name that a secret travels under counts too. */
const longest = 128 * 1024 - 1 - "POLYCRATE_ENV_BIG=".length;

test("the longest value that Linux passes arrives, and one that is longer is refused", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: measure, script: 'echo \"${#BIG} ${BIG: -3}\"'}"),
  });
  const run = (length: number) =>
    folder.run(["run", "b", "measure", "--env", "BIG"], {
      env: { BIG: `${"x\n".repeat(length).slice(4 - length)}end.` },
    });
  expect((await run(longest)).stdout).toBe(`${longest} nd.\n`);
  const { stderr, exitCode } = await run(longest + 1);
  expect(stderr).toBe(
    "error: `--env`: the value of `BIG` is too long: Linux passes at most 128 KiB to a program\nhint: mount it as a file, with `extramounts` or `--mount`\n",
  );
  expect(exitCode).toBe(64);
});

test("a secret that is too short to be masked is warned of", async () => {
  using folder = makeFolder({ "workspace.poly": workspaceWith("- {name: show, script: echo $PIN $CODE}") });
  const words = ["run", "b", "show", "--env", "PIN", "--env", "CODE"];
  const { stdout, stderr } = await folder.run(words, { env: { PIN: "123", CODE: "1234" } });
  expect(stderr).toStartWith(
    "warning: the secret `PIN` is too short to be masked in the output\nhint: use a secret of at least 4 characters\n",
  );
  expect(stderr).not.toContain("CODE");
  expect(stdout).toBe("123 ***\n");
});

test("a secret is masked at a terminal too", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      '- {name: show, script: \'printf "%s" "$TOKEN"; test -t 1 && echo at a terminal\'}',
      "env: {TOKEN: {from_env: CANARY}}",
    ),
  });
  const output = await atTerminal(folder, ["run", "b", "show"], { CANARY: "canary first\ncanary second" });
  expect(output).toStartWith("***at a terminal\r");
  const [log = ""] = folder.glob(".logs/**/*.log");
  expect(folder.read(log)).toBe("***at a terminal\r\n");
});

async function atTerminal(
  folder: Folder,
  words: readonly string[],
  env: Record<string, string>,
): Promise<string> {
  let output = "";
  const child = Bun.spawn([executable, ...words], {
    cwd: folder.path,
    env: { ...process.env, CI: undefined, ...env },
    terminal: {
      cols: 80,
      rows: 24,
      data: (_, data) => {
        output += new TextDecoder().decode(data);
      },
    },
  });
  await child.exited;
  return output;
}

test("a secret in the name of an artifact is masked in the record, in JSON and on the terminal", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      `- {name: leave, script: ['touch "$POLYCRATE_BLOCK_ARTIFACTS/of-$TOKEN.txt"']}`,
      "env: {TOKEN: {from_env: CANARY}}",
    ),
  });
  const { stdout, stderr } = await folder.run(["run", "b", "leave", "--output=json"], {
    env: { CANARY: canary },
  });
  expect(stderr).toContain("  new: artifacts/blocks/b/of-***.txt (0 B)\n");
  expect(JSON.parse(stdout).artifacts ?? JSON.parse(stdout)[0].artifacts).toMatchObject([
    { path: "artifacts/blocks/b/of-***.txt" },
  ]);
  const history = await folder.run(["history", "--output=json"]);
  expect(`${stdout}${stderr}${history.stdout}`).not.toContain(canary);
  expect(filesWith(canary, [join(folder.path, ".logs")])).toEqual([]);
});

test("a secret that one stream begins and the other goes on with is masked in the log, where they meet", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith(
      "- {name: cut, script: [printf tok-SECRET, sleep 0.2, printf tok-, sleep 0.2, printf VALUE >&2]}",
      "env: {TOKEN: {from_env: TOKEN}}",
    ),
  });
  const { stdout, stderr } = await folder.run(["run", "b", "cut"], { env: { TOKEN: "tok-SECRETVALUE" } });
  expect(stdout).toBe("tok-SECRETtok-");
  expect(stderr).toStartWith("VALUE");
  const [log = ""] = folder.glob(".logs/**/*.log");
  expect(folder.read(log)).toBe("***tok-");
});
