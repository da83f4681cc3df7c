import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { findTopic } from "../../src/cli/topics/topics.ts";
import { filesWith } from "../support/canary.ts";
import { busybox } from "../support/harness.ts";
import { secretsFolder } from "../support/secrets.ts";

const canary = "canary-55e0b7c1-managed";

/** A stand-in for a manager: it notes how it was called, and prints a secret only for exactly these arguments. */
function standIn(...words: readonly string[]): string {
  return `#!/bin/sh
echo "\${0##*/}" "$@" >> "$ASKED"
[ "$*" = '${words.join(" ")}' ] || { echo "${canary}-error" >&2; echo ${canary}-out; exit 5; }
echo "${canary}-\${0##*/}"
`;
}

/** The managers that the manual shows to copy. */
function managersOfManual(): string {
  const [, lines = ""] = /^```toml\n([\s\S]*?)^```$/m.exec(findTopic("secrets")?.text ?? "") ?? [];
  return lines;
}

const workspace = `name: test
config: {container: {image: "${busybox}", env: {OP: {from_manager: "op://infra/db/password"}}}}
blocks:
  - name: b
    actions:
      - name: show
        env: {VAULT: {from_manager: "vault://secret/db#password"}}
        inputs: {token: {secret: true}, other: {secret: true, required: false}}
        script: 'printf "%s\\n" "$OP $VAULT $INPUT_TOKEN $INPUT_OTHER" | md5sum; echo "$OP $VAULT $INPUT_TOKEN $INPUT_OTHER"'
workflows:
  - name: release
    steps:
      - {name: one, block: b, action: show, inputs: {token: {from_manager: "bw://db"}}}
      - {name: two, block: b, action: show, inputs: {token: {from_manager: "bw://db"}}}
`;

test("managers are asked with the words of the manual, once for a workflow, and never for a dry run", async () => {
  using folder = secretsFolder({
    "w/workspace.poly": workspace,
    "w/secrets.poly": `workflows: [{name: release, steps: [{name: one, inputs: {other: ${canary}-file}}, {name: two, inputs: {other: ${canary}-file}}]}]`,
    "home/.config/polycrate/managers.toml": managersOfManual(),
    "bin/op": standIn("read", "--no-newline", "op://infra/db/password"),
    "bin/vault": standIn("kv", "get", "-field=password", "secret/db"),
    "bin/bw": standIn("get", "password", "db"),
    asked: "",
  });
  for (const name of ["op", "vault", "bw"]) chmodSync(join(folder.path, "bin", name), 0o755);
  chmodSync(join(folder.path, "home/.config/polycrate/managers.toml"), 0o600);
  const env = { PATH: `${join(folder.path, "bin")}:${process.env.PATH}`, ASKED: join(folder.path, "asked") };
  const printed = await folder.polycrate(["run", "release", "--dry-run"], { env });
  expect(printed).toMatchObject({ exitCode: 0, stderr: "" });
  expect(printed.stdout).toContain("POLYCRATE_ENV_VAULT=${VAULT?}; export POLYCRATE_ENV_VAULT");
  expect(folder.read("asked")).toBe("");

  const { stdout, exitCode } = await folder.polycrate(["run", "release"], { env });
  const line = ["op", "vault", "bw", "file"].map((name) => `${canary}-${name}`).join(" ");
  const sum = new Bun.CryptoHasher("md5").update(`${line}\n`).digest("hex");
  expect({ stdout, exitCode }).toEqual({ stdout: `${sum}  -\n*** *** *** ***\n`.repeat(2), exitCode: 0 });
  expect(folder.read("asked").trim().split("\n").sort()).toEqual([
    "bw get password db",
    "op read --no-newline op://infra/db/password",
    "vault kv get -field=password secret/db",
  ]);
  expect(filesWith(`${canary}-`, [join(folder.path, "w/.logs"), join(folder.path, "w/.polycrate")])).toEqual(
    [],
  );

  folder.write("w/workspace.poly", workspace.replace("secret/db", "secret/none"));
  const failed = await folder.polycrate(["run", "release"], { env });
  expect(failed.exitCode).toBe(65);
  expect(failed.stderr).toContain(
    "`vault` failed with exit code 5 for `vault://secret/none#password`\n" +
      "hint: run it yourself to see why: `vault kv get -field=password secret/none`",
  );
  expect(failed.stdout + failed.stderr).not.toContain(canary);
});
