import { explainEngineError, type RefusedCommand } from "../engine/errors.ts";
import type { BuildOutput } from "../image/image.ts";
import type { ExecStep, Step } from "../plan/plan.ts";
import type { Execution, LeftContainer } from "../run/execution.ts";
import { failedPlace } from "../run/failedPlace.ts";
import type { ScriptPlace } from "../workspace/blocks/actionSource.ts";
import { explainFailure } from "./actionFailure.ts";

/** Why a run failed. */
export type RunFailure = {
  /** Whether the action failed, or the engine refused to build or run it. */
  readonly by: "action" | "engine";
  /** For an action the rest of a sentence that begins with its name. */
  readonly message: string;
  readonly hint: string | undefined;
  readonly place: ScriptPlace | undefined;
};

/**
 * Returns why an execution failed that polycrate ends with `exitCode` for; undefined when nothing was run. `shown` is how much
 * of a build's output the user has seen.
 */
export function explainRun(
  execution: Execution,
  exitCode: number,
  shown: BuildOutput,
): RunFailure | undefined {
  const { step } = execution;
  if (step === undefined) return undefined;
  if (execution.left !== undefined) return { by: "engine", ...explainLeft(execution.left), place: undefined };
  if (execution.started && execution.exitCode === exitCode) {
    return { by: "action", ...explainFailure(execution, step.image), place: failedPlace(execution) };
  }
  if (execution.endUnknown) return { by: "engine", ...unknownEnd, place: undefined };
  const explained = explainEngineError(execution, refusedCommand(step), shown);
  return { by: "engine", ...explained, place: undefined };
}

function explainLeft({ container, context, by, reason }: LeftContainer) {
  const prune = context === undefined ? "polycrate prune" : `polycrate prune --context ${context}`;
  return by === "fetch"
    ? {
        message: `its files could not be fetched: ${reason}`,
        hint: `they are in the container \`${container}\`, which was kept: \`${prune}\` fetches and removes it`,
      }
    : {
        message: `lost the connection to the engine; the container \`${container}\` may still run`,
        hint: `\`${prune}\` stops it, fetches its files and removes it`,
      };
}

const unknownEnd = {
  message: "the engine reported a success, but the action did not report how it ended",
  hint: "treat it as failed; `polycrate self-test` checks the engine",
};

function refusedCommand(step: Step | ExecStep): RefusedCommand {
  const shell = "shell" in step ? step.shell : step.kind === "probe" ? step.probe.shell : "";
  return { isBuild: step.kind === "build", image: step.image, shell };
}
