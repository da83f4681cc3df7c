import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { Identity } from "age-encryption";
import { exitCodes, PolycrateError } from "../errors.ts";
import { identityVariable } from "../host/process.ts";
import { readText } from "../host/read.ts";
import { readAgeIdentity, readSshIdentity } from "./age.ts";

/** What this user can decrypt with. */
export type Identities = {
  readonly identities: readonly (string | Identity)[];
  /** Their public keys. */
  readonly recipients: readonly string[];
};

/** Returns the user's own folder of settings for polycrate. */
export function ownConfigFolder(environment: NodeJS.ProcessEnv): string {
  const { XDG_CONFIG_HOME: named = "", HOME: home = homedir() } = environment;
  return join(isAbsolute(named) ? named : join(home, ".config"), "polycrate");
}

/** Returns the file that `polycrate secrets keygen` writes. */
export function identityFile(environment: NodeJS.ProcessEnv): string {
  return join(ownConfigFolder(environment), "identity.txt");
}

/**
 * Returns the identities of `AGE_KEY_FILE`, `POLYCRATE_AGE_KEY` and the user's own file; none without these. Throws (65) for one that
 * is named and cannot be used.
 */
export async function readIdentities(environment: NodeJS.ProcessEnv): Promise<Identities> {
  const { AGE_KEY_FILE: named = "" } = environment;
  const own = identityFile(environment);
  const texts = [
    ...(named === "" ? [] : [{ source: `\`${named}\` (AGE_KEY_FILE)`, text: namedFile(named) }]),
    { source: `\`${identityVariable}\``, text: environment[identityVariable] || undefined },
    { source: `\`${own}\``, text: readText(own, largestIdentity) },
  ];
  const found: Identities[] = [];
  for (const { source, text } of texts) {
    if (text !== undefined) found.push(await identitiesIn(text, source));
  }
  return {
    identities: found.flatMap(({ identities }) => identities),
    recipients: [...new Set(found.flatMap(({ recipients }) => recipients))],
  };
}

/** In bytes. */
const largestIdentity = 100_000;

function namedFile(path: string): string {
  const text = readText(path, largestIdentity);
  if (text !== undefined) return text;
  throw new PolycrateError(`the file \`${path}\` of \`AGE_KEY_FILE\` cannot be read`, {
    hint: "check that it exists and that you have permission to read it",
    exitCode: exitCodes.invalidWorkspace,
  });
}

/** An identity file of `age` has an identity a line, empty lines and comments; it can also be an ssh key. No message repeats it. */
async function identitiesIn(text: string, source: string): Promise<Identities> {
  const ssh = await readSshIdentity(text);
  if (ssh === "encrypted")
    throw unusable(source, "is an ssh key with a passphrase", "use one without, or an age identity");
  if (ssh === "unknown")
    throw unusable(source, "is not an ssh key of the type ed25519", "use one, or an age identity");
  if (ssh !== undefined) return { identities: [ssh.identity], recipients: [ssh.recipient] };
  if (/^(?:-----BEGIN AGE ENCRYPTED|age-encryption\.org)/.test(text)) {
    throw unusable(
      source,
      "is encrypted itself",
      "decrypt it into a file in memory, and name that with `AGE_KEY_FILE`",
    );
  }
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const identities = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (identities.length === 0) throw unusable(source, "has no identity", "it begins with `AGE-SECRET-KEY-1`");
  const recipients: string[] = [];
  for (const identity of identities) {
    const recipient = await readAgeIdentity(identity);
    if (recipient === undefined) {
      const line = lines.indexOf(identity) + 1;
      throw unusable(source, `has no valid identity in line ${line}`, "it begins with `AGE-SECRET-KEY-1`");
    }
    recipients.push(recipient);
  }
  return { identities, recipients };
}

function unusable(source: string, reason: string, hint: string): PolycrateError {
  return new PolycrateError(`${source} ${reason}`, { hint, exitCode: exitCodes.invalidWorkspace });
}
