import { quote } from "../host/arg.ts";
import type { ResolvedAction } from "../workspace/blocks/resolveBlock.ts";
import { secretEnvPrefix, streamsVariable } from "../workspace/variableNames.ts";
import { pluginFolder } from "./ansiblePlugin.ts";
import { recapLine } from "./ansibleRecap.ts";
import type { Container } from "./container.ts";
import { type FailureShell, failureShellLines } from "./failureShell.ts";
import type { MountedTwice } from "./mounts.ts";
import { filesInContainer, statusInContainer } from "./runPaths.ts";
import { isSupervised, startedLine, supervisorLines } from "./supervisor.ts";
import type { Terminal } from "./terminal.ts";
import type { SshConfig } from "./user/ssh.ts";

/** Returns the script of an action. All items run in one shell, so that `cd` affects later items and heredocs can span items. */
export function scriptOf(action: ResolvedAction): string {
  const { playbook, script } = action.settings;
  if (typeof playbook === "string") {
    // The shell notes how it ended, and so has to outlive it.
    const outlive = "trap : HUP TERM";
    return `${recapLine}\n${outlive}\nansible-playbook --extra-vars "@$POLYCRATE_SNAPSHOT_FILE" ${quote(playbook)} "$@"\n`;
  }
  return (script ?? []).map((item) => (item.endsWith("\n") ? item : `${item}\n`)).join("");
}

/** Returns the item of a script that contains the line, and the line within that item, all counted from 1. */
export function itemOfLine(
  items: readonly string[],
  line: number,
): { readonly item: number; readonly line: number } | undefined {
  let before = 0;
  for (const [index, item] of items.entries()) {
    const lines = item.replace(/\n$/, "").split("\n").length;
    if (line > before && line <= before + lines) return { item: index + 1, line: line - before };
    before += lines;
  }
  return undefined;
}

/** Returns the first line of the files that a run writes for its container, which identifies them. */
export function markOf(transaction: string): string {
  return `# transaction ${transaction}`;
}

/**
 * Returns the command that the container's shell is started with. After a run's files are written and before docker mounts
 * them, another running action that can access them could replace them by links, and make docker mount any file of the host.
 * So the first command is not read from a file. It continues only if the mounted files start with the lines that were
 * written, and if a workspace file that is mounted separately is the same file as in the workspace. Files that the action's
 * user cannot read need no check.
 */
export function launcherOf({ transaction, paths, user, mountedTwice, writable }: Container): string {
  const mark = `"${markOf(transaction)}"`;
  const { entries } = user;
  const firstLines = [
    [`${filesInContainer}/entrypoint`, mark],
    [statusInContainer, mark],
    [quote(paths.snapshotInContainer), mark],
    ...(entries === undefined
      ? []
      : [
          ["/etc/passwd", quote(firstLineOf(entries.passwd))],
          ["/etc/group", quote(firstLineOf(entries.group))],
        ]),
  ];
  const [check, line, refuse] = ["__polycrate_check", "__polycrate_line", "__polycrate_refuse"];
  return [
    `${refuse}() { echo "polycrate: $1 is not the file of this run" >&2; exit 73; }`,
    `${check}() { IFS= read -r ${line} <"$1" && [ "$${line}" = "$2" ] || ${refuse} "$1"; }`,
    ...firstLines.map((words) => `${check} ${words.join(" ")}`),
    ...mountedTwice.map((file) => sameFileCheck(file, refuse)),
    ...writableChecks(writable, refuse),
    `unset -f ${check} ${refuse}`,
    `unset ${line}`,
    `. ${filesInContainer}/entrypoint`,
  ].join("; ");
}

/**
 * A link in the workspace may lead to the mounted file itself, and another action could replace it by a file between the two
 * tests. It cannot keep that up for many repetitions.
 */
function sameFileCheck({ target, inWorkspace, way }: MountedTwice, refuse: string): string {
  const [file, line] = [quote(target), "__polycrate_line"];
  const links = way.map((path) => `[ ! -L ${quote(path)} ]`).join(" && ");
  const look = `[ ${file} -ef ${quote(inWorkspace)} ] && ${links} || ${refuse} ${file}`;
  return `if [ -e ${file} ]; then for ${line} in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do ${look}; done; fi`;
}

