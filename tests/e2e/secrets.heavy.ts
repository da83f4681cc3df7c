import { expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ageRecipient } from "../support/ageKeys.ts";
import { filesWith, processesWith } from "../support/canary.ts";
import { call, executable, workspaceWith } from "../support/harness.ts";
import { canary, secretsFolder, secretsText } from "../support/secrets.ts";

// Takes minutes, and needs age, pass, gnupg and vim: `sh scripts/test.sh --secrets` runs it.

type SecretsFolder = ReturnType<typeof secretsFolder>;

const points = 20;

/** Starts polycrate in the folder, and ends it with SIGKILL after that many milliseconds; false if it had ended before. */
async function killedAt(
  folder: SecretsFolder,
  words: readonly string[],
  milliseconds: number,
  env: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  const child = Bun.spawn([executable, ...words, "--workspace=w"], {
    ...{ cwd: folder.path, stdin: "ignore", stdout: "ignore", stderr: "ignore" },
    env: { ...process.env, ...folder.environment, CI: undefined, ...env },
  });
  await Bun.sleep(milliseconds);
  child.kill("SIGKILL");
  await child.exited;
  return child.signalCode === "SIGKILL";
}

/** In milliseconds. */
async function durationOf(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

/** What is in clear text on the disk, but for the file that is meant to be. */
function onDisk(folder: SecretsFolder, ...allowed: readonly string[]): readonly string[] {
  return filesWith(canary, [folder.path])
    .map((path) => path.slice(folder.path.length + 1))
    .filter((path) => !allowed.includes(path));
}

async function decrypted(folder: SecretsFolder): Promise<string> {
  return (await folder.polycrate(["secrets", "decrypt"])).stdout;
}

test("SIGKILL at any point of `encrypt` leaves the secrets in one of both files, and nothing else in clear text", async () => {
  let kills = 0;
  using first = secretsFolder({ "w/secrets.poly": secretsText });
  const whole = await durationOf(() => first.polycrate(["secrets", "encrypt"]));
  for (let point = 0; point < points; point += 1) {
    using folder = secretsFolder({
      "w/secrets.poly": secretsText,
      "w/secrets.recipients": `${ageRecipient}\n`,
    });
    if (await killedAt(folder, ["secrets", "encrypt"], (whole * point) / points)) kills += 1;
    expect(onDisk(folder, "w/secrets.poly")).toEqual([]);
    if (existsSync(join(folder.path, "w/secrets.poly")))
      expect(folder.read("w/secrets.poly")).toBe(secretsText);
    else expect(await decrypted(folder)).toBe(secretsText);
    if (existsSync(join(folder.path, "w/secrets.poly"))) {
      expect((await folder.polycrate(["secrets", "encrypt"])).exitCode).toBe(0);
    }
    expect(await decrypted(folder)).toBe(secretsText);
  }
  expect(kills).toBeGreaterThan(points / 4);
});

test("SIGKILL at any point of `edit` loses neither the secrets nor what was typed, and leaves nothing on the disk", async () => {
  using folder = secretsFolder({ "w/secrets.poly": secretsText });
  await folder.polycrate(["secrets", "encrypt"]);
  const type = (number: number) =>
    `echo '# edit ${number}' >> "$1"; touch ${folder.path}/typed-${number}; sleep 0.05 #`;
  const edit = () => folder.polycrate(["secrets", "edit"], { env: { EDITOR: type(999) } });
  // The first one takes longer.
  await edit();
  const whole = await durationOf(edit);
  let kills = 0;
  for (let point = 0; point < points; point += 1) {
    if (await killedAt(folder, ["secrets", "edit"], (whole * point) / points, { EDITOR: type(point) }))
      kills += 1;
    // An editor that was started lives on.
    await Bun.sleep(100);
    expect(onDisk(folder)).toEqual([]);
    const wasTyped = existsSync(join(folder.path, `typed-${point}`));
    const again = await folder.polycrate(["secrets", "edit"], { env: { EDITOR: "true" } });
    expect(again.exitCode).toBe(0);
    const text = await decrypted(folder);
    expect(text).toStartWith(secretsText);
    expect(text.includes(`# edit ${point}\n`)).toBe(wasTyped);
  }
  expect(kills).toBeGreaterThan(points / 4);
  expect((await folder.polycrate(["validate"])).exitCode).toBe(0);
});

test("SIGKILL at any point of a run leaves no secret on the disk, and the next run and `prune` end what it left", async () => {
  using folder = secretsFolder({
    "w/secrets.poly": secretsText,
    "w/artifacts/secrets/key": `${canary}\n`,
    "w/workspace.poly": workspaceWith(`
- {name: show, script: ["cat $POLYCRATE_SNAPSHOT_FILE artifacts/secrets/key", sleep 0.2]}`),
  });
  for (const file of [[], ["w/artifacts/secrets/key"]])
    await folder.polycrate(["secrets", "encrypt", ...file]);
  const whole = await durationOf(() => folder.polycrate(["run", "b", "show"]));
  let kills = 0;
  for (let point = 0; point < points; point += 1) {
    if (await killedAt(folder, ["run", "b", "show"], (whole * point) / points)) kills += 1;
    expect(onDisk(folder)).toEqual([]);
    expect((await folder.polycrate(["run", "b", "show"])).exitCode).toBe(0);
    expect((await folder.polycrate(["prune"])).exitCode).toBe(0);
    expect(onDisk(folder)).toEqual([]);
  }
  expect(kills).toBeGreaterThan(points / 4);
  // In memory nothing is left either.
  const memory = `/dev/shm/polycrate-${process.getuid?.()}`;
  const name = new Bun.CryptoHasher("sha256").update(join(folder.path, "w")).digest("hex").slice(0, 16);
  expect(filesWith(canary, [join(memory, name)])).toEqual([]);
}, 180_000);

test("vim with settings of its own for copies keeps none, and no process has the secret in its arguments or variables", async () => {
  using folder = secretsFolder({ "w/secrets.poly": secretsText });
  await folder.polycrate(["secrets", "encrypt"]);
  const home = join(folder.path, "home");
  folder.write("home/copies/x", "");
  folder.write(
    "home/.vimrc",
    `set backup backupdir=${home}/copies// undofile undodir=${home}/copies// directory=${home}/copies// viminfo='100,<50,n${home}/.viminfo\n`,
  );
  const pause = `call system("touch ${folder.path}/open; until [ -e ${folder.path}/go ]; do sleep 0.02; done")`;
  const editor = `vim -es -c 'normal yy' -c '%s/value/changed/' -c w -c '${pause}' -c wq`;
  const child = Bun.spawn([executable, "secrets", "edit", "--workspace=w"], {
    ...{ cwd: folder.path, stdin: "ignore", stdout: "ignore", stderr: "ignore" },
    env: { ...process.env, ...folder.environment, EDITOR: editor },
  });
  while (!existsSync(join(folder.path, "open"))) await Bun.sleep(20);
  expect(onDisk(folder)).toEqual([]);
  expect(processesWith(canary)).toEqual([]);
  const limits = readFileSync(`/proc/${child.pid}/limits`, "utf8");
  expect(limits).toMatch(/^Max core file size +0 +0 +bytes/m);
  folder.write("go", "");
  expect(await child.exited).toBe(0);
  expect(onDisk(folder)).toEqual([]);
  expect(folder.glob("home/**/*").filter((path) => !path.includes("identity"))).toEqual([
    "home/.vimrc",
    "home/copies/x",
  ]);
  expect(await decrypted(folder)).toBe(secretsText.replace("value", "changed"));
});

test("age reads what polycrate writes, and polycrate what age writes, as text and as bytes, for age and ssh keys", async () => {
  using folder = secretsFolder({ "w/secrets.poly": secretsText });
  const age = (...words: readonly string[]) => call(["age", ...words], { directory: folder.path });
  await call(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(folder.path, "ssh")]);
  const line = folder.read("ssh.pub").trim();
  expect((await folder.polycrate(["secrets", "recipients", "add", line])).exitCode).toBe(0);
  expect((await folder.polycrate(["secrets", "encrypt"])).exitCode).toBe(0);
  for (const identity of ["home/.config/polycrate/identity.txt", "ssh"]) {
    expect((await age("--decrypt", "--identity", identity, "w/secrets.poly.age")).stdout).toBe(secretsText);
  }
  folder.write("clear", "config: {container: {env: {TOKEN: by-age-itself}}}\n");
  for (const armor of [["--armor"], []]) {
    const file = ["--output", "w/secrets.poly.age", "clear"];
    await age("--recipients-file", "w/secrets.recipients", ...armor, ...file);
    for (const env of [{}, { HOME: "/nowhere", AGE_KEY_FILE: "ssh" }]) {
      expect((await folder.polycrate(["secrets", "decrypt"], { env })).stdout).toBe(folder.read("clear"));
    }
  }
});

