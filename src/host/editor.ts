import { exitCodes, PolycrateError } from "../errors.ts";
import { withoutIdentity } from "./process.ts";

/** Returns the editor's command line, for `sh -c`, as git chooses it: `VISUAL`, else `EDITOR`, else `vi`. */
export function editorCommand(environment: Readonly<Record<string, string | undefined>>): string {
  return environment.VISUAL || environment.EDITOR || "vi";
}

/**
 * Opens a file in the editor, on the terminal of polycrate, and returns its exit code. Its working directory and its folder for
 * temporary files are that of the file, so that what it writes beside it is there too; vim writes nothing else then. Throws (64) when
 * there is no such editor.
 */
export async function openEditor(
  file: { readonly folder: string; readonly name: string },
  environment: Readonly<Record<string, string | undefined>>,
  onSignal: (listener: (name: NodeJS.Signals) => void) => () => void,
): Promise<number> {
  const command = editorCommand(environment);
  const [program = ""] = command.trim().split(/\s+/);
  const flags = isVim(program) ? vimFlags : [];
  const { folder, name } = file;
  const child = Bun.spawn(["sh", "-c", `${command} "$@"`, "editor", ...flags, name], {
    ...{ cwd: folder, stdin: "inherit", stdout: "inherit", stderr: "inherit" },
    env: { ...withoutIdentity(environment), TMPDIR: folder, TMP: folder, TEMP: folder },
  });
  // Ctrl-C at the terminal reaches the editor by itself, for which it is a key.
  const ignore = onSignal((name) => {
    if (name !== "SIGINT" && name !== "SIGQUIT") child.kill(name);
  });
  const exitCode = await child.exited;
  ignore();
  if (exitCode !== 126 && exitCode !== 127) return exitCode;
  throw new PolycrateError(`the editor \`${command}\` cannot be started`, {
    hint: "set `EDITOR` to the command of an editor that waits until the file is closed",
    exitCode: exitCodes.wrongCommandLine,
  });
}

/** No swap file, no history of registers; no copies and no undo file in folders that the user's settings name. */
const vimFlags: readonly string[] = ["-n", "-i", "NONE", "-c", "set nobackup nowritebackup noundofile"];

/** `vi` is vim on most machines, and not on those that have busybox's. */
function isVim(program: string): boolean {
  if (/(?:^|\/)n?vim$/.test(program)) return true;
  const path = /(?:^|\/)vi$/.test(program) ? Bun.which(program) : null;
  if (path === null) return false;
  const { stdout } = Bun.spawnSync([path, "--version"], { stdin: "ignore", timeout: 2000 });
  return stdout.toString().startsWith("VIM - ");
}
