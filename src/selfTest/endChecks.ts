import { namesIn } from "../host/filesBelow.ts";
import { parseJson, textAt } from "../host/json.ts";
import { type Check, firstOf } from "./check.ts";
import { containersBelow } from "./containersBelow.ts";
import { actionWords, runToEnd, type TestContext, wrongEnd } from "./testContext.ts";

/** Without it there is nothing else to check. */
export const startCheck: Check = {
  name: "start",
  meaning: "a container starts, and ends",
  run: async (context) => {
    // The engine may pull the image first.
    const result = await runToEnd(context, actionWords("start"), { limit: 600_000 });
    return firstOf(
      wrongEnd(result),
      result.stdout === "started\n" ? undefined : "the action's output did not arrive",
    );
  },
};

/** How actions end, and what of them is left. */
export const endChecks: readonly Check[] = [
  {
    name: "exit-code",
    meaning: "polycrate exits with the action's exit code",
    run: async (context) => wrongEnd(await runToEnd(context, actionWords("exit-code")), 7),
  },
  {
    name: "signals",
    meaning: "SIGTERM and SIGINT reach an action once, and polycrate ends after it",
    run: async (context) => (await checkSignal(context, "TERM", 143)) ?? checkSignal(context, "INT", 130),
  },
  {
    name: "timeout",
    meaning: "an action that runs longer than its timeout is ended",
    run: async (context) => wrongEnd(await runToEnd(context, actionWords("timeout", "--timeout=1s")), 124),
  },
];

/** What is left when all runs have ended. */
export const lastChecks: readonly Check[] = [
  {
    name: "records",
    meaning: "each run has a record with its exit code",
    run: async (context) => {
      const result = await runToEnd(context, ["history", "--output=json"]);
      const records = parseJson(result.stdout);
      const found =
        Array.isArray(records) && records.some((record) => textAt(record, "action") === "exit-code");
      return firstOf(wrongEnd(result), found ? undefined : "the history does not have all runs");
    },
  },
  {
    name: "cleanup",
    meaning: "no container and no temporary file is left",
    run: async ({ engine, host, folder, workspace }) => {
      const containers = await containersBelow(folder, engine, host);
      if (containers.length > 0) return `${containers.length} of the containers still exist`;
      const left = namesIn(workspace, ".polycrate/run");
      return left.length === 0 ? undefined : `.polycrate/run still has ${left.join(", ")}`;
    },
  },
];

async function checkSignal(
  context: TestContext,
  name: "TERM" | "INT",
  exitCode: number,
): Promise<string | undefined> {
  const run = context.start(actionWords("wait"));
  if (!(await run.prints("ready\n"))) return firstOf(wrongEnd(await run.ended), "the action did not start");
  run.signal(`SIG${name}`);
  const result = await run.ended;
  const times = result.stdout.split(`got ${name}\n`).length - 1;
  if (times === 1) return wrongEnd(result, exitCode);
  if (times > 1) return `the action got SIG${name} ${times} times`;
  return `SIG${name} did not reach the action: docker, or a wrapper of it, does not pass signals on`;
}