test("a secret of `pass` reaches the action, and nothing else", async () => {
  using folder = secretsFolder({
    "w/workspace.poly": workspaceWith(
      '- {name: show, script: [\'printf "%s" "$DB" | md5sum\', \'echo "db is $DB"\']}',
      'env: {DB: {from_manager: "pass://infra/db"}}',
    ),
    "home/.config/polycrate/managers.toml":
      'pass = { command = ["pass", "show", "{path}"], first_line = true }\n',
  });
  chmodSync(join(folder.path, "home/.config/polycrate/managers.toml"), 0o600);
  // The path of gpg-agent's socket has at most 107 characters.
  const gnupg = `/dev/shm/gnupg-${process.pid}`;
  await call(["mkdir", "-m", "700", gnupg]);
  const env = { ...folder.environment, GNUPGHOME: gnupg, PASSWORD_STORE_DIR: join(folder.path, "store") };
  const inFolder = (words: readonly string[], input?: string) =>
    call(words, { directory: folder.path, env, ...(input === undefined ? {} : { input }) });
  try {
    await inFolder([
      "gpg",
      "--batch",
      "--passphrase",
      "",
      "--quick-generate-key",
      "anna@example",
      "default",
      "default",
    ]);
    expect((await inFolder(["pass", "init", "anna@example"])).exitCode).toBe(0);
    expect(
      (await inFolder(["pass", "insert", "--multiline", "infra/db"], `${canary}\nuser: anna\n`)).exitCode,
    ).toBe(0);
    const shown = await folder.polycrate(["run", "b", "show"], { env });
    expect(shown.stderr).toContain("b show succeeded");
    expect(shown.stdout).toBe(`${new Bun.CryptoHasher("md5").update(canary).digest("hex")}  -\ndb is ***\n`);
    expect(onDisk(folder)).toEqual([]);
    const missing = await folder.polycrate(["run", "b", "show"], {
      env: { ...env, PASSWORD_STORE_DIR: folder.path },
    });
    expect(missing).toMatchObject({ exitCode: 65 });
    expect(missing.stderr).toContain(
      "`pass` failed with exit code 1 for `pass://infra/db`\nhint: run it yourself to see why: `pass show infra/db`",
    );
  } finally {
    await inFolder(["gpgconf", "--kill", "all"]);
    await call(["rm", "-rf", gnupg]);
  }
});

