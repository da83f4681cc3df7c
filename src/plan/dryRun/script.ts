import { exitCodes, printable } from "../../errors.ts";
import { isInert, quote, toShell } from "../../host/arg.ts";
import type { MissingFile } from "../../workspace/blockPaths.ts";
import { type ContainerStep, containerStepOf, type Plan, type PlannedFile, type Step } from "../plan.ts";
import { argument, withLast } from "./lines.ts";
import { fetchLines } from "./remote.ts";
import { stepLines } from "./steps.ts";

/** Plans to print as one script, which stops at the first failure unless `continueOnFailure` is set. */
export type Script = {
  readonly title: string;
  readonly plans: readonly Plan[];
  readonly continueOnFailure: boolean;
};

/**
 * Returns the plans as a POSIX shell script with the same effect on the workspace and the engine as executing them. Each plan
 * is a subshell, so that a shell reads all of it before docker can read from the same standard input, and so that `exit` does
 * not end the shell that the script is pasted into.
 */
export function printScript({ title, plans, continueOnFailure }: Script): string {
  const head = scriptHead(title);
  const [only] = plans;
  if (plans.length === 1 && only !== undefined) return [...head, ...planLines(only), ""].join("\n");
  const steps = plans.flatMap((plan) => [
    "",
    ...comment(plan.title),
    ...withLast(planLines(plan), continueOnFailure ? unlessSignal : " || exit"),
  ]);
  return [...head, "(", ...steps, ")", ""].join("\n");
}

/** Returns the first lines of a printed script: what it is, and what it does not do. */
export function scriptHead(title: string): readonly string[] {
  return [
    "#!/bin/sh",
    ...comment(title),
    ...comment(
      "Unlike polycrate, this script keeps no record or log, masks no secrets, has no timeout and asks no questions.",
    ),
  ];
}

/** A failure is ignored, but an interrupt always ends a workflow. */
const unlessSignal = ' || { code=$?; case $code in 129 | 130 | 143) exit "$code" ;; esac; }';

/** Returns the lines that do what the plan does, in a shell of their own. */
export function planLines(plan: Plan): readonly string[] {
  const run = runPathOf(plan);
  return [
    "(",
    "set -eu",
    "umask 022",
    `cd ${quote(plan.workspace)}`,
    ...plan.requires.flatMap(requirementLines),
    ...refusalLines(plan),
    ...cleanupLines(plan, run),
    ...(run === undefined ? [] : runDirectoryLines(run, plan)),
    ...plan.folders.map((folder) => `mkdir -p ${argument(folder)}`),
    ...plan.files.flatMap((file) => fileLines(file, run ?? "")),
    ...plan.steps.flatMap((step) => ["", ...stepLines(step, run ?? "")]),
    ...plan.finally.flatMap((step) => (step.kind === "fetch" ? ["", ...fetchLines(step, run ?? "")] : [])),
    ")",
  ];
}

/** Checked when the script runs, because another action may write the file before. */
function requirementLines({ path, message, hint }: MissingFile): readonly string[] {
  const report = quote(`error: ${message}\nhint: ${hint}`);
  return [
    `[ -f ${argument(path)} ] || {`,
    `  printf '%s\\n' ${report} >&2`,
    `  exit ${exitCodes.invalidWorkspace}`,
    "}",
  ];
}

/** The run directory, relative to the workspace where it is in it. */
function runPathOf({ runDirectory, workspace }: Plan): string | undefined {
  if (runDirectory === undefined) return undefined;
  const { root, path } = runDirectory;
  return root === workspace ? path : `${root}/${path}`;
}

/** Returns the text as comments. */
export function comment(text: string): readonly string[] {
  return text.split("\n").map((line) => `# ${printable(line)}`.trimEnd());
}

/**
 * The script writes files and reads secrets in the workspace through these paths, and a shell follows links. So it checks all
 * of them first, as a run does.
 */
function refusalLines(plan: Plan): readonly string[] {
  const { folders, steps, workspace } = plan;
  const run = runPathOf(plan);
  const slots = steps.flatMap((step) => (step.kind === "warm" ? [step.slotOfScript.folder] : []));
  const all = steps.flatMap((step): readonly Step[] => (step.kind === "warm" ? step.before : [step]));
  const kept = [
    ...all.flatMap((step) => {
      if (step.kind === "caches") return [parentPath(step.remembered)];
      return step.kind === "probe" ? [step.probe.folder] : [];
    }),
    ...slots.map(({ root, path }) => (root === workspace ? path : `${root}/${path}`)),
  ];
  const staying = plan.files.filter(({ lifetime }) => lifetime === "stays").map(({ path }) => path);
  const container = containerStepOf(plan);
  const secrets = container === undefined ? [] : secretFilesIn(container, workspace);
  const inside = [...(run === undefined ? [] : [run]), ...folders, ...kept];
  const files = [...staying.filter((path) => !path.startsWith("/")), ...secrets];
  const above = new Set([...inside.flatMap(wayTo), ...files.flatMap((path) => wayTo(parentPath(path)))]);
  if (above.size + files.length === 0) return [];
  return [
    "",
    "# refuse links and unexpected kinds of files in these paths",
    "refuse() {",
    `  printf 'error: \`%s\` is not a %s\\nhint: polycrate does not follow links here; move or remove it\\n' "$PWD/$1" "$2" >&2`,
    "  exit 73",
    "}",
    ...checkLine([...above], "-d", "folder"),
    ...checkLine(files, "-f", "file"),
  ];
}

