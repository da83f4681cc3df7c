import { dirname } from "node:path";
import { defineCommand } from "citty";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { forbidCoreDumps } from "../../host/coreDumps.ts";
import { fileStatus } from "../../host/fileStatus.ts";
import { createFile, makeNewFolder } from "../../host/files.ts";
import { stdout } from "../../host/output.ts";
import { newIdentity } from "../../secrets/age.ts";
import { identityFile } from "../../secrets/identities.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: {
    name: "secrets keygen",
    description:
      "Make your identity, with which you decrypt secrets, in `~/.config/polycrate/identity.txt`, and print its public key.",
  },
  args: {},
  run: async ({ data }) => {
    const { outputs }: CommandData = data;
    await forbidCoreDumps();
    const path = identityFile(process.env);
    const { identity, recipient } = await newIdentity();
    const created = new Date().toISOString().slice(0, 19);
    try {
      const folder = makeNewFolder(dirname(path));
      createFile(
        folder,
        "identity.txt",
        `# created: ${created}Z\n# public key: ${recipient}\n${identity}\n`,
        0o600,
      );
    } catch (error) {
      if (!(error instanceof PolycrateError) || fileStatus(path) === undefined) throw error;
      throw new PolycrateError(`\`${path}\` exists`, {
        hint: "it may decrypt what nothing else does; its public key is in it",
        exitCode: exitCodes.cannotWrite,
      });
    }
    messagesTo(outputs).notice(`wrote ${path}; keep a copy of it in a safe place`);
    stdout.write(`${recipient}\n`);
    return 0;
  },
});