/**
 * A folder that is writable in a read-only workspace must be mounted at its own place and be the folder that is there, not
 * where a link led to. Compared is what the kernel says (proc_pid_mountinfo(5)): the file system and the path in it.
 */
function writableChecks({ root, targets }: Container["writable"], refuse: string): readonly string[] {
  if (targets.length === 0) return [];
  const [found, rest, device, source, at] = ["found", "line", "device", "source", "at"].map(
    (name) => `__polycrate_${name}`,
  );
  const read = `read -r ${rest} ${rest} ${device} ${source} ${at} ${rest}`;
  const look =
    `__polycrate_mounted() { ${found}=; while IFS=" " ${read}; do ` +
    `if [ "$${at}" = "$1" ]; then ${found}="$${device} $${source}"; fi; done </proc/self/mountinfo; }`;
  const top = "__polycrate_root";
  return [
    look,
    `__polycrate_mounted ${quote(inMountinfo(root))}`,
    `${top}="\${${found}%/}"`,
    ...targets.map((target) => {
      const below = quote(inMountinfo(target.slice(root.length)));
      return `__polycrate_mounted ${quote(inMountinfo(target))}; [ "$${found}" = "$${top}"${below} ] || ${refuse} ${quote(target)}`;
    }),
    "unset -f __polycrate_mounted",
    `unset ${[top, found, device, source, at].join(" ")}`,
  ];
}

