import { listContainers } from "../engine/containers.ts";
import { tryCapture } from "../host/capture.ts";
import { filesBelow, namesIn, readOwnFile } from "../host/filesBelow.ts";
import { isJsonObject, parseJson } from "../host/json.ts";
import { contentText, largestText, readFile } from "../host/read.ts";
import { type Check, firstOf } from "./check.ts";
import { actionWords, type TestContext, wrongEnd } from "./testContext.ts";

/** Where a secret must not be while an action has it, and afterwards. */
export const secretCheck: Check = {
  name: "secrets",
  meaning: "a secret is masked in the output, and in no file, command line or setting of the container",
  run: async (context) => {
    const run = context.start(actionWords("secret"), { input: "open" });
    const hasStarted = await run.prints("the secret is ");
    const duringRun = hasStarted
      ? firstOf(commandLineWith(context.secret), await containerWith(context))
      : undefined;
    run.closeInput();
    const result = await run.ended;
    return firstOf(
      wrongEnd(result),
      duringRun,
      result.stdout === "the secret is ***\n" ? undefined : "the secret is not masked in standard output",
      result.stderr.includes("the secret is ***\n") && !result.stderr.includes(context.secret)
        ? undefined
        : "the secret is not masked in standard error",
      fileWith(context),
    );
  },
};

/** On Linux, every process that runs is looked at. */
function commandLineWith(secret: string): string | undefined {
  const processes = namesIn("/proc", ".").filter((name) => /^\d+$/.test(name));
  const found = processes.some((pid) =>
    contentText(readFile(`/proc/${pid}/cmdline`, largestText))?.includes(secret),
  );
  return found ? "the secret is in the command line of a process" : undefined;
}

/** An engine that runs a container must have its environment; nothing else of it may have a secret. */
async function containerWith({ engine, workspace, host, secret }: TestContext): Promise<string | undefined> {
  const [container] = await listContainers(engine, workspace, workspace, host);
  if (container === undefined) return "the engine does not list the running container";
  const { environment } = host;
  const { stdout } = await tryCapture(engine.inspectContainer(container.name), {
    directory: workspace,
    environment,
  });
  const [inspected] = [parseJson(stdout)].flat();
  if (!isJsonObject(inspected)) return "the engine does not describe the running container";
  const config = isJsonObject(inspected.Config) ? { ...inspected.Config, Env: [] } : {};
  const rest = JSON.stringify({ ...inspected, Config: config });
  return rest.includes(secret)
    ? "the secret is in a setting of the container, other than its environment"
    : undefined;
}

function fileWith({ workspace, secret }: TestContext): string | undefined {
  const found = filesBelow(workspace, ".").find(({ path }) => {
    const content = readOwnFile(workspace, path, largestText);
    return typeof content !== "string" && content.includes(secret);
  });
  return found === undefined ? undefined : `the secret is in the file ${found.path}`;
}