test("a value of a MiB in 16,000 lines is masked in an output that has all of it, in seconds", async () => {
  const lines = Array.from({ length: 16_000 }, (_, index) => `${canary}-${String(index).padStart(40, "0")}`);
  const secrets = `blocks:\n  - name: b\n    config:\n      key: |\n${lines.map((one) => `        ${one}`).join("\n")}\n`;
  using folder = secretsFolder({ "w/secrets.poly": secrets });
  const time = await durationOf(async () => {
    const shown = await folder.polycrate(["run", "b", "show"]);
    expect(shown.exitCode).toBe(0);
    expect(shown.stdout).not.toContain("canary");
    expect(shown.stdout.match(/\*\*\*/g)?.length).toBeGreaterThan(32_000 - 1);
  });
  process.stdout.write(`a value of a MiB: ${Math.round(time)} ms\n`);
});

test("a playbook finds the secrets as they are, whatever is in them", async () => {
  const values = ["p'a\"s: # \\", "0123", "on", "1.10", "größe"];
  const secrets = { blocks: [{ name: "play", config: { values } }] };
  using folder = secretsFolder({
    "w/workspace.poly": `name: test
config: {container: {image: "polycrate-test:debian"}}
blocks:
  - name: play
    actions: [{name: show, playbook: play.yml}]
`,
    "w/play.yml": `- hosts: localhost
  gather_facts: false
  tasks:
    - copy: {content: "{{ block.config['values'] | to_json }}", dest: /tmp/values}
    - command: md5sum /tmp/values
      register: sum
    - debug: {msg: "sum {{ sum.stdout }}"}
    - debug: {var: "block.config"}
`,
    "w/secrets.poly": JSON.stringify(secrets),
  });
  const played = await folder.polycrate(["run", "play", "show"]);
  expect(played.stdout).toContain("sum ");
  for (const value of values.filter((one) => one.length >= 4)) expect(played.stdout).not.toContain(value);
  expect(played.exitCode).toBe(0);
});
