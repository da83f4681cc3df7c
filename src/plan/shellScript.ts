import { sendContextLines, stageContextScript } from "./contextScript.ts";
import type { Plan, PlannedFile, Step, StepVariable } from "./plan.ts";
import { readingLines } from "./readingScript.ts";
import { isInert, quote, type Word, writtenWords } from "./words.ts";

/** Plans to print as one script; when one fails the rest is left out, unless it is to go on. */
export type Script = { readonly title: string; readonly plans: readonly Plan[]; readonly goOn: boolean };

/**
 * Returns the plans as a POSIX shell script that does to the workspace and the engine what executing them does. Each is a
 * subshell, so that a shell reads all of it before docker can read from the same standard input, and so that pasting it
 * ends nobody's session.
 */
export function printScript({ title, plans, goOn }: Script): string {
  const head = [
    "#!/bin/sh",
    ...comment(title),
    ...comment("It keeps no record and no log, masks nothing, knows no timeout and asks no questions."),
  ];
  const [only] = plans;
  if (plans.length === 1 && only !== undefined) return [...head, ...planLines(only), ""].join("\n");
  const steps = plans.flatMap((plan) => [
    "",
    ...comment(plan.title),
    ...withLast(planLines(plan), goOn ? unlessSignal : " || exit"),
  ]);
  return [...head, "(", ...steps, ")", ""].join("\n");
}

/** A failure is passed over, but an interrupt always ends a workflow. */
const unlessSignal = ' || { code=$?; case $code in 129 | 130 | 143) exit "$code" ;; esac; }';

function withLast(lines: readonly string[], ending: string): readonly string[] {
  return [...lines.slice(0, -1), `${lines.at(-1) ?? ""}${ending}`];
}

function planLines(plan: Plan): readonly string[] {
  const run = plan.runDirectory;
  return [
    "(",
    "set -eu",
    "umask 022",
    `cd ${quote(plan.workspace)}`,
    ...cleanupLines(plan),
    ...(run === undefined ? [] : runDirectoryLines(run)),
    ...plan.folders.map((folder) => `mkdir -p ${argument(folder)}`),
    ...plan.files.flatMap(fileLines),
    ...plan.steps.flatMap((step) => ["", ...stepLines(step, run ?? "")]),
    ")",
  ];
}

function comment(text: string): readonly string[] {
  return text.split("\n").map((line) => `# ${line}`.trimEnd());
}

/** A folder of the build context has the workspace's modes, and may forbid to remove what is in it. */
function cleanupLines({ runDirectory, steps }: Plan): readonly string[] {
  const removals = [
    ...(runDirectory === undefined ? [] : [`rm -rf ${argument(runDirectory)}`]),
    ...(steps.some(({ context }) => context !== undefined)
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

function runDirectoryLines(run: string): readonly string[] {
  return [
    "",
    "# the run's own folder; it is gone when the run has ended",
    `mkdir -p ${argument(parentOf(run))}`,
    `mkdir -m 700 ${argument(run)}`,
    `mkdir ${argument(`${run}/files`)}`,
  ];
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function fileLines({ path, mode, content, lifetime }: PlannedFile): readonly string[] {
  const target = argument(path);
  if (lifetime === "stays") {
    const write = content === "" ? `: >${target}` : `printf '%s' ${quote(content)} >${target}`;
    const folder = parentOf(path);
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

/** A word that no line of the content is. */
function heredocEnd(content: string): string {
  const lines = new Set(content.split("\n"));
  for (let count = 0; ; count += 1) {
    const end = count === 0 ? "END" : `END_${count}`;
    if (!lines.has(end)) return end;
  }
}

function stepLines(step: Step, run: string): readonly string[] {
  const { name, argv, environment, context, unless, reads } = step;
  if (reads !== undefined) {
    return [`# ${name}, read once for each image`, ...readingLines(reads, commandLines(argv), run)];
  }
  const carriers = environment.map(carrierLine);
  const command = context === undefined ? commandLines(argv) : contextLines(context, argv);
  const lines = [...carriers, ...(name === "build" ? withLast(command, ` || exit ${refused}`) : command)];
  if (unless === undefined) return [`# ${name}`, ...lines];
  return [
    `# ${name}, unless it is there`,
    `if ${writtenWords(unless.argv).join(" ")} >/dev/null 2>&1; then`,
    `  ${writtenWords(unless.rename.argv).join(" ")} || :`,
    "else",
    ...lines,
    "fi",
  ];
}

/** As a run does: a build's own code may be one that means something else. */
const refused = 125;

function contextLines(context: NonNullable<Step["context"]>, argv: readonly Word[]): readonly string[] {
  const directoryVariable = "context";
  return [
    "private=$(mktemp -d)",
    `${directoryVariable}=$private/context`,
    stageContextScript(context, { directoryVariable }).trimEnd(),
    ...sendContextLines(context, { directoryVariable }, commandLines(argv)),
  ];
}

/** Command substitution drops line feeds at the end; the character behind them keeps them, and is cut off again. */
function carrierLine({ name, from }: StepVariable): string {
  if ("variable" in from) return `${name}=\${${from.variable}?}; export ${name}`;
  return `${name}=$(cat ${argument(from.file)} && printf x); ${name}=\${${name}%x}; export ${name}`;
}

/** One flag a line, so that a person can read, change and compare it. */
function commandLines(argv: readonly Word[]): readonly string[] {
  const words = writtenWords(argv);
  const program = words.findIndex((word) => word.startsWith("--"));
  if (program < 0) return [words.join(" ")];
  const rest = words.slice(program);
  return [
    `${words.slice(0, program).join(" ")} \\`,
    ...rest.map((word, index) => `  ${word}${index === rest.length - 1 ? "" : " \\"}`),
  ];
}

/** A path that begins with a dash would be taken for an option. */
function argument(path: string): string {
  return quote(path.startsWith("-") ? `./${path}` : path);
}
