import { basename, relative, resolve } from "node:path";
import { defineCommand } from "citty";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { quote } from "../../host/arg.ts";
import { makeNewFolder } from "../../host/files.ts";
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
    description:
      "Make a folder a workspace with a first block that runs. Files that are there stay as they are.",
  },
  args: {
    name: {
      type: "positional",
      description: "The folder, which also gives the workspace its name. Default: the folder you are in.",
      required: false,
    },
    image: {
      type: "string",
      valueHint: "REF",
      description:
        "The image to run in, or to build upon. Default: the official one, which has the toolchain.",
    },
    dockerfile: {
      type: "boolean",
      description: "Write a Dockerfile.poly, so that the workspace has an image of its own.",
      negativeDescription: "Write none.",
    },
    "ssh-key": {
      type: "boolean",
      description: `Make an ssh key for the workspace, ${newKeyName} (ed25519, without a passphrase).`,
      negativeDescription: "Make none.",
    },
    ...yesFlags,
  },
  run: async ({ args }) => {
    const folder = resolve(args.name ?? ".");
    if (pathExists(folder, "workspace.poly")) {
      throw new PolycrateError(`\`${folder}\` is a workspace already`, {
        hint: "`polycrate list` shows what it has; `polycrate block new NAME` adds a block",
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
      process.stderr.write(`see that .gitignore has these lines: ${ignoredPaths.join(" ")}\n`);
    }
    const go = folder === process.cwd() ? "" : `cd ${quote(relative(process.cwd(), folder))} && `;
    process.stderr.write(`now try: ${go}polycrate run hello greet\n`);
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
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new PolycrateError("`polycrate init` has questions, and there is no terminal to ask them on", {
      hint: "answer them beforehand with `--yes`",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  return {
    name: await askName(name),
    image,
    dockerfile:
      dockerfile ??
      (await askYes(`Create a Dockerfile.poly, which adds to ${image ?? "the official toolchain image"}?`)),
    sshKey: sshKey ?? (await askYes("Create an ssh key for this workspace, for Ansible and ssh?")),
  };
}

/** Returns the folder's name, without the characters that a workspace's name cannot have. */
function nameFor(folder: string): string {
  const name = basename(folder)
    .replace(/[^A-Za-z0-9_]+/g, "-")
    .replace(/^[^A-Za-z]+|-+$/g, "");
  return isWorkspaceName(name) ? name : "workspace";
}

async function askName(initialValue: string): Promise<string> {
  const { isCancel, text } = await import("@clack/prompts");
  const answer = await text({
    message: "What is the workspace called?",
    initialValue,
    validate: (value = "") =>
      isWorkspaceName(value) ? undefined : "two or more letters, digits, - and _, beginning with a letter",
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
  return new PolycrateError("nothing was made", {
    hint: "`polycrate init --yes` asks nothing",
    exitCode: exitCodes.interrupted,
  });
}
