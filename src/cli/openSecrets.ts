import { exitCodes, PolycrateError } from "../errors.ts";
import { readOwnFile } from "../host/filesBelow.ts";
import { readIdentities } from "../secrets/identities.ts";
import type { LoadOptions } from "../workspace/load.ts";
import { encryptedActionFiles, encryptedEnding, readEncrypted } from "../workspace/secrets/encryptedFiles.ts";
import type { SecretFile } from "../workspace/secrets/secretFile.ts";
import { encryptedSecretsFile, secretsOnDisk } from "../workspace/secrets/secretsFile.ts";
import type { Messages } from "./output/messages.ts";

/** Whether a command fails without the encrypted secrets, or says that it does not know them. */
export type SecretsNeed = "required" | "if possible";

/** Returns what `secrets.poly.age` has, if it exists. Throws (65) when it is required and cannot be decrypted. */
export async function decryptSecrets(
  workspace: string,
  need: SecretsNeed,
  { notice }: Pick<Messages, "notice">,
): Promise<Pick<LoadOptions, "secrets">> {
  const { clear, encrypted } = secretsOnDisk(workspace);
  // Which of both counts is not guessed.
  if (clear || !encrypted) return {};
  try {
    const content = await readEncrypted(workspace, encryptedSecretsFile, await readIdentities(process.env));
    return { secrets: textOfSecrets(content) };
  } catch (error) {
    if (!(error instanceof PolycrateError) || need === "required") throw error;
    const hint = error.hint === undefined ? "" : `\nhint: ${error.hint}`;
    notice(`warning: ${error.message}; what it has is left out${hint}`);
    return {};
  }
}

/** What the file is mounted over is empty. */
function assertNotClear(workspace: string, path: string): void {
  const content = readOwnFile(workspace, path, 0);
  if (content === "missing" || (typeof content !== "string" && content.length === 0)) return;
  throw new PolycrateError(`the workspace has both \`${path}\` and \`${path}${encryptedEnding}\``, {
    hint: `remove one of them; \`polycrate secrets encrypt --force ${path}\` replaces the encrypted one`,
    exitCode: exitCodes.invalidWorkspace,
  });
}

function textOfSecrets(content: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    throw new PolycrateError(`\`${encryptedSecretsFile}\` has no UTF-8 text in it`, {
      hint: "encrypt a `secrets.poly` that is UTF-8 text",
      exitCode: exitCodes.invalidWorkspace,
    });
  }
}

/**
 * Returns the encrypted files for actions; with `reveals` they are decrypted, and every run of this command uses the same content.
 * Throws (65) when one cannot be decrypted.
 */
export async function readSecretFiles(
  workspace: string,
  artifactsRoot: string,
  { reveals }: { readonly reveals: boolean },
): Promise<readonly SecretFile[]> {
  const files = encryptedActionFiles(workspace, artifactsRoot);
  if (files.length === 0) return [];
  for (const file of files) assertNotClear(workspace, file.slice(0, -encryptedEnding.length));
  const identities = reveals ? await readIdentities(process.env) : undefined;
  return Promise.all(
    files.map(async (file): Promise<SecretFile> => {
      const content =
        identities === undefined ? new Uint8Array(0) : await readEncrypted(workspace, file, identities);
      return { path: file.slice(0, -encryptedEnding.length), reveal: () => content };
    }),
  );
}
