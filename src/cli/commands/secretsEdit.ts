import { basename } from "node:path";
import { defineCommand } from "citty";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { openEditor } from "../../host/editor.ts";
import { beginEdit, type EditSession, editedContent, endEdit } from "../../host/editSession.ts";
import { fileStatus } from "../../host/fileStatus.ts";
import { memoryFolder, temporaryFolder } from "../../host/memoryFolder.ts";
import type { Identities } from "../../secrets/identities.ts";
import type { Workspace } from "../../workspace/load.ts";
import { parsePolyFile } from "../../workspace/poly/polyFile.ts";
import { assertNoErrors } from "../../workspace/poly/problems.ts";
import {
  lockSecrets,
  readClear,
  readEncrypted,
  writeEncrypted,
} from "../../workspace/secrets/encryptedFiles.ts";
import { secretsFile } from "../../workspace/secrets/secretsFile.ts";
import { workspaceFlags } from "../flags.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";
import { openForSecrets, recipientsOf, type SecretsTarget, secretsTarget } from "../secretsTarget.ts";

export default defineCommand({
  meta: {
    name: "secrets edit",
    description:
      "Edit an encrypted file in your editor, or create it. In clear text it is in memory only; an edit that is interrupted is continued by the next.",
  },
  args: {
    file: { type: "positional", description: "The file. Default: `secrets.poly.age`.", required: false },
    ...workspaceFlags,
    discard: { type: "boolean", description: "Drop an edit that was interrupted." },
    "on-disk": {
      type: "boolean",
      description: "Edit in a private folder on the disk where there is none in memory, as on macOS.",
    },
  },
  run: async ({ args, data }) => {
    const { outputs, onSignal }: CommandData = data;
    const messages = messagesTo(outputs);
    const workspace = await openForSecrets(args.workspace);
    const target = secretsTarget(workspace, args.file);
    using _ = lockSecrets(workspace.path, "edit");
    assertEncrypted(workspace, target);
    const { recipients, identities } = await recipientsOf(workspace, messages);
    const folder = sessionFolder(args["on-disk"] === true);
    const current = await currentContent(workspace, target, identities);
    const session = openSession({ workspace, target, folder, current }, args.discard === true);
    if (session.isResumed) messages.notice("continuing an edit that was not finished");

    const exitCode = await openEditor(session, process.env, onSignal).catch((error: unknown) => {
      if (!session.isResumed) endEdit(session);
      throw error;
    });
    const edited = editedContent(session);
    const isUnchanged = edited.equals(session.before);
    if (exitCode !== 0 && !isUnchanged) throw keptError(`the editor failed with exit code ${exitCode}`);
    if (isUnchanged) {
      endEdit(session);
      if (exitCode !== 0)
        throw new PolycrateError(`the editor failed with exit code ${exitCode}`, { exitCode: 1 });
      messages.notice("nothing was changed");
      return 0;
    }
    assertValid(target, edited);
    if (hashOfEncrypted(workspace, target) !== session.base)
      throw keptError(`\`${target.encrypted}\` was changed meanwhile`);
    await writeEncrypted(workspace.path, target.encrypted, edited, recipients);
    endEdit(session);
    messages.notice(`wrote ${target.encrypted}`);
    return 0;
  },
});

function assertEncrypted({ path }: Workspace, { clear, encrypted }: SecretsTarget): void {
  const status = fileStatus(`${path}/${clear}`);
  // What an encrypted file is mounted over is empty.
  if (status === undefined || (status.size === 0 && fileStatus(`${path}/${encrypted}`) !== undefined)) return;
  throw new PolycrateError(`\`${clear}\` is in clear text`, {
    hint: `edit it as any file, or encrypt it first: \`polycrate secrets encrypt ${clear}\``,
    exitCode: exitCodes.invalidWorkspace,
  });
}

function sessionFolder(isOnDisk: boolean): string {
  const uid = process.getuid?.() ?? 0;
  const folder = memoryFolder(process.env, uid) ?? (isOnDisk ? temporaryFolder(uid) : undefined);
  if (folder !== undefined) return folder;
  throw new PolycrateError("there is no private folder in memory on this machine", {
    hint: isOnDisk
      ? "check the folder for temporary files"
      : "`--on-disk` edits the file in a private folder on the disk",
    exitCode: exitCodes.cannotWrite,
  });
}

/** What is edited: where it is, and what it has now; undefined for a new file. */
type Edited = {
  readonly workspace: Workspace;
  readonly target: SecretsTarget;
  readonly folder: string;
  readonly current: Uint8Array | undefined;
};

async function currentContent(
  { path }: Workspace,
  { encrypted }: SecretsTarget,
  identities: Identities,
): Promise<Uint8Array | undefined> {
  const exists = fileStatus(`${path}/${encrypted}`) !== undefined;
  return exists ? await readEncrypted(path, encrypted, identities) : undefined;
}

function openSession({ workspace, target, folder, current }: Edited, isDiscarded: boolean): EditSession {
  const base = hashOfEncrypted(workspace, target);
  const content = current ?? Buffer.from(target.clear === secretsFile ? template : "");
  const begin = () =>
    beginEdit(folder, `${workspace.path}/${target.encrypted}`, {
      name: basename(target.clear),
      content,
      base,
    });
  const session = begin();
  if (!session.isResumed) return session;
  // A command that was killed right after it wrote the file has left nothing to continue.
  const isWritten = current !== undefined && editedContent(session).equals(current);
  if (isDiscarded || isWritten) {
    endEdit(session);
    return begin();
  }
  if (session.base === base) return session;
  throw new PolycrateError(`an edit was not finished, and \`${target.encrypted}\` was changed since`, {
    hint: `its text is in \`${session.folder}\`, in memory; \`polycrate secrets edit --discard\` drops it`,
    exitCode: exitCodes.cannotWrite,
  });
}

const template = `# This is laid over workspace.poly, and every value is a secret: \`polycrate help secrets\`.
#
# config:
#   container:
#     env:
#       TOKEN: correct-horse
# blocks:
#   - name: my-block
#     config:
#       password: battery-staple
`;

/** Empty for a file that does not exist. */
function hashOfEncrypted({ path }: Workspace, { encrypted }: SecretsTarget): string {
  if (fileStatus(`${path}/${encrypted}`) === undefined) return "";
  return new Bun.CryptoHasher("sha256").update(readClear(path, encrypted)).digest("hex");
}

/** What cannot be read later is not written. */
function assertValid({ clear }: SecretsTarget, content: Buffer): void {
  if (clear !== secretsFile) return;
  try {
    assertNoErrors(parsePolyFile("secrets", clear, content.toString()).problems);
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    const { exitCode, position } = error;
    throw new PolycrateError(error.message, { hint: `${error.hint}; ${howToContinue}`, exitCode, position });
  }
}

const howToContinue =
  "what you typed is kept in memory: `polycrate secrets edit` continues, `--discard` drops it";

function keptError(message: string): PolycrateError {
  return new PolycrateError(message, { hint: howToContinue, exitCode: exitCodes.cannotWrite });
}
