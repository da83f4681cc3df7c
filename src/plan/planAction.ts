import type { Engine } from "../engine/engine.ts";
import type { Workspace } from "../workspace/load.ts";
import { scriptOf } from "./entrypoint.ts";
import type { HostFacts } from "./hostFacts.ts";
import { keptSnapshot } from "./keptSnapshot.ts";
import { type ActionPlan, type Plan, type RecordPlan, secretValues } from "./plan.ts";
import { planContainer } from "./planContainer.ts";
import type { RunOptions } from "./runOptions.ts";
import { snapshotFile } from "./runPaths.ts";
import type { ActionTarget } from "./target.ts";
import { chooseTerminal } from "./terminal.ts";

/** Returns the plan of one action, which is recorded. Throws (64) without a terminal that it needs, else as `planContainer`. */
export function planAction(
  workspace: Workspace,
  engine: Engine,
  target: ActionTarget,
  facts: HostFacts,
  options: RunOptions,
): ActionPlan {
  const { settings, name } = target.action;
  const { stdio } = facts;
  const command = {
    title: `polycrate run ${target.block.resolved.name} ${name}`,
    script: scriptOf(target.action),
    recap: typeof settings.playbook === "string",
    items: settings.script ?? [],
    terminal: chooseTerminal(
      options.report ? { ...stdio, stdout: undefined } : stdio,
      options,
      settings.interactive,
    ),
    joined: options.report ? undefined : stdio.joined,
    timeout: options.timeout ?? settings.timeout ?? settings.config?.timeout ?? undefined,
  };
  const plan = planContainer(workspace, engine, target, facts, command, options);
  return { ...plan, record: recordPlan(workspace, target, facts, options, plan) };
}

function recordPlan(
  { layout }: Workspace,
  { block, action, step }: ActionTarget,
  { transaction, image, version, caller, context }: HostFacts,
  { workflowRun, arguments: words }: RunOptions,
  plan: Plan,
): RecordPlan {
  const snapshot = plan.files.find(({ path }) => path === snapshotFile)?.content ?? "";
  return {
    id: transaction,
    block: block.resolved.name,
    action: action.name,
    workflow: workflowRun === undefined ? undefined : step?.workflow,
    workflowRun,
    step: step?.name,
    image: image.reference,
    context,
    arguments: words,
    snapshot: keptSnapshot(snapshot, transaction, secretValues(plan)),
    version,
    user: caller.name,
    logsRoot: layout.logsRoot,
    artifacts: block.places.artifacts,
    blockFolder: action.directory,
  };
}
