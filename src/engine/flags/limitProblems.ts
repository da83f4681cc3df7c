import { actionKeySource } from "../../workspace/blocks/actionSource.ts";
import type { ResolvedBlock } from "../../workspace/blocks/resolveBlock.ts";
import type { Layout } from "../../workspace/layout.ts";
import {
  type LimitKey,
  type LimitProblem,
  type LimitSettings,
  limitConflicts,
  widenedLimits,
} from "../../workspace/limits.ts";
import type { Workspace } from "../../workspace/load.ts";
import { problemIn, problemsIn } from "../../workspace/poly/polyFile.ts";
import type { Problem } from "../../workspace/poly/problems.ts";
import { limitKeys } from "../../workspace/poly/schema/limits.ts";
import type { DockerFlag } from "./dockerFlag.ts";

/** An action whose limits are checked, after inheritance. */
export type LimitedAction = {
  readonly block: Pick<ResolvedBlock, "lineage">;
  readonly name: string;
  readonly settings: LimitSettings;
};

/** Returns the problems of the workspace's limits: with each other, and with its `docker_flags`. */
export function workspaceLimitProblems(
  workspace: Workspace,
  flags: readonly DockerFlag[],
): readonly Problem[] {
  const { container } = workspace.settings.config;
  const found = [
    ...limitConflicts(container),
    ...reservedFolders(container, workspace.layout),
    ...setTwice(container, flags),
  ];
  return problemsIn(
    workspace.file,
    found.map(({ key, message, hint }) => ({
      severity: "error",
      code: "wrong-limit",
      at: ["config", "container", key],
      message,
      hint,
    })),
  );
}

/** Returns the problems of an action's limits, each where it is written: an action can only set less than the workspace. */
export function actionLimitProblems(
  { settings: { config }, layout }: Pick<Workspace, "settings" | "layout">,
  { block, name, settings }: LimitedAction,
  flags: readonly DockerFlag[],
): readonly Problem[] {
  const { container } = config;
  const found = [
    ...limitConflicts(settings, container),
    ...widenedLimits(settings, container),
    ...reservedFolders(settings, layout),
    ...setTwice(settings, flags),
  ];
  return found.flatMap(({ key, message, hint }) => {
    const source = actionKeySource(block, name, [key]);
    if (source === undefined) return [];
    return [
      problemIn(source.file, {
        severity: "error",
        code: "wrong-limit",
        at: source.at,
        message: `action \`${name}\`: ${message}`,
        hint,
      }),
    ];
  });
}

/** What polycrate writes there is trusted by later runs. */
function reservedFolders({ writable }: LimitSettings, { logsRoot }: Layout): readonly LimitProblem[] {
  const reserved = (writable ?? []).find((folder) =>
    [".polycrate", logsRoot].some((own) => folder === own || folder.startsWith(`${own}/`)),
  );
  if (reserved === undefined) return [];
  const message = `\`${reserved}\` is reserved for polycrate`;
  return [{ key: "writable", message, hint: "choose another folder of the workspace" }];
}

/** The limits that flags set too. docker would use one of both, or refuse to start. */
function setTwice(settings: LimitSettings, flags: readonly DockerFlag[]): readonly LimitProblem[] {
  return limitKeys.flatMap((key) => {
    const flag = (settings[key] ?? undefined) && flags.find(({ name }) => flagsOf[key].includes(name));
    if (!flag) return [];
    const message = `\`${key}\` conflicts with \`docker_flags\`, which set \`--${flag.name}\``;
    return [{ key, message, hint: `remove one of them; \`config.container.${key}\` is for all actions` }];
  });
}

/** The flags that decide what a limit decides. */
const flagsOf: Readonly<Record<LimitKey, readonly string[]>> = {
  network: ["network", "net"],
  workspace: ["privileged"],
  writable: [],
  memory: ["memory", "memory-swap", "memory-reservation"],
  cpus: ["cpus", "cpu-quota", "cpu-period"],
  pids: ["pids-limit"],
  capabilities: ["cap-add", "cap-drop", "privileged"],
};
