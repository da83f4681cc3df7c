import type { Plan, TagStep } from "../plan/plan.ts";
import { plainOutput } from "./buildOutput.ts";
import { reported, runClient, stoppableClient } from "./client.ts";
import type { ExecutionContext } from "./context.ts";
import { type Execution, withoutContainer } from "./execution.ts";

/** Gives the image its second name; fails when the image does not exist. */
export async function tagImage(
  { engine, workspace }: Plan,
  step: TagStep,
  context: ExecutionContext,
): Promise<Execution> {
  const { cancellation, emit, host } = context;
  const options = { engine, directory: workspace, workspace, environment: host.environment };
  const ended = await reported(step.argv, context, () =>
    runClient(
      step.argv,
      options,
      {
        source: "build",
        input: "nothing",
        secrets: [],
        stoppable: stoppableClient,
        filter: plainOutput,
      },
      context,
    ),
  );
  const stopped = cancellation.reason();
  emit({ type: "built", failed: ended.exitCode !== 0 && stopped === undefined });
  return withoutContainer(step, ended, stopped);
}
