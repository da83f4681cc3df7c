import { quote } from "../../host/arg.ts";
import type { BuildContext, ContextEntry } from "../../image/buildContext.ts";

/**
 * Names of shell variables that hold paths: the directory to make, and the workspace, which is the working directory when
 * it is left out. The directory belongs into a private one, because all may read it; to remove it takes
 * `chmod -R u+rwx` first, because what is in it has the workspace's modes.
 */
export type ContextVariables = { readonly directoryVariable: string; readonly workspaceVariable?: string };

/**
 * Returns POSIX shell text that copies the build context into a directory, and ends the shell with 1 when a file is not
 * what it was when the context was read: the image's tag is the hash of what it was. It leaves the umask at 022.
 */
export function stageContextScript(context: BuildContext, variables: ContextVariables): string {
  const directory = variables.directoryVariable;
  const workspace = variables.workspaceVariable === undefined ? "." : `$${variables.workspaceVariable}`;
  const place = (path: string): string => `"$${directory}"/${quote(path)}`;
  const folders = context.entries.filter((entry) => entry.kind === "directory");
  const packing = context.sentAs === "tar" ? packLines : [];
  return [
    "# Exactly what the image's tag is the hash of; a file that has changed since then ends this.",
    "umask 022",
    "if command -v sha256sum >/dev/null 2>&1; then sha256() { sha256sum; }; else sha256() { shasum -a 256; }; fi",
    "stage() { # SHA256 PATH [MODE [SOURCE]]",
    `  if ! cat <"\${4-${workspace}/$2}" >"$${directory}/$2" || [ "$(sha256 <"$${directory}/$2")" != "$1  -" ]; then`,
    `    printf 'error: %s has changed since this script was printed\\nhint: print it again\\n' "$2" >&2`,
    "    exit 1",
    "  fi",
    `  [ $# -lt 3 ] || chmod "$3" "$${directory}/$2"`,
    "}",
    ...packing,
    ...command("mkdir -p", [`"$${directory}"`, ...folders.map(({ path }) => place(path))]),
    ...context.entries.flatMap((entry) => entryLines(entry, place)),
    // The innermost first: a folder may forbid to change what is in it.
    ...folders
      .toReversed()
      .flatMap(({ mode, path }) => (mode === 0o755 ? [] : [`chmod ${octal(mode)} ${place(path)}`])),
    `chmod 755 "$${directory}"`,
    "",
  ].join("\n");
}

const packLines = [
  "# In the image everything belongs to root; docker takes no tar that begins with a pax header.",
  "case $(tar --version 2>&1) in",
  '*GNU*) pack() { tar --owner=0 --group=0 --numeric-owner --format=gnu "$@"; } ;;',
  '*bsdtar*) pack() { COPYFILE_DISABLE=1 tar --uid=0 --gid=0 --numeric-owner "$@"; } ;;',
  '*) pack() { tar "$@"; } ;;',
  "esac",
];

/**
 * Returns the lines of a command that gets the staged context, as a tar on its standard input or as the folder that it is
 * started in; they need the text above before them.
 */
export function sendContextLines(
  { sentAs }: BuildContext,
  { directoryVariable }: ContextVariables,
  command: readonly string[],
): readonly string[] {
  const [first = "", ...rest] = command;
  if (sentAs === "tar") return [`pack -C "$${directoryVariable}" -cf - . | ${first}`, ...rest];
  const lines = [`(cd "$${directoryVariable}" && ${first}`, ...rest];
  return [...lines.slice(0, -1), `${lines.at(-1) ?? ""})`];
}

function entryLines(entry: ContextEntry, place: (path: string) => string): readonly string[] {
  if (entry.kind === "directory") return [];
  if (entry.kind === "link") return [`ln -s -- ${quote(entry.target)} ${place(entry.path)}`];
  if (entry.content !== undefined) return [`printf '%s' ${quote(entry.content)} >${place(entry.path)}`];
  const words = [entry.digest, quote(entry.path)];
  if (entry.source !== undefined) words.push(octal(entry.mode), quote(entry.source));
  else if (entry.mode !== 0o644) words.push(octal(entry.mode));
  return [`stage ${words.join(" ")}`];
}

/** One argument a line, and not more of them than a system takes at once. */
function command(program: string, words: readonly string[]): readonly string[] {
  const most = 500;
  const starts = Array.from({ length: Math.ceil(words.length / most) }, (_, index) => index * most);
  return starts.map((start) => [program, ...words.slice(start, start + most)].join(" \\\n  "));
}

function octal(mode: number): string {
  return mode.toString(8);
}
