import { exitCodes, PolycrateError } from "../../errors.ts";
import { createFileUnlessThere, replaceFile } from "../../host/files.ts";
import { filesBelow, readOwnFile } from "../../host/filesBelow.ts";
import type { ReadProblem } from "../../host/read.ts";
import { removePath } from "../../host/removal.ts";
import { tryLock } from "../../host/tryLock.ts";
import { decryptWith, encryptFor } from "../../secrets/age.ts";
import type { Identities } from "../../secrets/identities.ts";
import { formatRecipients, parseRecipients, type RecipientLine } from "../../secrets/recipients.ts";
import { encryptedSecretsFile, secretsOnDisk } from "./secretsFile.ts";

/** For whom the files of a workspace are encrypted: a file that `age --recipients-file` reads too. */
export const recipientsFile = "secrets.recipients";

/** The ending of encrypted files. */
export const encryptedEnding = ".age";

/** Returns the folder of files that actions find decrypted, relative to the workspace. */
export function secretFilesFolder(artifactsRoot: string): string {
  return `${artifactsRoot}/secrets`;
}

/** Returns the encrypted files of a workspace that exist, relative to it: `secrets.poly.age`, and those for actions. */
export function encryptedFiles(workspace: string, artifactsRoot: string): readonly string[] {
  return [
    ...(secretsOnDisk(workspace).encrypted ? [encryptedSecretsFile] : []),
    ...encryptedActionFiles(workspace, artifactsRoot),
  ];
}

/** Returns the encrypted files for actions, in the order of their names. */
export function encryptedActionFiles(workspace: string, artifactsRoot: string): readonly string[] {
  return filesBelow(workspace, secretFilesFolder(artifactsRoot))
    .filter(({ path, status }) => status.isFile() && path.endsWith(encryptedEnding))
    .map(({ path }) => path)
    .sort();
}

/** Returns the files among them that are in clear text; an empty one is what an encrypted one is mounted over. */
export function clearActionFiles(workspace: string, artifactsRoot: string): readonly string[] {
  return filesBelow(workspace, secretFilesFolder(artifactsRoot))
    .filter(({ path, status }) => status.isFile() && status.size > 0n && !path.endsWith(encryptedEnding))
    .map(({ path }) => path)
    .sort();
}

/** In bytes: a file of secrets is small, and an action's is kept in memory. */
const largestFile = 16_000_000;

/** Returns the content of a file of the workspace. Throws (65) when it cannot be read. */
export function readClear(workspace: string, path: string): Buffer {
  const content = readOwnFile(workspace, path, largestFile);
  if (typeof content !== "string") return content;
  throw new PolycrateError(`\`${path}\` ${reasons[content]}`, {
    hint: "name a file of the workspace, by its path in it",
    exitCode: exitCodes.invalidWorkspace,
  });
}

const reasons: Readonly<Record<ReadProblem, string>> = {
  missing: "does not exist",
  unreadable: "cannot be read: permission denied",
  "not a file": "is not a file",
  "too large": "is larger than 16 MB",
};

/** Returns the content of an encrypted file. Throws (65) when it cannot be decrypted, with the reason. */
export async function readEncrypted(
  workspace: string,
  path: string,
  { identities, recipients }: Identities,
): Promise<Uint8Array> {
  const file = readClear(workspace, path);
  if (identities.length === 0) {
    throw new PolycrateError(`\`${path}\` is encrypted, and you have no identity to decrypt it with`, {
      hint:
        "set `AGE_KEY_FILE` to your identity file, or make one with `polycrate secrets keygen`; " +
        "`polycrate help secrets` says more",
      exitCode: exitCodes.invalidWorkspace,
    });
  }
  const content = await decryptWith(identities, file);
  if (typeof content !== "string") return content;
  throw new PolycrateError(...problemOfAge(path, content, recipients));
}

function problemOfAge(
  path: string,
  problem: "no identity" | "damaged" | "not age",
  recipients: readonly string[],
): ConstructorParameters<typeof PolycrateError> {
  const exitCode = exitCodes.invalidWorkspace;
  if (problem === "no identity") {
    const [own = "age1…"] = recipients;
    const hint = `a person who can decrypt it adds you: \`polycrate secrets recipients add '${own}'\``;
    return [`\`${path}\` is not encrypted for you`, { hint, exitCode }];
  }
  if (problem === "not age") {
    return [
      `\`${path}\` is not a file of age`,
      { hint: `encrypt it with \`polycrate secrets encrypt\``, exitCode },
    ];
  }
  const hint = `restore it, for example with \`git checkout -- ${path}\``;
  return [`\`${path}\` is damaged: it was cut, or changed after it was encrypted`, { hint, exitCode }];
}

/** Returns the recipients of the workspace; none without a file. */
export function readRecipients(workspace: string): readonly RecipientLine[] {
  const content = readOwnFile(workspace, recipientsFile, 1_000_000);
  return content === "missing" ? [] : parseRecipients(readClear(workspace, recipientsFile).toString());
}

/** Writes the recipients of the workspace. Throws (73). */
export function writeRecipients(workspace: string, recipients: readonly RecipientLine[]): void {
  replaceFile(workspace, recipientsFile, formatRecipients(recipients), 0o644);
}

/** Encrypts the content for the recipients, and replaces the file at once. Throws (65, 73). */
export async function writeEncrypted(
  workspace: string,
  path: string,
  content: Uint8Array,
  recipients: readonly RecipientLine[],
): Promise<void> {
  const keys = recipients.map(({ key }) => key);
  replaceFile(workspace, path, await encryptFor(keys, content), 0o644);
}

/** Returns what releases the lock that a change of the secrets takes. Throws (73) while another process changes or edits them. */
export function lockSecrets(workspace: string, what: string): Disposable {
  createFileUnlessThere(workspace, ".polycrate/.gitignore", "*\n", 0o644);
  const lock = tryLock(workspace, ".polycrate/locks/secrets", what);
  if (lock !== undefined) return { [Symbol.dispose]: lock.release };
  throw new PolycrateError("another process edits or changes the secrets of this workspace", {
    hint: "wait until it has ended",
    exitCode: exitCodes.cannotWrite,
  });
}

/** Removes a file in clear text after its encrypted one is on the disk. Throws (73). */
export function removeClear(workspace: string, path: string): void {
  removePath(workspace, path);
}
