import { expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  checkRecipient,
  decryptWith,
  encryptFor,
  newIdentity,
  readAgeIdentity,
} from "../../../src/secrets/age.ts";
import { sshIdentity } from "../../../src/secrets/sshKeys.ts";
import {
  ageIdentity,
  ageRecipient,
  encryptedByAge,
  sshKey,
  sshRecipientLine,
} from "../../support/ageKeys.ts";

/** The content as text, or why it cannot be had. */
async function decrypted(identities: Parameters<typeof decryptWith>[0], file: string | Uint8Array) {
  const content = await decryptWith(identities, typeof file === "string" ? Buffer.from(file) : file);
  return typeof content === "string" ? { problem: content } : Buffer.from(content).toString();
}

async function sshIdentities() {
  const found = await sshIdentity(sshKey);
  return found instanceof Object ? [found.identity] : [];
}

test("a file of age is decrypted by each of its recipients, with an age key or an ssh key", async () => {
  expect(await decrypted([ageIdentity], encryptedByAge)).toBe("by age\n");
  expect(await decrypted(await sshIdentities(), encryptedByAge)).toBe("by age\n");
  expect(await readAgeIdentity(ageIdentity)).toBe(ageRecipient);
});

test("a file is for its recipients and for nobody else", async () => {
  const { identity, recipient } = await newIdentity();
  const file = await encryptFor([recipient, sshRecipientLine], Buffer.from("two"));
  expect(file).toStartWith("-----BEGIN AGE ENCRYPTED FILE-----\n");
  expect(await decrypted([identity], file)).toBe("two");
  expect(await decrypted([ageIdentity, identity], file)).toBe("two");
  expect(await decrypted(await sshIdentities(), file)).toBe("two");
  expect(await decrypted([ageIdentity], file)).toEqual({ problem: "no identity" });
  const alone = await encryptFor([recipient], Buffer.from("one"));
  expect(await decrypted(await sshIdentities(), alone)).toEqual({ problem: "no identity" });
});

test("bytes come back as they were, also a MiB of them and those that are no text", async () => {
  const { identity, recipient } = await newIdentity();
  for (const bytes of [
    new Uint8Array(0),
    new Uint8Array([0, 255, 10, 13]),
    new Uint8Array(2 ** 20).fill(7),
  ]) {
    expect(await decryptWith([identity], Buffer.from(await encryptFor([recipient], bytes)))).toEqual(bytes);
  }
});

test("a file that was cut, or of which a bit was changed, is never decrypted to something else", async () => {
  const { identity, recipient } = await newIdentity();
  const armored = Buffer.from(
    await encryptFor([recipient, ageRecipient], Buffer.from("some secret content")),
  );
  const binary = Buffer.from(armored.toString().split("\n").slice(1, -2).join(""), "base64");
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(armored, binary),
      fc.nat(),
      fc.integer({ min: 0, max: 7 }),
      fc.boolean(),
      async (file, place, bit, isCut) => {
        const at = place % file.length;
        const changed = isCut ? file.subarray(0, at) : Buffer.from(file);
        if (!isCut) changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        const result = await decrypted([identity], changed);
        // White space around an armored file, and the case of nothing, do not matter.
        expect(result === "some secret content" ? changed.toString().trim() : "").toBe(
          result === "some secret content" ? file.toString().trim() : "",
        );
      },
    ),
    { numRuns: 150 },
  );
});

test("a file that is cut or changed is damaged, one of another kind is no file of age", async () => {
  const lines = encryptedByAge.trimEnd().split("\n");
  expect(await decrypted([ageIdentity], lines.slice(0, -2).join("\n"))).toEqual({ problem: "damaged" });
  const flipped = encryptedByAge.replace("BCIueHajl", "BCIueHajm");
  expect(flipped).not.toBe(encryptedByAge);
  expect(await decrypted([ageIdentity], flipped)).toEqual({ problem: "damaged" });
  for (const text of ["", "config: {}", "-----BEGIN PGP MESSAGE-----"]) {
    expect(await decrypted([ageIdentity], text)).toEqual({ problem: "not age" });
  }
});

test.each([
  ["age1nothing", "not a public key that files can be encrypted for `age1nothing`"],
  ["anna", "not a public key that files can be encrypted for `anna`"],
  [ageIdentity, "not a public key that files can be encrypted for"],
  ["ssh-rsa AAAAB3NzaC1yc2E=", "not an `ssh-ed25519` key: `ssh-rsa AAAAB3NzaC1yc2E=`"],
  ["ssh-ed25519 AAAA", "not an `ssh-ed25519` key: `ssh-ed25519 AAAA`"],
])("%j is no recipient", async (recipient, message) => {
  const error = await checkRecipient(recipient).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ message, exitCode: 65 });
});
