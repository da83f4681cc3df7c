import { expect, test } from "bun:test";
import { join } from "node:path";
import { identityFile, readIdentities } from "../../../src/secrets/identities.ts";
import { ageIdentity, ageRecipient, lockedSshKey, sshKey, sshRecipientLine } from "../../support/ageKeys.ts";
import { makeFolder } from "../../support/harness.ts";

const sshRecipient = sshRecipientLine.split(" ").slice(0, 2).join(" ");

test("identities are those of the named file, of the variable and of the user's own file", async () => {
  using folder = makeFolder({
    key: sshKey,
    "home/.config/polycrate/identity.txt": `# created: today\n\n${ageIdentity}\n`,
  });
  const home = join(folder.path, "home");
  expect((await readIdentities({ HOME: home })).recipients).toEqual([ageRecipient]);
  expect((await readIdentities({ HOME: home, AGE_KEY_FILE: join(folder.path, "key") })).recipients).toEqual([
    sshRecipient,
    ageRecipient,
  ]);
  expect((await readIdentities({ HOME: folder.path, POLYCRATE_AGE_KEY: ageIdentity })).recipients).toEqual([
    ageRecipient,
  ]);
  expect(await readIdentities({ HOME: folder.path })).toEqual({ identities: [], recipients: [] });
});

test("the user's own file is in the folder of settings", () => {
  expect(identityFile({ HOME: "/home/anna" })).toBe("/home/anna/.config/polycrate/identity.txt");
  expect(identityFile({ HOME: "/home/anna", XDG_CONFIG_HOME: "/c" })).toBe("/c/polycrate/identity.txt");
  expect(identityFile({ HOME: "/home/anna", XDG_CONFIG_HOME: "c" })).toBe(
    "/home/anna/.config/polycrate/identity.txt",
  );
});

test.each([
  ["", "has no identity"],
  [`${ageIdentity}\nAGE-SECRET-KEY-1WRONG`, "has no valid identity in line 2"],
  [lockedSshKey, "is an ssh key with a passphrase"],
  ["-----BEGIN RSA PRIVATE KEY-----", "is not an ssh key of the type ed25519"],
  ["-----BEGIN AGE ENCRYPTED FILE-----", "is encrypted itself"],
])("an identity that cannot be used is an error that does not repeat it", async (text, message) => {
  using folder = makeFolder({ key: text });
  const path = join(folder.path, "key");
  const error = await readIdentities({ HOME: "/nowhere", AGE_KEY_FILE: path }).catch(
    (cause: unknown) => cause,
  );
  expect(error).toMatchObject({ message: `\`${path}\` (AGE_KEY_FILE) ${message}`, exitCode: 65 });
  expect(String(error)).not.toContain("SECRET-KEY");
});

test("a named file that is not there is an error", async () => {
  const error = await readIdentities({ HOME: "/nowhere", AGE_KEY_FILE: "/nowhere/key" }).catch(
    (cause: unknown) => cause,
  );
  expect(error).toMatchObject({ message: "the file `/nowhere/key` of `AGE_KEY_FILE` cannot be read" });
});
