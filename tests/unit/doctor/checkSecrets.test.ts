import { expect, test } from "bun:test";
import { checkSecrets } from "../../../src/doctor/checkSecrets.ts";
import { loadWorkspace } from "../../../src/workspace/load.ts";
import { ageIdentity, encryptedByAge } from "../../support/ageKeys.ts";
import { makeFolder } from "../../support/harness.ts";

/** The levels and messages for a workspace with these files and an identity. */
async function checked(files: Readonly<Record<string, string>>, identity = ageIdentity, isEngineHere = true) {
  using folder = makeFolder({ "workspace.poly": "name: test", ...files });
  const environment = { HOME: folder.path, POLYCRATE_AGE_KEY: identity };
  const results = await checkSecrets(loadWorkspace({ named: folder.path }), isEngineHere, environment);
  return results.map(({ level, message }) => `${level}: ${message}`);
}

test("a workspace without secrets has nothing to check", async () => {
  expect(await checked({})).toEqual([]);
});

test("secrets that can be decrypted are told, and those that cannot are an error", async () => {
  const files = { "secrets.poly.age": encryptedByAge };
  expect(await checked(files)).toEqual(["ok: 1 file can be decrypted"]);
  expect(await checked(files, "")).toEqual([
    "error: `secrets.poly.age` is encrypted, and you have no identity to decrypt it with",
  ]);
  expect(await checked({ "artifacts/secrets/key.age": encryptedByAge.slice(0, 300) })).toEqual([
    "error: `artifacts/secrets/key.age` is damaged: it was cut, or changed after it was encrypted",
  ]);
});

test("an engine that does not see memory files is a warning", async () => {
  expect(await checked({ "secrets.poly": "config: {a: b}" }, "", false)).toEqual([
    "ok: secrets.poly is in clear text",
    "warning: the engine does not see memory files, so secrets are in files while an action runs",
  ]);
});