/** The files of secrets that are in the workspace, relative to it. */
function secretFilesIn(
  { environment }: Pick<ContainerStep, "environment">,
  workspace: string,
): readonly string[] {
  return environment.flatMap(({ from }) =>
    "file" in from && from.file.startsWith(`${workspace}/`) ? [from.file.slice(workspace.length + 1)] : [],
  );
}

/** The path and the folders above it, the topmost first; empty for a path outside of the workspace. */
function wayTo(path: string): readonly string[] {
  if (path === "" || path.startsWith("/")) return [];
  return [...wayTo(parentPath(path)), path];
}

/** The loop variable is not `path`, which is the PATH in zsh. */
function checkLine(paths: readonly string[], kind: "-d" | "-f", name: string): readonly string[] {
  if (paths.length === 0) return [];
  const list = paths.map(argument).join(" ");
  return [
    `for place in ${list}; do`,
    `  if [ -L "$place" ] || { [ -e "$place" ] && [ ! ${kind} "$place" ]; }; then refuse "$place" ${name}; fi`,
    "done",
  ];
}

/** A folder of the build context has the workspace's modes, which may deny removing its contents. */
function cleanupLines({ steps, finally: last }: Plan, run: string | undefined): readonly string[] {
  const removals = [
    ...last.flatMap((step) =>
      step.kind === "remove"
        ? [`[ -n "\${kept-}" ] || ${toShell(step.argv).join(" ")} >/dev/null 2>&1 || :`]
        : [],
    ),
    ...(run === undefined ? [] : [`rm -rf ${argument(run)}`]),
    ...(steps.some(({ kind }) => kind === "build")
      ? [`if [ -n "\${private-}" ]; then chmod -R u+rwx "$private"; rm -rf "$private"; fi`]
      : []),
  ];
  if (removals.length === 0) return [];
  return [
    "cleanup() {",
    ...removals.map((line) => `  ${line}`),
    "}",
    "trap cleanup EXIT",
    "trap 'exit 129' HUP",
    "trap 'exit 130' INT",
    "trap 'exit 143' TERM",
  ];
}

function runDirectoryLines(run: string, { files, workspace, runDirectory }: Plan): readonly string[] {
  const inRun = files.filter(({ lifetime }) => lifetime === "run").map(({ path }) => parentPath(path));
  const folders = [...new Set(inRun)].filter((folder) => folder !== "");
  const root = runDirectory?.root ?? workspace;
  const parent = parentPath(run);
  return [
    "",
    "# create the folder of this run, which is removed at the end",
    ...(root === workspace
      ? []
      : [`[ -d ${argument(root)} ] || { ${gone(root)}; exit ${exitCodes.cannotWrite}; }`]),
    ...(parent === "" ? [] : [`mkdir -p ${argument(parent)}`]),
    `mkdir -m 700 ${argument(run)}`,
    ...folders.map((folder) => `mkdir -p ${argument(`${run}/${folder}`)}`),
  ];
}

/** A runtime folder is removed when the caller's last session ends. */
function gone(root: string): string {
  return `echo ${quote(`error: \`${root}\` no longer exists; print this script again`)} >&2`;
}

function parentPath(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function fileLines(file: PlannedFile, run: string): readonly string[] {
  const { path, mode, content, lifetime, reveal } = file;
  const target = argument(lifetime === "run" ? `${run}/${path}` : path);
  if (reveal !== undefined) {
    const { reveal: _, ...shown } = file;
    return ["# secrets are in no script: this file has *** in their place", ...fileLines(shown, run)];
  }
  if (lifetime === "stays") {
    const write = content === "" ? `: >${target}` : `printf '%s' ${quote(content)} >${target}`;
    const folder = parentPath(path);
    return [...(folder === "" ? [] : [`mkdir -p ${argument(folder)}`]), `[ -e ${target} ] || ${write}`];
  }
  if (!isInert(content)) {
    return [`printf '%s' ${quote(content)} >${target}`, `chmod ${mode.toString(8)} ${target}`];
  }
  const end = heredocEnd(content);
  const lines =
    content === "" ? [`: >${target}`] : [`cat >${target} <<'${end}'`, `${content.replace(/\n$/, "")}`, end];
  return [...lines, `chmod ${mode.toString(8)} ${target}`];
}

/** A word that is not a line of the content. */
function heredocEnd(content: string): string {
  const lines = new Set(content.split("\n"));
  for (let count = 0; ; count += 1) {
    const end = count === 0 ? "END" : `END_${count}`;
    if (!lines.has(end)) return end;
  }
}
