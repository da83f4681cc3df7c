import type { Identity, Recipient } from "age-encryption";
import { exitCodes, PolycrateError } from "../errors.ts";
import { isSshKey, sshIdentity, sshRecipient } from "./sshKeys.ts";

// Files as `age` writes and reads them (age-encryption.org/v1). The library takes time to load, so only what needs it loads it.

/** Returns the bytes encrypted for the recipients (`age1…`, `ssh-ed25519 …`), as text (armored). Throws (65) for a wrong one. */
export async function encryptFor(recipients: readonly string[], bytes: Uint8Array): Promise<string> {
  const { armor, Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(await recipientOf(recipient));
  return armor.encode(await encrypter.encrypt(bytes));
}

/** Throws (65) for a recipient that files cannot be encrypted for. */
export async function checkRecipient(recipient: string): Promise<void> {
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  try {
    encrypter.addRecipient(await recipientOf(recipient));
    await encrypter.encrypt("");
  } catch (error) {
    if (error instanceof PolycrateError) throw error;
    throw wrongRecipient(recipient);
  }
}

async function recipientOf(recipient: string): Promise<string | Recipient> {
  if (isSshKey(recipient)) return sshRecipient(recipient);
  if (/^age1[a-z0-9]+$/.test(recipient)) return recipient;
  throw wrongRecipient(recipient);
}

function wrongRecipient(recipient: string): PolycrateError {
  const isSecret = /^AGE-SECRET-KEY-/i.test(recipient) || recipient.includes("PRIVATE KEY");
  const shown = isSecret ? "" : ` \`${recipient.slice(0, 60)}\``;
  return new PolycrateError(`not a public key that files can be encrypted for${shown}`, {
    hint: isSecret
      ? "this is a secret key; a recipient is the public one, `age1…`"
      : "use the public key of `age-keygen` or `polycrate secrets keygen` (`age1…`), or an `ssh-ed25519` one",
    exitCode: exitCodes.invalidWorkspace,
  });
}

/** Why a file was not decrypted: none of the identities is for it, or it is not as it was written. */
export type AgeProblem = "no identity" | "damaged" | "not age";

/** Returns the content of an encrypted file, armored or not, or why it cannot be had. */
export async function decryptWith(
  identities: readonly (string | Identity)[],
  file: Uint8Array,
): Promise<Uint8Array | AgeProblem> {
  const { armor, Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  const text = Buffer.from(file.buffer, file.byteOffset, file.length);
  const isArmored = text.subarray(0, 200).toString("latin1").trimStart().startsWith("-----BEGIN AGE");
  if (!isArmored && !text.subarray(0, 22).equals(Buffer.from("age-encryption.org/v1\n"))) return "not age";
  try {
    return await decrypter.decrypt(isArmored ? armor.decode(text.toString("latin1")) : file);
  } catch (error) {
    return error instanceof Error && error.message.startsWith("no identity matched")
      ? "no identity"
      : "damaged";
  }
}

/** Returns a new identity, and its recipient. */
export async function newIdentity(): Promise<{ readonly identity: string; readonly recipient: string }> {
  const { generateX25519Identity, identityToRecipient } = await import("age-encryption");
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** Returns the identity that a line of an identity file has, and its recipient; undefined for a wrong one. */
export async function readAgeIdentity(line: string): Promise<string | undefined> {
  const { identityToRecipient } = await import("age-encryption");
  try {
    return await identityToRecipient(line);
  } catch {
    return undefined;
  }
}

/** Returns the identity of an OpenSSH private key, and its recipient; undefined for another text, or why it cannot be used. */
export function readSshIdentity(text: string) {
  return sshIdentity(text);
}
