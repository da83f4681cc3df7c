import { basename, relative, resolve } from "node:path";
import { defineCommand } from "citty";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { quote } from "../../host/arg.ts";
import { makeNewFolder } from "../../host/files.ts";
import { stderr } from "../../host/output.ts";
import { isStdinTerminal } from "../../host/stdio.ts";
import { yesFlags } from "../flags.ts";
import {
  type InitOptions,
  ignoredPaths,
  isWorkspaceName,
  newKeyName,
  schemaFiles,
  workspaceFiles,
} from "../init/templates.ts";
import { makeKey, pathExists, writeNewFiles } from "../init/writeFiles.ts";

export default defineCommand({
  meta: {
    name: "init",
    description: "Create a workspace with a first block. Existing files are kept.",
  },
  args: {
    name: {
      type: "positional",
      description: "The folder, whose name is also the workspace's. Default: the current folder.",
      required: false,
    },
    image: {
      type: "string",
      valueHint: "REF",
      description:
        "The image to run in, or to build from. Default: the official one, which contains the toolchain.",
    },
    dockerfile: {
      type: "boolean",
      description: "Create a Dockerfile.poly, to build an image for the workspace.",
      negativeDescription: "Do not create a Dockerfile.poly.",
    },
    "ssh-key": {
      type: "boolean",
      description: `Create an ssh key for the workspace, ${newKeyName} (ed25519, without a passphrase).`,
      negativeDescription: "Do not create an ssh key.",
    },
    ...yesFlags,
  },
  run: async ({ args }) => {
    const folder = resolve(args.name ?? ".");
    if (pathExists(folder, "workspace.poly")) {
      throw new PolycrateError(`\`${folder}\` is already a workspace`, {
        hint: "`polycrate list` shows its blocks; `polycrate block new NAME` adds one",
        exitCode: exitCodes.wrongCommandLine,
      });
    }
    const options = await initOptions(folder, args);
    const { kept } = writeNewFiles(makeNewFolder(folder), [
      ...workspaceFiles(options),
      ...(await schemaFiles()),
    ]);
    if (options.sshKey) await makeKey(folder, options.name);
    if (kept.includes(".gitignore")) {
      stderr.write(`make sure that .gitignore contains these lines: ${ignoredPaths.join(" ")}\n`);
    }
    const go = folder === process.cwd() ? "" : `cd ${quote(relative(process.cwd(), folder))} && `;
    stderr.write(`now try: ${go}polycrate run hello greet\n`);
    return 0;
  },
});

type Args = {
  readonly image?: string | undefined;
  readonly dockerfile?: boolean | undefined;
  readonly "ssh-key"?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly force?: boolean | undefined;
};

/** Prompts for the options that no flag sets; `--yes` answers every question with yes. Throws (64) without a terminal. */
async function initOptions(folder: string, args: Args): Promise<InitOptions> {
  const { image, dockerfile, "ssh-key": sshKey } = args;
  const name = nameFor(folder);
  if (args.yes === true || args.force === true) {
    return {
      name,
      image,
      dockerfile: dockerfile ?? true,
      sshKey: sshKey ?? Bun.which("ssh-keygen") !== null,
    };
  }
  if (!isStdinTerminal() || !stderr.isTTY) {
    throw new PolycrateError("`polycrate init` cannot ask questions without a terminal", {
      hint: "pass `--yes` to answer all questions with yes",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  return {
    name: await askName(name),
    image,
    dockerfile:
      dockerfile ??
      (await askYes(`Create a Dockerfile.poly, based on ${image ?? "the official toolchain image"}?`)),
    sshKey: sshKey ?? (await askYes("Create an ssh key for this workspace, for Ansible and ssh?")),
  };
}

/** Returns the folder's name, without characters that are not allowed in a workspace's name. */
function nameFor(folder: string): string {
  const name = basename(folder)
    .replace(/[^A-Za-z0-9_]+/g, "-")
    .replace(/^[^A-Za-z]+|-+$/g, "");
  return isWorkspaceName(name) ? name : "workspace";
}

async function askName(initialValue: string): Promise<string> {
  const { isCancel, text } = await import("@clack/prompts");
  const answer = await text({
    message: "What is the name of the workspace?",
    initialValue,
    validate: (value = "") =>
      isWorkspaceName(value) ? undefined : "use two or more letters, digits, - and _, starting with a letter",
    output: process.stderr,
  });
  if (isCancel(answer)) throw initCancelled();
  return answer;
}

async function askYes(message: string): Promise<boolean> {
  const { confirm, isCancel } = await import("@clack/prompts");
  const answer = await confirm({ message, output: process.stderr });
  if (isCancel(answer)) throw initCancelled();
  return answer;
}

function initCancelled(): PolycrateError {
  return new PolycrateError("nothing was created", {
    hint: "`polycrate init --yes` asks no questions",
    exitCode: exitCodes.interrupted,
  });
}
