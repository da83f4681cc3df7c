import { expect, test } from "bun:test";
import { isSshKey, sshIdentity } from "../../../src/secrets/sshKeys.ts";
import { lockedSshKey, sshKey, sshRecipientLine } from "../../support/ageKeys.ts";

test("the identity of an ssh key has the recipient of its public key", async () => {
  const found = await sshIdentity(sshKey);
  expect(found).toMatchObject({ recipient: sshRecipientLine.split(" ").slice(0, 2).join(" ") });
});

test("keys that cannot be used are told apart from texts that are no keys", async () => {
  expect(await sshIdentity(lockedSshKey)).toBe("encrypted");
  expect(await sshIdentity("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----")).toBe(
    "unknown",
  );
  const cut = sshKey.split("\n").toSpliced(3, 1).join("\n");
  expect(await sshIdentity(cut)).toBe("unknown");
  expect(await sshIdentity("AGE-SECRET-KEY-1")).toBeUndefined();
});

test.each([
  ["ssh-ed25519 AAAA", true],
  ["ssh-rsa AAAA", true],
  ["ecdsa-sha2-nistp256 AAAA", true],
  ["sk-ssh-ed25519@openssh.com AAAA", true],
  ["age1xyz", false],
])("%s is an ssh key: %p", (text, expected) => {
  expect(isSshKey(text)).toBe(expected);
});
