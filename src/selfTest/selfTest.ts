import { arch, platform, release } from "node:os";
import type { DockerFacts } from "../doctor/engineFacts.ts";
import { removeWith } from "../engine/containers.ts";
import type { Engine } from "../engine/engine.ts";
import { locatedMessage, PolycrateError } from "../errors.ts";
import type { Host } from "../host/stdio.ts";
import { version } from "../version.ts";
import type { Check, CheckOutcome } from "./check.ts";
import { containersBelow } from "./containersBelow.ts";
import { endChecks, lastChecks, startCheck } from "./endChecks.ts";
import { fileChecks } from "./fileChecks.ts";
import { outputChecks } from "./outputChecks.ts";
import { secretCheck } from "./secretCheck.ts";
import { type TestContext, testContext, withoutPaths } from "./testContext.ts";
import { makeTestFolder } from "./testFolder.ts";

/** What a bug report needs to know of the machine: no names, paths or addresses of it. */
export type SelfTestFacts = Readonly<Record<string, string>>;

/** Returns the facts in the order in which they are shown. */
export function selfTestFacts(
  { program, client, engine, context }: DockerFacts,
  image: string,
): SelfTestFacts {
  const modes = [engine?.rootless ? "rootless" : [], engine?.remapped ? "userns-remap" : []].flat();
  return {
    polycrate: `${version}, ${platform()} ${arch()}, kernel ${release()}`,
    client: client === undefined ? "none" : `${program} ${client.version}`,
    engine:
      engine === undefined ? "none" : [`${program} ${engine.version}`, engine.system, ...modes].join(", "),
    connection: /^[a-z]+(?=:)/.exec(context.endpoint)?.[0] ?? "default",
    image,
  };
}

/** All checks, in the order in which they run. */
const checks: readonly Check[] = [
  startCheck,
  ...fileChecks,
  ...outputChecks,
  ...endChecks,
  secretCheck,
  ...lastChecks,
];

/** The names of the checks that can be chosen; `start` always runs. */
export const checkNames: readonly string[] = checks.map(({ name }) => name);

type SelfTestOptions = {
  /** The names of the checks to run; none for all of them. */
  readonly only: readonly string[];
  readonly engine: Engine;
  readonly image: string;
  readonly host: Host;
  /** Called with each outcome as it comes. */
  readonly onOutcome: (outcome: CheckOutcome) => void;
  readonly cancelled: AbortSignal;
};

/**
 * Runs actions in workspaces of its own on the engine, and returns how each check ended. Nothing of it is left, even if it is
 * cancelled; then the checks that have not ended are skipped.
 */
export async function runSelfTest(options: SelfTestOptions): Promise<readonly CheckOutcome[]> {
  const tree = await makeTestFolder(options.image);
  const context = testContext(options.engine, options.host, tree.directory);
  options.cancelled.addEventListener("abort", context.stop);
  try {
    return await runChosenChecks(context, options);
  } finally {
    await removeContainers(context);
    tree.remove();
  }
}

async function runChosenChecks(
  context: TestContext,
  { only, cancelled, onOutcome }: SelfTestOptions,
): Promise<readonly CheckOutcome[]> {
  const outcomes: CheckOutcome[] = [];
  const isChosen = (check: Check) => check === startCheck || only.length === 0 || only.includes(check.name);
  for (const check of checks.filter(isChosen)) {
    const [start] = outcomes;
    const outcome =
      start?.status === "failed"
        ? checkOutcome(check, "skipped", "no container can be started")
        : await runCheck(check, context, cancelled);
    outcomes.push(outcome);
    onOutcome(outcome);
  }
  return outcomes;
}

async function runCheck(check: Check, context: TestContext, cancelled: AbortSignal): Promise<CheckOutcome> {
  if (cancelled.aborted) return checkOutcome(check, "skipped", "interrupted");
  const cause = await check.run(context).catch((error: unknown) => {
    if (error instanceof PolycrateError) return locatedMessage(error);
    throw error;
  });
  if (cancelled.aborted) return checkOutcome(check, "skipped", "interrupted");
  if (cause === undefined) return checkOutcome(check, "ok", undefined);
  return checkOutcome(check, "failed", withoutPaths(cause, context.folder));
}

function checkOutcome(
  { name, meaning }: Check,
  status: CheckOutcome["status"],
  cause: string | undefined,
): CheckOutcome {
  return { check: name, status, meaning, cause };
}

/** Only an engine that failed a check has any. */
async function removeContainers({ engine, host, folder }: TestContext): Promise<void> {
  const options = { directory: folder, environment: host.environment };
  try {
    for (const name of await containersBelow(folder, engine, host)) {
      await removeWith(engine, engine.removeContainer(name), options);
    }
  } catch (error) {
    // An engine that does not answer has failed the checks already.
    if (!(error instanceof PolycrateError)) throw error;
  }
}
