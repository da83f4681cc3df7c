import { quote } from "../../host/arg.ts";
import type { BuildContext, ContextEntry } from "../../image/buildContext.ts";

/**
 * Names of shell variables that contain paths: the directory to create, and the workspace, by default the working directory.
 * The directory must be created inside a private one, because it is readable by all users. Removing it requires
 * `chmod -R u+rwx` first, because its contents have the workspace's modes.
 */
export type ContextVariables = { readonly directoryVariable: string; readonly workspaceVariable?: string };

/**
 * Returns POSIX shell text that copies the build context into a directory, and exits with 1 when a file has changed since
 * the context was read, because the image's tag is the hash of the earlier contents. It leaves the umask at 022.
 */
export function stageContextScript(context: BuildContext, variables: ContextVariables): string {
  const directory = variables.directoryVariable;
  const workspace = variables.workspaceVariable === undefined ? "." : `$${variables.workspaceVariable}`;
  const place = (path: string): string => `"$${directory}"/${quote(path)}`;
  const folders = context.entries.filter((entry) => entry.kind === "directory");
  const packing = context.sentAs === "tar" ? packLines : [];
  return [
    "# Copies exactly the files that the image's tag is the hash of, and fails if one of them has changed.",
    "umask 022",
    "if command -v sha256sum >/dev/null 2>&1; then sha256() { sha256sum; }; else sha256() { shasum -a 256; }; fi",
    "stage() { # SHA256 PATH [MODE [SOURCE]]",
    `  if ! cat <"\${4-${workspace}/$2}" >"$${directory}/$2" || [ "$(sha256 <"$${directory}/$2")" != "$1  -" ]; then`,
    `    printf 'error: %s has changed since this script was printed\\nhint: print the script again\\n' "$2" >&2`,
    "    exit 1",
    "  fi",
    `  [ $# -lt 3 ] || chmod "$3" "$${directory}/$2"`,
    "}",
    ...packing,
    ...command("mkdir -p", [`"$${directory}"`, ...folders.map(({ path }) => place(path))]),
    ...context.entries.flatMap((entry) => entryLines(entry, place)),
    // The innermost first, because a folder's mode may deny changes below it.
    ...folders
      .toReversed()
      .flatMap(({ mode, path }) => (mode === 0o755 ? [] : [`chmod ${octal(mode)} ${place(path)}`])),
    `chmod 755 "$${directory}"`,
    "",
  ].join("\n");
}

const packLines = [
  "# All files in the image belong to root. docker rejects a tar that starts with a pax header.",
  "case $(tar --version 2>&1) in",
  '*GNU*) pack() { tar --owner=0 --group=0 --numeric-owner --format=gnu "$@"; } ;;',
  '*bsdtar*) pack() { COPYFILE_DISABLE=1 tar --uid=0 --gid=0 --numeric-owner "$@"; } ;;',
  '*) pack() { tar "$@"; } ;;',
  "esac",
];

/**
 * Returns the lines of a command that reads the staged context, as a tar on its standard input or from its working directory.
 * They use the functions of the text above.
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
  if (entry.content !== undefined) {
    const mode = entry.mode === 0o644 ? [] : [`chmod ${octal(entry.mode)} ${place(entry.path)}`];
    return [`printf '%s' ${quote(entry.content)} >${place(entry.path)}`, ...mode];
  }
  const words = [entry.digest, quote(entry.path)];
  if (entry.source !== undefined) words.push(octal(entry.mode), quote(entry.source));
  else if (entry.mode !== 0o644) words.push(octal(entry.mode));
  return [`stage ${words.join(" ")}`];
}

/** One argument a line, and no more than a system accepts at once. */
function command(program: string, words: readonly string[]): readonly string[] {
  const most = 500;
  const starts = Array.from({ length: Math.ceil(words.length / most) }, (_, index) => index * most);
  return starts.map((start) => [program, ...words.slice(start, start + most)].join(" \\\n  "));
}

function octal(mode: number): string {
  return mode.toString(8);
}
