import type { Engine } from "../engine/engine.ts";
import { exitCodes, PolycrateError } from "../errors.ts";
import { readCaches } from "../workspace/caches.ts";
import type { Workspace } from "../workspace/load.ts";
import type { Container } from "./container.ts";
import type { HostFacts } from "./hostFacts.ts";
import { shortSecretWarnings } from "./maskedValues.ts";
import { containerStepOf, type Step, type Warning } from "./plan.ts";
import type { RunOptions } from "./runOptions.ts";
import { checkPrivateKey } from "./user/ssh.ts";
import { reasonForCold } from "./warm.ts";

/** A container, and what it was planned from. */
export type PlannedContainer = {
  readonly workspace: Workspace;
  readonly engine: Engine;
  readonly container: Container;
  readonly facts: HostFacts;
  readonly steps: readonly Step[];
};

/** Returns what the user should know of a container before it runs. Throws (65) when ssh would refuse the workspace's key. */
export function containerWarnings(planned: PlannedContainer, options: RunOptions): readonly Warning[] {
  return [
    ...keyWarnings(planned),
    ...shortSecretWarnings(planned.container),
    ...userWarnings(planned),
    ...coldWarnings(planned, options),
    ...cacheWarnings(planned),
  ];
}

/** A user who asks for a warm container is told why there is none. */
function coldWarnings(
  { engine, container, steps }: PlannedContainer,
  options: RunOptions,
): readonly Warning[] {
  const step = containerStepOf({ steps });
  if (options.warm?.isFlag !== true || options.warm.seconds === 0 || step === undefined) return [];
  const reason = reasonForCold({ engine, container, step }, options);
  if (reason === undefined) return [];
  const hint = "`polycrate help warm` says which runs can be warm";
  return [{ message: `the action runs in a new container: ${reason}`, hint }];
}

function cacheWarnings({ workspace, engine: { can, program } }: PlannedContainer): readonly Warning[] {
  if (can.labelCaches || readCaches(workspace).length === 0) return [];
  const message = `the action runs without the workspace's caches: ${program} cannot label their volumes`;
  return [{ message, hint: "`polycrate help engines` says what each engine can do" }];
}

function keyWarnings({ engine, container: { privateKey, user } }: PlannedContainer): readonly Warning[] {
  // A key that is sent belongs to the user there, and to nobody else.
  const isMounted = privateKey !== undefined && engine.kind === "local";
  const problem = isMounted ? checkPrivateKey(privateKey, user) : undefined;
  if (problem?.refused === true) {
    throw new PolycrateError(problem.message, { hint: problem.hint, exitCode: exitCodes.invalidWorkspace });
  }
  return problem === undefined ? [] : [problem];
}

/** A rootless engine can only run as users that it maps to ids of its caller. */
function userWarnings({ container: { user }, facts }: PlannedContainer): readonly Warning[] {
  const { mappedIds } = facts;
  const highest = Math.max(user.uid, user.gid);
  if (mappedIds === undefined || highest < mappedIds) return [];
  const message = `the engine is rootless and maps ${mappedIds} ids, so it cannot run an action as ${highest}`;
  return [
    { message, hint: "use `user: host`, which is root there, or add ids to /etc/subuid and /etc/subgid" },
  ];
}
