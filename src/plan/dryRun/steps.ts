import { type Arg, quote, toShell } from "../../host/arg.ts";
import type { BuildContext } from "../../image/buildContext.ts";
import type {
  BuildStep,
  CacheStep,
  ContainerStep,
  ProbeStep,
  Step,
  StepVariable,
  TagStep,
  WarmStep,
} from "../plan.ts";
import { sendContextLines, stageContextScript } from "./buildContext.ts";
import { probeLines } from "./probe.ts";
import { execLines, keepLines } from "./warm.ts";

/** Returns the shell lines that do what the step does; `run` is the run directory. */
export function stepLines(step: Step, run: string): readonly string[] {
  switch (step.kind) {
    case "build":
      return buildLines(step);
    case "tag":
      return tagLines(step);
    case "probe":
      return probeStepLines(step, run);
    case "caches":
      return cacheLines(step, run);
    case "warm":
      return warmLines(step, run);
    case "run":
      return containerLines(step);
  }
}

function buildLines({ argv, context, unless, isOfWorkspace }: BuildStep): readonly string[] {
  const lines = contextLines(context, argv);
  if (!isOfWorkspace) return ["# build the toolchain image", ...lines];
  const build = withLast(lines, orRefused);
  if (unless === undefined) return ["# build the image", ...build];
  return [
    "# build the image unless it exists",
    `if ${toShell(unless.argv).join(" ")} >/dev/null 2>&1; then`,
    `  ${toShell(unless.rename.argv).join(" ")} || :`,
    "else",
    ...build,
    "fi",
  ];
}

function tagLines({ argv }: TagStep): readonly string[] {
  return ["# tag the image", ...withLast(commandLines(argv), orRefused)];
}

/** Like a run: the exit code of a failed build could have another meaning for polycrate. */
const orRefused = " || exit 125";

function probeStepLines({ argv, probe }: ProbeStep, run: string): readonly string[] {
  return ["# read the image's users, once for each image", ...probeLines(probe, commandLines(argv), run)];
}

/** The volumes of these caches are the user's if they are the ones that were given to it. */
function cacheLines({ argv, identify, remembered }: CacheStep, run: string): readonly string[] {
  const [file, fresh] = [argument(remembered), argument(`${run}/caches`)];
  const print = `${toShell(identify).join(" ")} >${fresh}`;
  return [
    "# give new caches to the user",
    `mkdir -p ${argument(remembered.slice(0, remembered.lastIndexOf("/")))}`,
    `if [ -L ${file} ] || ! ${print} 2>/dev/null || ! cmp -s ${fresh} ${file}; then`,
    ...withLast(
      commandLines(argv).map((line) => `  ${line}`),
      orRefused,
    ),
    `  ${print}`,
    `  mv ${fresh} ${file}`,
    "fi",
  ];
}

function warmLines({ slotOfScript: slot, before }: WarmStep, run: string): readonly string[] {
  const { exec } = slot;
  return [
    ...keepLines(
      slot,
      before.flatMap((step) => stepLines(step, run)),
      { run, commandLines },
    ),
    "",
    "# run in it; the end of its input would kill the action",
    ...exec.environment.map(variableLine),
    ...execLines(commandLines(exec.argv), run),
  ];
}

function containerLines({ argv, environment }: ContainerStep): readonly string[] {
  return ["# run the container", ...environment.map(variableLine), ...commandLines(argv)];
}

/** Returns the lines with a text added to the last of them. */
export function withLast(lines: readonly string[], ending: string): readonly string[] {
  return [...lines.slice(0, -1), `${lines.at(-1) ?? ""}${ending}`];
}

function contextLines(context: BuildContext, argv: readonly Arg[]): readonly string[] {
  const directoryVariable = "context";
  return [
    "private=$(mktemp -d)",
    `${directoryVariable}=$private/context`,
    stageContextScript(context, { directoryVariable }).trimEnd(),
    ...sendContextLines(context, { directoryVariable }, commandLines(argv)),
  ];
}

/** Command substitution removes trailing line feeds; an `x` after them preserves them and is then removed. */
function variableLine({ name, from }: StepVariable): string {
  if ("streams" in from) return `${name}=0; [ ! /dev/fd/1 -ef /dev/fd/2 ] || ${name}=1; export ${name}`;
  if ("written" in from) return `${name}=${from.written}; export ${name}`;
  if ("variable" in from) return `${name}=\${${from.variable}?}; export ${name}`;
  return `${name}=$(cat ${argument(from.file)} && printf x); ${name}=\${${name}%x}; export ${name}`;
}

/** One flag a line, so that the command is easy to read, edit and compare. */
function commandLines(argv: readonly Arg[]): readonly string[] {
  const words = toShell(argv);
  // What comes before the subcommand stays with it.
  const subcommand = words.findIndex((word, index) => index > 0 && !word.startsWith("--"));
  const flag = words.findIndex((word, index) => index > subcommand && word.startsWith("--"));
  if (subcommand < 0 || flag < 0) return [words.join(" ")];
  const rest = words.slice(flag);
  return [
    `${words.slice(0, flag).join(" ")} \\`,
    ...rest.map((word, index) => `  ${word}${index === rest.length - 1 ? "" : " \\"}`),
  ];
}

/** Returns the path as a word of a command; a path that starts with a dash would be read as an option. */
export function argument(path: string): string {
  return quote(path.startsWith("-") ? `./${path}` : path);
}
