import { type Arg, quote, toShell } from "../../host/arg.ts";
import type { WarmSlot } from "../plan.ts";
import { snapshotFile } from "../runPaths.ts";

/** The run directory, and how a command is written. */
type Written = { readonly run: string; readonly commandLines: (argv: readonly Arg[]) => readonly string[] };

/** Returns the shell lines that start the container of a slot unless it runs, after the lines of what comes `before`. */
export function keepLines(
  { folder, keep }: WarmSlot,
  before: readonly string[],
  { run, commandLines }: Written,
): readonly string[] {
  const start = commandLines(keep.argv);
  return [
    "# start the warm container of this script, unless it runs",
    `slot=${quote(`${folder.root}/${folder.path}`)}`,
    `if [ "$(${toShell(keep.find).join(" ")})" != ${quote(keep.image.reference)} ]; then`,
    ...[...before, `${toShell(keep.remove).join(" ")} >/dev/null 2>&1 || :`, 'rm -rf "$slot"'].map(indented),
    '  mkdir -p "$slot/files" "$slot/status"',
    '  chmod 700 "$slot"',
    `  : >"$slot/${snapshotFile}"`,
    ...keep.files.map((file) => `  cp ${quote(`${run}/${file}`)} "$slot"`),
    ...start.map((line, index) => `  ${line}${index === start.length - 1 ? " >/dev/null || exit 125" : ""}`),
    "fi",
  ];
}

/** Returns the shell lines that run the command in the container of a slot: with the files of the run, which are then removed. */
export function execLines(command: readonly string[], run: string): readonly string[] {
  return [
    'empty() { find "$slot/files" "$slot/status" -mindepth 1 -delete; : >"$slot/snapshot.yml"; }',
    "empty",
    `cp -Rp ${quote(`${run}/files`)} ${quote(`${run}/status`)} "$slot"`,
    `cat ${quote(`${run}/${snapshotFile}`)} >"$slot/${snapshotFile}"`,
    `mkfifo ${quote(`${run}/lease`)}`,
    `exec 3<>${quote(`${run}/lease`)}`,
    "echo go >&3",
    "code=0",
    ...command.map((line, index) => (index === command.length - 1 ? `${line} <&3 || code=$?` : line)),
    "empty",
    '[ "$code" = 0 ] || exit "$code"',
  ];
}

function indented(line: string): string {
  return line === "" ? "" : `  ${line}`;
}
