import { collect } from "../host/process.ts";
import type { Plan } from "../plan/plan.ts";
import type { CreateStep } from "../plan/remote/steps.ts";
import type { ExecutionContext } from "./context.ts";
import { type Execution, withoutContainer } from "./execution.ts";
import { tellingOfPull } from "./pull.ts";
import { runQuietClient } from "./quietClient.ts";

/** Creates the container; its image is pulled if the engine does not have it. */
export async function createContainer(
  { engine, workspace }: Plan,
  step: CreateStep,
  context: ExecutionContext,
): Promise<Execution> {
  const { host, cancellation, emit } = context;
  const variables = Object.fromEntries(step.environment.map(({ name, value }) => [name, value]));
  const environment = { ...host.environment, ...variables };
  emit({ type: "starting" });
  const ended = await runQuietClient(
    step.argv,
    { engine, directory: workspace, workspace, environment },
    { read: (stdout) => collect(stdout, longestId) },
    { ...context, emit: tellingOfPull(emit, () => false) },
  );
  return withoutContainer(step, ended, cancellation.reason());
}

/** An id has 64 characters; nobody reads it. */
const longestId = 1000;
