import { defineCommand } from "citty";
import { counted, exitCodes, PolycrateError } from "../../errors.ts";
import { fileStatus } from "../../host/fileStatus.ts";
import {
  lockSecrets,
  readClear,
  readEncrypted,
  removeClear,
  secretFilesFolder,
  writeEncrypted,
} from "../../workspace/secrets/encryptedFiles.ts";
import { secretsFile } from "../../workspace/secrets/secretsFile.ts";
import { workspaceFlags } from "../flags.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";
import { openForSecrets, recipientsOf, secretsTarget } from "../secretsTarget.ts";

export default defineCommand({
  meta: {
    name: "secrets encrypt",
    description:
      "Replace a file by one that may be committed: `secrets.poly` by `secrets.poly.age`, or a file for actions below `artifacts/secrets`.",
  },
  args: {
    file: { type: "positional", description: "The file. Default: `secrets.poly`.", required: false },
    ...workspaceFlags,
    keep: { type: "boolean", description: "Keep the file in clear text too." },
    force: { type: "boolean", description: "Replace an encrypted file that has something else." },
  },
  run: async ({ args, data }) => {
    const { outputs }: CommandData = data;
    const messages = messagesTo(outputs);
    const workspace = await openForSecrets(args.workspace);
    const { clear, encrypted } = secretsTarget(workspace, args.file);
    using _ = lockSecrets(workspace.path, "encrypt");
    const content = readClear(workspace.path, clear);
    const { recipients, identities } = await recipientsOf(workspace, messages);
    if (args.force !== true && fileStatus(`${workspace.path}/${encrypted}`) !== undefined) {
      // An earlier command that was killed may have written it already.
      const old = await readEncrypted(workspace.path, encrypted, identities);
      if (!content.equals(old)) {
        throw new PolycrateError(`\`${encrypted}\` exists, and has something else than \`${clear}\``, {
          hint: "`--force` replaces it; `polycrate secrets edit` changes it",
          exitCode: exitCodes.cannotWrite,
        });
      }
    } else await writeEncrypted(workspace.path, encrypted, content, recipients);
    if (args.keep !== true) removeClear(workspace.path, clear);
    const count = counted(recipients.length, "recipient");
    messages.notice(`wrote ${encrypted} for ${count}${args.keep === true ? "" : `, and removed ${clear}`}`);
    const folder = secretFilesFolder(workspace.layout.artifactsRoot);
    if (clear !== secretsFile && !clear.startsWith(`${folder}/`)) {
      messages.notice(
        `actions do not find ${clear} in clear text: only files below ${folder} are decrypted for them`,
      );
    }
    return 0;
  },
});
