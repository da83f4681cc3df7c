import type { Identity, Recipient, Stanza } from "age-encryption";
import { exitCodes, PolycrateError } from "../errors.ts";

// `ssh-ed25519` recipients as the program `age` has them (C2SP age, filippo.io/age/agessh): the ssh key as an X25519 key, whose
// shared secret is multiplied by a number that is made of the ssh key.

const label = new TextEncoder().encode("age-encryption.org/v1/ssh-ed25519");
const keyType = "ssh-ed25519";

/** True for the line of an ssh public key. */
export function isSshKey(text: string): boolean {
  return /^(?:ssh|ecdsa|sk)-/.test(text);
}

/** Returns the recipient of such a line. Throws (65) for a key of another type or a wrong one. */
export async function sshRecipient(line: string): Promise<Recipient> {
  const [type, encoded = ""] = line.split(/\s+/);
  const wire = Buffer.from(encoded, "base64");
  const [written, point, ...rest] = wireStrings(wire);
  if (type !== keyType || written?.toString() !== keyType || point?.length !== 32 || rest.length > 0) {
    throw new PolycrateError(`not an \`${keyType}\` key: \`${line.slice(0, 40)}\``, {
      hint: `make one with \`ssh-keygen -t ed25519\`, or use an age key: \`polycrate secrets keygen\``,
      exitCode: exitCodes.invalidWorkspace,
    });
  }
  const { ed25519, x25519 } = await import("@noble/curves/ed25519.js");
  const theirs = ed25519.utils.toMontgomery(point);
  return {
    wrapFileKey: async (fileKey) => {
      const { Stanza: NewStanza } = await import("age-encryption");
      const secret = x25519.utils.randomSecretKey();
      const ours = x25519.getPublicKey(secret);
      const shared = x25519.scalarMult(await tweak(wire), x25519.scalarMult(secret, theirs));
      const body = (await cipherOf(shared, ours, theirs)).encrypt(fileKey);
      return [new NewStanza([keyType, fingerprint(wire), base64(ours)], body)];
    },
  };
}

/** An identity of an ssh key, and its recipient. */
export type SshIdentity = { readonly identity: Identity; readonly recipient: string };

/**
 * Returns the identity of an OpenSSH private key of type ed25519; "encrypted" for one with a passphrase, "unknown" for any other
 * private key; undefined for what is none.
 */
export async function sshIdentity(text: string): Promise<SshIdentity | "encrypted" | "unknown" | undefined> {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return undefined;
  const [, encoded] = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(text) ?? [];
  const magic = "openssh-key-v1\0";
  const bytes = Buffer.from(encoded ?? "", "base64");
  if (bytes.subarray(0, magic.length).toString("latin1") !== magic) return "unknown";
  const [cipher, , , rest = Buffer.alloc(0)] = wireStrings(bytes.subarray(magic.length), 3);
  if (cipher?.toString() !== "none") return "encrypted";
  // The number of keys, which is 1, then the public key and the private one.
  const [wire, secret] = wireStrings(rest.subarray(4));
  // Two equal numbers, which show that a passphrase was right, are before it.
  const [type, , pair] = wireStrings(secret?.subarray(8) ?? Buffer.alloc(0), 3);
  if (wire === undefined || type?.toString() !== keyType || pair?.length !== 64) return "unknown";
  const { ed25519, x25519 } = await import("@noble/curves/ed25519.js");
  const scalar = ed25519.utils.toMontgomerySecret(pair.subarray(0, 32));
  const ours = x25519.getPublicKey(scalar);
  const unwrap = async ({ args: [, print, share], body }: Stanza) => {
    if (print !== fingerprint(wire)) return null;
    const theirs = Buffer.from(share ?? "", "base64");
    if (theirs.length !== 32 || body.length !== 32) throw new Error("invalid ssh-ed25519 stanza");
    const shared = x25519.scalarMult(await tweak(wire), x25519.scalarMult(scalar, theirs));
    return (await cipherOf(shared, theirs, ours)).decrypt(body);
  };
  return {
    recipient: `${keyType} ${wire.toString("base64")}`,
    identity: {
      unwrapFileKey: async (stanzas) => {
        for (const stanza of stanzas) {
          const key = stanza.args[0] === keyType ? await unwrap(stanza) : null;
          if (key !== null) return key;
        }
        return null;
      },
    },
  };
}

/** The texts of ssh's wire format: each after its length in 4 bytes (RFC 4251, section 5); after `most` of them the rest as it is. */
function wireStrings(bytes: Buffer, most = Number.POSITIVE_INFINITY): readonly Buffer[] {
  const strings: Buffer[] = [];
  let at = 0;
  while (at + 4 <= bytes.length && strings.length < most) {
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return [];
    strings.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return strings.length < most ? strings : [...strings, bytes.subarray(at)];
}

function fingerprint(wire: Uint8Array): string {
  return base64(new Bun.CryptoHasher("sha256").update(wire).digest().subarray(0, 4));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}

function tweak(wire: Uint8Array): Promise<Uint8Array> {
  return derived(new Uint8Array(0), wire);
}

async function derived(secret: Uint8Array, salt: Uint8Array): Promise<Uint8Array> {
  const [{ hkdf }, { sha256 }] = await Promise.all([
    import("@noble/hashes/hkdf.js"),
    import("@noble/hashes/sha2.js"),
  ]);
  return hkdf(sha256, secret, salt, label, 32);
}

/** The key is used once, so its nonce is zero. */
async function cipherOf(shared: Uint8Array, share: Uint8Array, recipient: Uint8Array) {
  const { chacha20poly1305 } = await import("@noble/ciphers/chacha.js");
  return chacha20poly1305(await derived(shared, Buffer.concat([share, recipient])), new Uint8Array(12));
}
