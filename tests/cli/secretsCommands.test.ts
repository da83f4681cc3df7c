import { expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { sharedMemoryFolder } from "../../src/host/memoryFolder.ts";
import { ageIdentity, ageRecipient, encryptedByAge, sshKey, sshRecipientLine } from "../support/ageKeys.ts";
import { executable, makeFolder } from "../support/harness.ts";
import { canary, secretsFolder, secretsText } from "../support/secrets.ts";

const memory = sharedMemoryFolder(process.getuid?.() ?? 0);

test("a workspace's secrets are encrypted for the caller, and printed again", async () => {
  using folder = secretsFolder({ "w/secrets.poly": secretsText });
  const encrypted = await folder.polycrate(["secrets", "encrypt"]);
  expect(encrypted).toMatchObject({ exitCode: 0, stdout: "" });
  expect(encrypted.stderr).toBe(
    "wrote secrets.recipients with your public key; commit it\n" +
      "wrote secrets.poly.age for 1 recipient, and removed secrets.poly\n",
  );
  expect(folder.read("w/secrets.recipients")).toBe(`# anna\n${ageRecipient}\n`);
  expect(folder.glob("w/*")).toEqual(["w/secrets.poly.age", "w/secrets.recipients", "w/workspace.poly"]);
  expect((await folder.polycrate(["secrets", "decrypt"])).stdout).toBe(secretsText);
  const inspected = await folder.polycrate(["inspect", "b", "--explain"]);
  expect(inspected.stdout).toMatch(/config\.password +\*{3} /);
  expect(inspected.stdout).toContain("secrets.poly.age:4:7");
  expect((await folder.polycrate(["validate"])).exitCode).toBe(0);
  const written = await folder.polycrate(["secrets", "decrypt", "--write"]);
  expect(written.stderr).toContain(
    "wrote secrets.poly in clear text, and removed secrets.poly.age; do not commit it",
  );
  expect(folder.read("w/secrets.poly")).toBe(secretsText);
  expect(statSync(join(folder.path, "w/secrets.poly")).mode & 0o777).toBe(0o600);
});

test("without an identity what is not secret works, and what needs the values says how to get one", async () => {
  using folder = secretsFolder({ "w/secrets.poly": secretsText });
  await folder.polycrate(["secrets", "encrypt"]);
  const env = { HOME: join(folder.path, "nobody") };
  expect((await folder.polycrate(["list"], { env })).exitCode).toBe(0);
  const checked = await folder.polycrate(["validate"], { env });
  expect(checked.exitCode).toBe(0);
  expect(checked.stderr).toContain("what it has is left out");
  const run = await folder.polycrate(["run", "b", "show"], { env });
  expect(run.exitCode).toBe(65);
  expect(run.stderr).toContain(
    "`secrets.poly.age` is encrypted, and you have no identity to decrypt it with\nhint: set `AGE_KEY_FILE`",
  );
  const other = await folder.polycrate(["secrets", "decrypt"], { env: { ...env, AGE_KEY_FILE: "ssh-key" } });
  expect(other.stderr).toContain("the file `ssh-key` of `AGE_KEY_FILE` cannot be read");
  folder.write("ssh-key", sshKey);
  const wrong = await folder.polycrate(["secrets", "decrypt"], { env: { ...env, AGE_KEY_FILE: "ssh-key" } });
  expect(wrong.stderr).toContain(
    "`secrets.poly.age` is not encrypted for you\nhint: a person who can decrypt it adds you: `polycrate secrets recipients add 'ssh-ed25519 ",
  );
  const byVariable = await folder.polycrate(["secrets", "decrypt"], {
    env: { ...env, POLYCRATE_AGE_KEY: ageIdentity },
  });
  expect(byVariable.stdout).toBe(secretsText);
});

test("a new identity is made once", async () => {
  using folder = makeFolder({});
  const env = { HOME: folder.path, XDG_CONFIG_HOME: undefined };
  const made = await folder.run(["secrets", "keygen"], { env });
  expect(made.stdout).toMatch(/^age1[a-z0-9]{58}\n$/);
  const path = join(folder.path, ".config/polycrate/identity.txt");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(folder.read(".config/polycrate/identity.txt")).toContain(
    `# public key: ${made.stdout}AGE-SECRET-KEY-1`,
  );
  const again = await folder.run(["secrets", "keygen"], { env });
  expect(again).toMatchObject({ exitCode: 73, stdout: "" });
  expect(again.stderr).toStartWith(`error: \`${path}\` exists\n`);
});

test("recipients are added, listed and removed, and all files are encrypted again each time", async () => {
  using folder = secretsFolder({
    "w/secrets.poly": secretsText,
    "w/artifacts/secrets/cert": canary,
    key: sshKey,
  });
  for (const file of [[], ["w/artifacts/secrets/cert"]])
    await folder.polycrate(["secrets", "encrypt", ...file]);
  const env = { AGE_KEY_FILE: "key", HOME: join(folder.path, "nobody") };
  const read = () => folder.polycrate(["secrets", "decrypt", "w/artifacts/secrets/cert.age"], { env });
  expect((await read()).exitCode).toBe(65);
  const added = await folder.polycrate(["secrets", "recipients", "add", sshRecipientLine, "--name=ben"]);
  expect(added.stderr).toBe("encrypted for 2 recipients: secrets.poly.age, artifacts/secrets/cert.age\n");
  expect((await read()).stdout).toBe(canary);
  expect((await folder.polycrate(["secrets", "recipients"])).stdout).toMatch(
    new RegExp(`^KEY +NAME\n${ageRecipient} +anna\nssh-ed25519 \\S+ +ben\n$`),
  );
  const before = folder.read("w/secrets.poly.age");
  expect((await folder.polycrate(["secrets", "recipients", "rotate"])).exitCode).toBe(0);
  expect(folder.read("w/secrets.poly.age")).not.toBe(before);
  const own = await folder.polycrate(["secrets", "recipients", "remove", "anna"]);
  expect(own).toMatchObject({ exitCode: 64 });
  expect(own.stderr).toContain("you could not decrypt the secrets then\nhint: pass `--force`");
  const removed = await folder.polycrate(["secrets", "recipients", "remove", "ben"]);
  expect(removed.stderr).toContain("encrypted for 1 recipient: ");
  expect(removed.stderr).toContain("change the passwords and tokens too");
  expect((await read()).exitCode).toBe(65);
  expect((await folder.polycrate(["secrets", "recipients", "add", "age1x"])).exitCode).toBe(65);
  expect((await folder.polycrate(["secrets", "recipients", "ad"])).stderr).toContain("unknown change `ad`");
});

test("an edit is in memory while the editor is open, and encrypted at its end", async () => {
  using folder = secretsFolder({ "w/secrets.poly": secretsText });
  await folder.polycrate(["secrets", "encrypt"]);
  folder.write(
    "editor",
    `#!/bin/sh
pwd > ${folder.path}/where; stat -f -c %T . >> ${folder.path}/where; stat -c %a . "$1" >> ${folder.path}/where
[ "$TMPDIR" = "$PWD" ] && cp "$1" "$1~" && sed -i s/value/changed/ "$1"`,
  );
  const edited = await folder.polycrate(["secrets", "edit"], { env: { EDITOR: `sh ${folder.path}/editor` } });
  expect(edited).toMatchObject({ exitCode: 0, stderr: "wrote secrets.poly.age\n" });
  const [where = "", ...rest] = folder.read("where").trim().split("\n");
  expect(where).toStartWith(memory);
  expect(rest).toEqual(["tmpfs", "700", "600"]);
  expect(existsSync(where)).toBe(false);
  expect((await folder.polycrate(["secrets", "decrypt"])).stdout).toBe(
    secretsText.replace("value", "changed"),
  );

  const before = folder.read("w/secrets.poly.age");
  const same = await folder.polycrate(["secrets", "edit"], { env: { EDITOR: "true" } });
  expect(same.stderr).toBe("nothing was changed\n");
  expect(folder.read("w/secrets.poly.age")).toBe(before);
  const none = await folder.polycrate(["secrets", "edit"], { env: { EDITOR: "no-such-editor" } });
  expect(none).toMatchObject({ exitCode: 64 });
  expect(existsSync(where)).toBe(false);
});

test("what was typed before the editor failed, or that is no YAML, is continued", async () => {
  using folder = secretsFolder({ "w/secrets.poly": secretsText });
  await folder.polycrate(["secrets", "encrypt"]);
  const before = folder.read("w/secrets.poly.age");
  const edit = (editor: string, ...words: readonly string[]) =>
    folder.polycrate(["secrets", "edit", ...words], { env: { EDITOR: editor } });
  const crashed = await edit(`sed -i 's/password:/password: ["/' "$1"; exit 3 #`);
  expect(crashed.exitCode).toBe(73);
  expect(crashed.stderr).toContain(
    "the editor failed with exit code 3\nhint: what you typed is kept in memory",
  );
  const invalid = await edit(`grep -q '\\["' "$1"; true #`);
  expect(invalid.exitCode).toBe(65);
  expect(invalid.stderr).toContain("continuing an edit that was not finished\n");
  expect(invalid.stderr).toMatch(/error: secrets\.poly:4:\d+: .*\nhint: .*--discard/);
  expect(invalid.stderr).not.toContain(canary);
  expect(folder.read("w/secrets.poly.age")).toBe(before);
  const valid = await edit(`sed -i 's/ \\["//; s/value/finished/' "$1" #`);
  expect(valid.stderr).toContain("wrote secrets.poly.age\n");
  expect((await folder.polycrate(["secrets", "decrypt"])).stdout).toBe(
    secretsText.replace("value", "finished"),
  );
  await edit(`echo '# more' >> "$1"; exit 1 #`);
  expect((await edit("true", "--discard")).stderr).toBe("nothing was changed\n");
});

test("a second editor is refused, and so is a change while one is open", async () => {
  using folder = secretsFolder({ "w/secrets.poly": secretsText });
  await folder.polycrate(["secrets", "encrypt"]);
  const editor = `touch ${folder.path}/open; until [ -e ${folder.path}/close ]; do sleep 0.02; done #`;
  const child = Bun.spawn([executable, "secrets", "edit", "--workspace=w"], {
    ...{ cwd: folder.path, stdin: "ignore", stdout: "ignore", stderr: "ignore" },
    env: { ...process.env, ...folder.environment, EDITOR: editor },
  });
  while (!existsSync(join(folder.path, "open"))) await Bun.sleep(20);
  for (const words of [["edit"], ["recipients", "rotate"], ["decrypt", "--write"]]) {
    const refused = await folder.polycrate(["secrets", ...words], { env: { EDITOR: "true" } });
    expect(refused).toMatchObject({ exitCode: 73 });
    expect(refused.stderr).toContain("another process edits or changes the secrets of this workspace");
  }
  folder.write("close", "");
  expect(await child.exited).toBe(0);
});

test("an edit of a file that was changed meanwhile does not overwrite it", async () => {
  using folder = secretsFolder({ "w/secrets.poly": secretsText });
  await folder.polycrate(["secrets", "encrypt"]);
  const editor = `echo '# mine' >> "$1"; cp ${folder.path}/theirs ${folder.path}/w/secrets.poly.age #`;
  folder.write("theirs", encryptedByAge);
  const edited = await folder.polycrate(["secrets", "edit"], { env: { EDITOR: editor } });
  expect(edited.exitCode).toBe(73);
  expect(edited.stderr).toContain(
    "`secrets.poly.age` was changed meanwhile\nhint: what you typed is kept in memory",
  );
  expect(folder.read("w/secrets.poly.age")).toBe(encryptedByAge);
  const again = await folder.polycrate(["secrets", "edit"], { env: { EDITOR: "true" } });
  expect(again.stderr).toContain("an edit was not finished, and `secrets.poly.age` was changed since");
  await folder.polycrate(["secrets", "edit", "--discard"], { env: { EDITOR: "true" } });
});

test.each([
  ["truncated", (text: string) => text.slice(0, text.length / 2), "is damaged: it was cut, or changed"],
  ["empty", () => "", "is not a file of age"],
  ["in clear text", () => secretsText, "is not a file of age"],
])("a file that is %s is an error of every command that needs it", async (_, change, message) => {
  using folder = secretsFolder({ "w/secrets.poly": secretsText });
  await folder.polycrate(["secrets", "encrypt"]);
  folder.write("w/secrets.poly.age", change(folder.read("w/secrets.poly.age")));
  for (const words of [
    ["run", "b", "show"],
    ["secrets", "edit"],
    ["secrets", "recipients", "rotate"],
  ]) {
    const failed = await folder.polycrate(words);
    expect(failed).toMatchObject({ exitCode: 65 });
    expect(failed.stderr).toContain(`\`secrets.poly.age\` ${message}`);
    expect(failed.stderr).not.toContain(canary);
  }
});

test("both files are an error that says so, and encrypting the same again ends it", async () => {
  using folder = secretsFolder({ "w/secrets.poly": secretsText });
  await folder.polycrate(["secrets", "encrypt", "--keep"]);
  const run = await folder.polycrate(["run", "b", "show"]);
  expect(run).toMatchObject({ exitCode: 65 });
  expect(run.stderr).toContain("the workspace has both `secrets.poly` and `secrets.poly.age`");
  expect((await folder.polycrate(["list"])).exitCode).toBe(0);
  const before = folder.read("w/secrets.poly.age");
  expect((await folder.polycrate(["secrets", "encrypt"])).exitCode).toBe(0);
  expect(folder.read("w/secrets.poly.age")).toBe(before);
  folder.write("w/secrets.poly", "config: {a: 1}\n");
  const other = await folder.polycrate(["secrets", "encrypt"]);
  expect(other).toMatchObject({ exitCode: 73 });
  expect(other.stderr).toContain("`secrets.poly.age` exists, and has something else than `secrets.poly`");
  expect((await folder.polycrate(["secrets", "encrypt", "--force"])).exitCode).toBe(0);
  expect((await folder.polycrate(["secrets", "decrypt"])).stdout).toBe("config: {a: 1}\n");
});

test("a file outside of the workspace, and one that is not there, are refused", async () => {
  using folder = secretsFolder({ outside: "x" });
  expect((await folder.polycrate(["secrets", "encrypt", "outside"])).stderr).toContain(
    "`outside` is not a file of the workspace",
  );
  expect((await folder.polycrate(["secrets", "encrypt", "w/none"])).stderr).toContain(
    "`none` does not exist",
  );
  folder.write("w/elsewhere", canary);
  expect((await folder.polycrate(["secrets", "encrypt", "w/elsewhere"])).stderr).toContain(
    "actions do not find elsewhere in clear text: only files below artifacts/secrets are decrypted for them\n",
  );
  const created = await folder.polycrate(["secrets", "edit"], {
    env: { EDITOR: "printf 'config: {a: b}\\n' >" },
  });
  expect(created.stderr).toContain("wrote secrets.poly.age\n");
});

test("git must ignore secrets in clear text", async () => {
  using folder = secretsFolder({
    "w/secrets.poly": secretsText,
    "w/.gitignore": ".snapshot.yml\nid_rsa\n.logs/\n",
  });
  Bun.spawnSync(["git", "init", "-q"], { cwd: join(folder.path, "w") });
  const open = await folder.polycrate(["validate"]);
  expect(open).toMatchObject({ exitCode: 65 });
  expect(open.stdout).toContain(
    "error: secrets.poly: git does not ignore these secrets [open-secrets]\nhint: add `secrets.poly` to `.gitignore`",
  );
  Bun.spawnSync(["git", "add", "secrets.poly"], { cwd: join(folder.path, "w") });
  expect((await folder.polycrate(["validate"])).stdout).toContain(
    "git tracks these secrets, and keeps them in its history",
  );
  Bun.spawnSync(["git", "rm", "-q", "--cached", "secrets.poly"], { cwd: join(folder.path, "w") });
  folder.write("w/.gitignore", ".snapshot.yml\nid_rsa\n.logs/\nsecrets.poly\n");
  expect((await folder.polycrate(["validate"])).exitCode).toBe(0);
  folder.write("w/artifacts/secrets/key", canary);
  folder.write("w/artifacts/secrets/mounted", "");
  const key = await folder.polycrate(["validate"]);
  expect(key.stdout).toContain(
    "error: artifacts/secrets/key: git does not ignore these secrets [open-secrets]",
  );
  expect(key.stdout).not.toContain("mounted");
});

test("no line of `secrets.poly` is shown beside a problem in it", async () => {
  using folder = secretsFolder({ "w/secrets.poly": `config: {container: {image: ${canary}}}\n` });
  for (const output of [[], ["--output=json"], ["--output=sarif"], ["--output=github"]]) {
    const checked = await folder.polycrate(["validate", ...output]);
    expect(checked.stdout).toContain("cannot be secret");
    expect(checked.stdout + checked.stderr).not.toContain(canary);
  }
});
