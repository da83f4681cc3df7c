import { exitCodes, printable } from "../../errors.ts";
import type { Plan } from "../../plan/plan.ts";
import { stopCodes } from "../../run/runPlan.ts";
import { newTransactionId, recordOf, type Status } from "../../transactions/transaction.ts";
import type { WorkflowStep } from "../../workspace/blocks/resolveWorkflow.ts";
import type { Workspace } from "../../workspace/load.ts";
import type { WorkflowSettings } from "../../workspace/poly/schema/workflow.ts";
import { jsonOf, type YamlValue } from "../../yaml/value.ts";
import { type Answers, isWanted, refuseUnanswerable } from "../confirm.ts";
import { formatDuration } from "../output/humanize.ts";
import { formatJson } from "../output/json.ts";
import { type Loudness, notice } from "../output/notices.ts";
import { formatTable, paint, type Tone } from "../output/table.ts";
import type { CommandData } from "../parseArgs.ts";
import { type ChosenAction, type PlanFlags, planAction } from "./planContainer.ts";
import { carryOutAction, type Manner } from "./runAction.ts";

/** A step and the action it asks for, found before anything runs. */
export type ChosenStep = { readonly step: WorkflowStep; readonly chosen: ChosenAction };

export type WorkflowFlags = PlanFlags & Answers & Loudness & { readonly timeout?: number | undefined };

/** Returns what the flags say of how actions are executed. */
export function mannerOf({ output, quiet, verbose, timeout }: WorkflowFlags): Manner {
  return { quietStdout: output === "json", quiet, verbose, timeout };
}

/** Returns the plans of all steps, as a dry run prints them. */
export async function planWorkflow(
  workspace: Workspace,
  steps: readonly ChosenStep[],
  flags: PlanFlags,
  data: CommandData,
): Promise<readonly Plan[]> {
  const plans: Plan[] = [];
  for (const { chosen } of steps) plans.push((await planAction(workspace, chosen, flags, data)).plan);
  return plans;
}

type StepResult = {
  readonly name: string;
  readonly status: Status | "declined";
  readonly milliseconds: number;
};

/**
 * Runs the steps in order, each as a transaction of its own under one workflow-run id; the first failure stops unless
 * `allow_failure`, an interrupt always. Returns the code of the step that stopped it, 0 when none did.
 */
export async function runWorkflow(
  workspace: Workspace,
  workflow: WorkflowSettings,
  steps: readonly ChosenStep[],
  flags: WorkflowFlags,
  data: CommandData,
): Promise<number> {
  const questions = [workflow.prompt?.message, ...steps.flatMap(questionsOf)].filter(
    (one) => typeof one === "string",
  );
  refuseUnanswerable(questions, flags);
  if (!(await isWanted(workflow.prompt?.message ?? undefined, flags))) return exitCodes.declined;
  const run = { workflow: workflow.name, id: newTransactionId() };
  const manner = mannerOf(flags);
  const results: StepResult[] = [];
  const records: YamlValue[] = [];
  let exitCode = 0;
  for (const [index, one] of steps.entries()) {
    const { step, chosen } = one;
    notice(
      paint(
        process.stderr,
        "strong",
        printable(`step ${index + 1}/${steps.length} ${step.name}: ${step.block} ${step.action}`),
      ),
    );
    if (!(await areWanted(questionsOf(one), flags))) {
      results.push({ name: step.name, status: "declined", milliseconds: 0 });
      exitCode = exitCodes.declined;
      break;
    }
    const planned = await planAction(workspace, chosen, flags, data);
    const { transaction, stopped } = await carryOutAction(workspace, chosen, planned, manner, run);
    const { status, started, finished } = transaction;
    results.push({
      name: step.name,
      status,
      milliseconds: (finished ?? started).getTime() - started.getTime(),
    });
    records.push(recordOf(transaction));
    const isInterrupt = stopped !== undefined && stopped !== "timeout";
    if (!isInterrupt && (status === "succeeded" || workflow.allow_failure === true)) continue;
    exitCode = transaction.exitCode || (isInterrupt ? stopCodes[stopped] : exitCodes.bug);
    break;
  }
  notice(summaryOf(workflow.name, steps, results));
  if (flags.output === "json") process.stdout.write(formatJson(records.map(jsonOf)));
  return exitCode;
}

/** A question that both the step and its action ask in the same words is asked once. */
function questionsOf({ step, chosen }: ChosenStep): readonly string[] {
  const messages = [step.prompt?.message, chosen.action.settings.prompt?.message];
  return [...new Set(messages.filter((message) => typeof message === "string"))];
}

async function areWanted(questions: readonly string[], answers: Answers): Promise<boolean> {
  for (const question of questions) if (!(await isWanted(question, answers))) return false;
  return true;
}

const tones: Readonly<Record<StepResult["status"], Tone>> = {
  succeeded: "good",
  failed: "bad",
  timed_out: "bad",
  lost: "bad",
  interrupted: "warning",
  declined: "warning",
  running: "faint",
};

function summaryOf(name: string, steps: readonly ChosenStep[], results: readonly StepResult[]): string {
  const total = results.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const rows = steps.map(({ step }, index) => {
    const result = results[index];
    if (result === undefined) return [`  ${printable(step.name)}`, paint(process.stderr, "faint", "not run")];
    const status = paint(process.stderr, tones[result.status], result.status.replace("_", " "));
    return [`  ${printable(step.name)}`, status, formatDuration(result.milliseconds)];
  });
  return `workflow ${printable(name)}, ${formatDuration(total)}:\n${formatTable(rows, undefined).trimEnd()}`;
}
