import { counted, PolycrateError } from "../errors.ts";
import { memoryFolder } from "../host/memoryFolder.ts";
import { readIdentities } from "../secrets/identities.ts";
import type { Workspace } from "../workspace/load.ts";
import { encryptedFiles, readEncrypted } from "../workspace/secrets/encryptedFiles.ts";
import { type CheckResult, error, ok, warning } from "./checkResult.ts";

/**
 * Checks whether the caller can decrypt the workspace's secrets, and whether they stay in memory; nothing without secrets. Throws (65)
 * for an identity that cannot be used.
 */
export async function checkSecrets(
  { path, layout, secrets }: Workspace,
  isEngineHere: boolean,
  environment: NodeJS.ProcessEnv,
): Promise<readonly CheckResult[]> {
  const files = encryptedFiles(path, layout.artifactsRoot);
  if (files.length === 0 && secrets === undefined) return [];
  const inMemory = isEngineHere && memoryFolder(environment, process.getuid?.() ?? 0) !== undefined;
  const place = inMemory
    ? []
    : [
        warning(
          "secrets",
          "the engine does not see memory files, so secrets are in files while an action runs",
          "`polycrate help secrets` says which engines do",
        ),
      ];
  const identities = await readIdentities(environment);
  try {
    for (const file of files) await readEncrypted(path, file, identities);
  } catch (cause) {
    if (!(cause instanceof PolycrateError)) throw cause;
    return [error("secrets", cause.message, cause.hint ?? "see `polycrate help encryption`"), ...place];
  }
  const message =
    files.length === 0
      ? "secrets.poly is in clear text"
      : `${counted(files.length, "file")} can be decrypted`;
  return [ok("secrets", message), ...place];
}
