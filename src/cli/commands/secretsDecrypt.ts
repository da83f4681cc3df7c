import { defineCommand } from "citty";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { fileStatus } from "../../host/fileStatus.ts";
import { replaceFile } from "../../host/files.ts";
import { stdout } from "../../host/output.ts";
import { readIdentities } from "../../secrets/identities.ts";
import { lockSecrets, readEncrypted, removeClear } from "../../workspace/secrets/encryptedFiles.ts";
import { workspaceFlags } from "../flags.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";
import { openForSecrets, secretsTarget } from "../secretsTarget.ts";

export default defineCommand({
  meta: {
    name: "secrets decrypt",
    description: "Print an encrypted file in clear text, or replace it by the file in clear text.",
  },
  args: {
    file: { type: "positional", description: "The file. Default: `secrets.poly.age`.", required: false },
    ...workspaceFlags,
    write: { type: "boolean", description: "Write the file in clear text, and remove the encrypted one." },
  },
  run: async ({ args, data }) => {
    const { outputs }: CommandData = data;
    const workspace = await openForSecrets(args.workspace);
    const { clear, encrypted } = secretsTarget(workspace, args.file);
    using _ = args.write === true ? lockSecrets(workspace.path, "decrypt") : undefined;
    const content = await readEncrypted(workspace.path, encrypted, await readIdentities(process.env));
    if (args.write !== true) {
      stdout.write(content);
      return 0;
    }
    const found = fileStatus(`${workspace.path}/${clear}`);
    // What an encrypted file is mounted over is empty.
    if (found !== undefined && found.size > 0) {
      throw new PolycrateError(`\`${clear}\` exists`, {
        hint: "remove it, or keep it and remove the encrypted file",
        exitCode: exitCodes.cannotWrite,
      });
    }
    replaceFile(workspace.path, clear, content, 0o600);
    removeClear(workspace.path, encrypted);
    messagesTo(outputs).notice(`wrote ${clear} in clear text, and removed ${encrypted}; do not commit it`);
    return 0;
  },
});
