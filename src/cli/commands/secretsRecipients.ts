import { defineCommand } from "citty";
import { counted, exitCodes, PolycrateError, printable } from "../../errors.ts";
import { stdout } from "../../host/output.ts";
import { checkRecipient } from "../../secrets/age.ts";
import { readIdentities } from "../../secrets/identities.ts";
import {
  type RecipientLine,
  recipientLine,
  withoutRecipients,
  withRecipients,
} from "../../secrets/recipients.ts";
import type { Workspace } from "../../workspace/load.ts";
import {
  encryptedFiles,
  lockSecrets,
  readEncrypted,
  readRecipients,
  writeEncrypted,
  writeRecipients,
} from "../../workspace/secrets/encryptedFiles.ts";
import { workspaceFlags } from "../flags.ts";
import { formatJson } from "../output/json.ts";
import { type Messages, messagesTo } from "../output/messages.ts";
import { formatTable } from "../output/table.ts";
import type { CommandData } from "../parseArgs.ts";
import { openForSecrets, recipientsOf } from "../secretsTarget.ts";

export default defineCommand({
  meta: {
    name: "secrets recipients",
    description:
      "List for whom the secrets are encrypted, or change it and encrypt all of them again; `rotate` only encrypts them again.",
  },
  args: {
    change: {
      type: "positional",
      description: "`list` (the default), `add`, `remove` or `rotate`.",
      required: false,
      default: "list",
    },
    keys: {
      type: "positional",
      description: "Public keys (`age1…`, `ssh-ed25519 …`); to remove one also its name.",
      required: false,
      valueHint: "…",
    },
    ...workspaceFlags,
    name: { type: "string", valueHint: "NAME", description: "Whose key it is that is added." },
    force: { type: "boolean", description: "Remove your own key, so that you cannot decrypt the secrets." },
    output: { type: "enum", options: ["json"], description: "Print the list as JSON." },
  },
  run: async ({ args, data }) => {
    const { outputs, positionals }: CommandData = data;
    const messages = messagesTo(outputs);
    const [change = "list", ...keys] = positionals;
    const workspace = await openForSecrets(args.workspace);
    if (change === "list") {
      const recipients = readRecipients(workspace.path);
      stdout.write(args.output === "json" ? listToJson(recipients) : listToTable(recipients));
      return 0;
    }
    using _ = lockSecrets(workspace.path, change);
    const added = keys.map((key) => ({
      ...recipientLine(key),
      ...(args.name === undefined ? {} : { name: args.name }),
    }));
    if (change === "add" && keys.length > 0) {
      for (const { key } of added) await checkRecipient(key);
      const before = readRecipients(workspace.path);
      const known = before.length > 0 ? before : await ownRecipient(workspace, messages);
      return await encryptAgain(workspace, withRecipients(known, added), messages);
    }
    if (change === "remove" && keys.length > 0) {
      const left = withoutRecipients(readRecipients(workspace.path), keys);
      await assertDecryptable(left, args.force === true);
      const result = await encryptAgain(workspace, left, messages);
      messages.notice(
        "whoever was removed can still decrypt what git has of before: change the passwords and tokens too",
      );
      return result;
    }
    if (change === "rotate" && keys.length === 0) {
      return await encryptAgain(workspace, (await recipientsOf(workspace, messages)).recipients, messages);
    }
    throw new PolycrateError(
      ["add", "remove"].includes(change)
        ? `missing argument KEY for \`polycrate secrets recipients ${change}\``
        : `unknown change \`${change}\``,
      {
        hint: "use `list`, `add KEY…`, `remove KEY…` or `rotate`",
        exitCode: exitCodes.wrongCommandLine,
      },
    );
  },
});

/** Who adds the first recipient can decrypt too, unless there is no identity. */
async function ownRecipient({ path }: Workspace, messages: Messages): Promise<readonly RecipientLine[]> {
  const [key] = (await readIdentities(process.env)).recipients;
  if (key === undefined) return [];
  messages.notice(`secrets.recipients of ${path} begins with your own key`);
  return [{ key, name: process.env.USER || undefined }];
}

async function assertDecryptable(left: readonly RecipientLine[], isForced: boolean): Promise<void> {
  const own = new Set((await readIdentities(process.env)).recipients);
  if (left.length > 0 && (isForced || left.some(({ key }) => own.has(key)))) return;
  throw new PolycrateError(
    left.length === 0 ? "nobody could decrypt the secrets then" : "you could not decrypt the secrets then",
    {
      hint: left.length === 0 ? "add another recipient first" : "pass `--force` to remove your own key",
      exitCode: exitCodes.wrongCommandLine,
    },
  );
}

/** Everything is decrypted before anything is written; the list is written last, so that a change that was killed is repeated. */
async function encryptAgain(
  workspace: Workspace,
  recipients: readonly RecipientLine[],
  messages: Messages,
): Promise<number> {
  const { path, layout } = workspace;
  const files = encryptedFiles(path, layout.artifactsRoot);
  const identities = await readIdentities(process.env);
  const contents = await Promise.all(files.map((file) => readEncrypted(path, file, identities)));
  for (const [index, file] of files.entries()) {
    const content = contents[index];
    if (content !== undefined) await writeEncrypted(path, file, content, recipients);
  }
  writeRecipients(path, recipients);
  const count = counted(recipients.length, "recipient");
  messages.notice(
    files.length === 0
      ? `${count}; there is no encrypted file yet`
      : `encrypted for ${count}: ${files.join(", ")}`,
  );
  return 0;
}

function listToJson(recipients: readonly RecipientLine[]): string {
  return formatJson(recipients.map(({ key, name }) => ({ key, name: name ?? null })));
}

function listToTable(recipients: readonly RecipientLine[]): string {
  const rows = recipients.map(({ key, name = "" }) => [printable(key), printable(name)]);
  return formatTable([["KEY", "NAME"], ...rows], undefined);
}
