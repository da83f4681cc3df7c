import { relative, resolve } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";
import { forbidCoreDumps } from "../host/coreDumps.ts";
import { realPath } from "../host/fileStatus.ts";
import { assertNotNested } from "../run/observe.ts";
import { type Identities, readIdentities } from "../secrets/identities.ts";
import type { RecipientLine } from "../secrets/recipients.ts";
import { loadWorkspaceLenient, type Workspace } from "../workspace/load.ts";
import { workspaceLocation } from "../workspace/locate.ts";
import { encryptedEnding, readRecipients, writeRecipients } from "../workspace/secrets/encryptedFiles.ts";
import { secretsFile } from "../workspace/secrets/secretsFile.ts";
import type { Messages } from "./output/messages.ts";

/** A file of secrets: its paths in clear text and encrypted, relative to the workspace. */
export type SecretsTarget = { readonly clear: string; readonly encrypted: string };

/** Opens the workspace for a command that changes its secrets: whatever else is wrong with it. Throws (64, 73). */
export async function openForSecrets(flag: string | undefined): Promise<Workspace> {
  await forbidCoreDumps();
  const location = workspaceLocation(flag, process.env, process.cwd(), process.getuid?.() ?? 0);
  const workspace = loadWorkspaceLenient(location, { withoutSecrets: true });
  assertNotNested(workspace);
  return workspace;
}

/** Returns the file that is named, with or without its ending; `secrets.poly` by default. Throws (64) for one outside of the workspace. */
export function secretsTarget({ path }: Workspace, file: string | undefined): SecretsTarget {
  const absolute = resolve(file ?? `${path}/${secretsFile}`);
  // The working directory can be a link.
  const folder = realPath(resolve(absolute, "..")) ?? resolve(absolute, "..");
  const inside = relative(path, `${folder}/${absolute.slice(absolute.lastIndexOf("/") + 1)}`);
  if (inside === "" || inside.startsWith("..")) {
    throw new PolycrateError(`\`${file}\` is not a file of the workspace`, {
      hint: "secrets of a workspace are in its folder",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  const clear = inside.endsWith(encryptedEnding) ? inside.slice(0, -encryptedEnding.length) : inside;
  return { clear, encrypted: `${clear}${encryptedEnding}` };
}

/**
 * Returns for whom files of the workspace are encrypted, and the caller's identities. The first time that is the caller alone.
 * Throws (65) without an identity then.
 */
export async function recipientsOf(
  { path }: Workspace,
  { notice }: Pick<Messages, "notice">,
): Promise<{ readonly recipients: readonly RecipientLine[]; readonly identities: Identities }> {
  const identities = await readIdentities(process.env);
  const written = readRecipients(path);
  if (written.length > 0) return { recipients: written, identities };
  const [key] = identities.recipients;
  if (key === undefined) {
    throw new PolycrateError(
      "there is nobody to encrypt for: no `secrets.recipients`, and you have no identity",
      {
        hint: "`polycrate secrets keygen` makes an identity; `polycrate secrets recipients add KEY` names another one",
        exitCode: exitCodes.invalidWorkspace,
      },
    );
  }
  const recipients = [{ key, name: process.env.USER || undefined }];
  writeRecipients(path, recipients);
  notice("wrote secrets.recipients with your public key; commit it");
  return { recipients, identities };
}