/** The kernel writes these characters in octal. */
function inMountinfo(path: string): string {
  return path.replace(
    /[ \t\n\\]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}

function firstLineOf(text: string): string {
  return text.slice(0, text.indexOf("\n"));
}

/** The first program that a container's shell reads from a file, and the one that prepares it for the script. */
export type Entrypoint = { readonly entrypoint: string; readonly prepare: string };

/**
 * Returns the shell programs that the container runs: the first records that it started, and that the script has ended; the
 * second sets the secrets from the variables that carry them, sets the terminal's size, runs the script, and records the exit
 * code and line of a failure. bash reports a failure through its ERR trap, which does not conflict with a script's own EXIT
 * trap; `exit` is wrapped because no trap knows its line. Other shells (busybox ash, dash) know `$LINENO` in the EXIT trap.
 */
export function entrypointOf(
  {
    shell,
    environment,
    sshConfig,
    hostTargets,
  }: Pick<Container, "shell" | "environment" | "sshConfig" | "hostTargets">,
  terminal: Terminal,
  script: string,
  failureShell?: FailureShell,
): Entrypoint {
  const prepare = `${filesInContainer}/prepare`;
  return {
    entrypoint: [
      "# Written by polycrate: runs the script in a shell of its own, and records how it ended.",
      ...(isSupervised(terminal) ? supervisorLines(shell, prepare) : startLines(prepare)),
      "",
    ].join("\n"),
    prepare: prepareLines({ environment, sshConfig, hostTargets }, terminal, script, failureShell).join("\n"),
  };
}

/** A shell with job control at a terminal is the container's own, with which the terminal ends; nothing waits for it. */
function startLines(prepare: string): readonly string[] {
  return [startedLine, `. ${prepare}`];
}

function prepareLines(
  { environment, sshConfig, hostTargets }: Pick<Container, "environment" | "sshConfig" | "hostTargets">,
  terminal: Terminal,
  script: string,
  failureShell: FailureShell | undefined,
): readonly string[] {
  const secrets = environment.filter((variable) => variable.secret !== undefined);
  const hasShell = failureShell !== undefined;
  const inspect = hasShell ? '; __polycrate_inspect "$1" "$2"' : "";
  const atExit = `__polycrate_code=$? __polycrate_line=\${LINENO-0}; __polycrate_note "$__polycrate_code" "$__polycrate_line"; __polycrate_inspect "$__polycrate_code" "$__polycrate_line"`;
  return [
    "# Written by polycrate: prepares the shell, then runs the script.",
    ...streamsLines,
    ...(sshConfig === undefined ? [] : sshConfigLines(sshConfig)),
    ...secrets.map(({ name }) => `export ${name}="$${secretEnvName(name)}"; unset ${secretEnvName(name)}`),
    ...gitLines(hostTargets),
    ansibleLine,
    ...terminalLines(terminal),
    ...(failureShell === undefined ? [] : failureShellLines(failureShell)),
    `__polycrate_note() { if [ "$1" != 0 ]; then echo "$1 $2" >>${statusInContainer}; fi; } 2>/dev/null`,
    `if [ -n "\${BASH_VERSION-}" ]; then`,
    `  eval '__polycrate_failed() { if [ "$BASHPID" = "$$" ]; then __polycrate_note "$1" "$2"${inspect}; fi; }'`,
    `  eval 'exit() { local status=$?; __polycrate_failed "\${1-$status}" "\${BASH_LINENO[0]}"; builtin exit "\${@-$status}"; }'`,
    `  trap '__polycrate_failed "$?" "$LINENO"' ERR`,
    // An unset variable and a syntax error reach no ERR trap. A script's own EXIT trap takes the place of this one.
    ...(hasShell ? [`  trap '__polycrate_inspect "$?" ""' EXIT`] : []),
    "  set -E",
    "else",
    hasShell ? `  trap '${atExit}' EXIT` : `  trap '__polycrate_note "$?" "\${LINENO-0}"' EXIT`,
    "fi",
    "set -eu",
    "if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi",
    `. ${script}`,
    "",
  ];
}

/** In addition to Ansible's default folders for vars plugins (ansible-core 2.14 to 2.19). */
const ansibleLine = `export ANSIBLE_VARS_PLUGINS="${filesInContainer}/${pluginFolder}:\${ANSIBLE_VARS_PLUGINS:-\${ANSIBLE_HOME:-~/.ansible}/plugins/vars:/usr/share/ansible/plugins/vars}"`;

/** Two streams to the same file keep their order only if they are one stream. */
const streamsLines = [
  `if [ "\${${streamsVariable}-0}" = 1 ]; then exec 2>&1; fi`,
  `unset ${streamsVariable}`,
];

/**
 * git refuses a repository of another owner, which the workspace is for an action that runs as root. Before git 2.46 no
 * pattern matches nested repositories and other mounts, so all are trusted. git before 2.31 does not read configuration from
 * variables, so it gets a file, which must not be a file of the host.
 */
function gitLines(hostTargets: readonly string[]): readonly string[] {
  const count = "${GIT_CONFIG_COUNT:-0}";
  const ofHost = hostTargets.map((target) => `${quote(target.replace(/\/+$/, ""))}/*`).join(" | ");
  return [
    `case ${count} in`,
    "*[!0-9]* | 0?* | ?????*) ;;",
    `*) export "GIT_CONFIG_KEY_${count}=safe.directory" "GIT_CONFIG_VALUE_${count}=*" "GIT_CONFIG_COUNT=$((${count} + 1))" ;;`,
    "esac",
    `if [ -n "\${HOME-}" ] && [ ! -e "$HOME/.gitconfig" ] && [ ! -L "$HOME/.gitconfig" ] && command -v git >/dev/null; then`,
    "  case $HOME/ in",
    `  ${ofHost}) ;;`,
    `  *) { printf '[safe]\\n\\tdirectory = *\\n'; } 2>/dev/null >"$HOME/.gitconfig" || : ;;`,
    "  esac",
    "fi",
  ];
}

/** An image's own file is kept, and an image without ssh does not get one. */
function sshConfigLines({ path, lines }: SshConfig): readonly string[] {
  const folder = path.slice(0, path.lastIndexOf("/"));
  return [
    `if command -v ssh >/dev/null && [ ! -e ${quote(path)} ]; then`,
    `  (umask 077 && mkdir -p ${quote(folder)} && printf '%s\\n' ${lines.map(quote).join(" ")} >${quote(path)}) 2>/dev/null || :`,
    "fi",
  ];
}

/** Returns the name under which a secret is passed on, so that no program on the host reads it as its own setting. */
export function secretEnvName(name: string): string {
  return secretEnvPrefix + name;
}

/** docker sets a terminal's size only after the start; without `--interactive` nothing may wait for a user. */
function terminalLines({ interactive, size }: Terminal): readonly string[] {
  if (size === undefined) return [];
  return [
    `stty rows ${size.rows} cols ${size.columns} 2>/dev/null <&1 || :`,
    ...(interactive ? [] : ["exec </dev/null"]),
  ];
}
