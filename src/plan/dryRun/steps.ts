import { type Arg, toShell } from "../../host/arg.ts";
import type { BuildContext } from "../../image/buildContext.ts";
import type { BuildStep, CacheStep, ContainerStep, ProbeStep, Step, TagStep, WarmStep } from "../plan.ts";
import { sendContextLines, stageContextScript } from "./buildContext.ts";
import { argument, commandLines, variableLine, withLast } from "./lines.ts";
import { probeLines } from "./probe.ts";
import { attachLines, createLines, sendLines } from "./remote.ts";
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
    case "create":
      return createLines(step);
    case "send":
      return sendLines(step, run);
    case "attach":
      return attachLines(step, run);
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

function contextLines(context: BuildContext, argv: readonly Arg[]): readonly string[] {
  const directoryVariable = "context";
  return [
    "private=$(mktemp -d)",
    `${directoryVariable}=$private/context`,
    stageContextScript(context, { directoryVariable }).trimEnd(),
    ...sendContextLines(context, { directoryVariable }, commandLines(argv)),
  ];
}
