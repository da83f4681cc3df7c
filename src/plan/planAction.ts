import type { Engine } from "../engine/engine.ts";
import { exitCodes, PolycrateError } from "../errors.ts";
import { actionSourceOf } from "../workspace/blocks/actionSource.ts";
import type { Workspace } from "../workspace/load.ts";
import { scriptOf } from "./entrypoint.ts";
import type { HostFacts } from "./hostFacts.ts";
import { keptSnapshot } from "./keptSnapshot.ts";
import { type ActionPlan, type Plan, type RecordPlan, secretValues } from "./plan.ts";
import { planContainer } from "./planContainer.ts";
import type { RunOptions } from "./runOptions.ts";
import { snapshotFile } from "./runPaths.ts";
import type { ActionTarget } from "./target.ts";
import { chooseTerminal, type Stdio, type Terminal } from "./terminal.ts";

/** Returns the plan of one action, which is recorded. Throws (64) without a required terminal, and as `planContainer` does. */
export function planAction(
  workspace: Workspace,
  engine: Engine,
  target: ActionTarget,
  facts: HostFacts,
  options: RunOptions,
): ActionPlan {
  const { settings, name } = target.action;
  const stdio = visibleStdio(facts.stdio, options);
  const { container } = workspace.settings.config;
  const scriptReads = options.interactive ?? settings.interactive;
  const failureShell =
    options.shellOnFailure === true
      ? { shell: container.shell, items: settings.script ?? [], scriptReads }
      : undefined;
  const command = {
    title: `polycrate run ${target.block.resolved.name} ${name}`,
    script: scriptOf(target.action),
    recap: typeof settings.playbook === "string",
    items: settings.script ?? [],
    source: actionSourceOf(target.block.resolved, name),
    failureShell,
    canBeWarm: true,
    terminal: actionTerminal(stdio, options, settings.interactive),
    joined: options.report ? undefined : stdio.joined,
    timeout: options.timeout ?? settings.timeout ?? settings.config?.timeout ?? undefined,
  };
  const plan = planContainer(workspace, engine, target, facts, command, options);
  return { ...plan, record: recordPlan(workspace, target, facts, options, plan) };
}

/** Returns what the action may use of the terminal and of standard input. */
function visibleStdio(stdio: Stdio, { report, inGraph }: RunOptions): Stdio {
  if (inGraph === true) return { ...stdio, stdin: "nothing", stdout: undefined };
  return report ? { ...stdio, stdout: undefined } : stdio;
}

/** A shell that opens on a failure needs the terminal that an interactive action has. */
function actionTerminal(stdio: Stdio, options: RunOptions, setting: boolean): Terminal {
  if (options.shellOnFailure !== true) return chooseTerminal(stdio, options, setting);
  try {
    return chooseTerminal(stdio, { ...options, stdin: undefined, interactive: true }, true);
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    throw new PolycrateError("`--shell-on-failure` requires a terminal", {
      hint: error.hint,
      exitCode: exitCodes.wrongCommandLine,
    });
  }
}

function recordPlan(
  { layout }: Workspace,
  { block, action, step }: ActionTarget,
  { transaction, image, blocks, version, caller }: HostFacts,
  { workflowRun, attempt = 1, arguments: words, inputs }: RunOptions,
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
    matrix: step?.matrix ?? [],
    attempt,
    image: image.reference,
    locked: new Map([...(image.lock?.digests ?? []), ...blocks.digests]),
    arguments: words,
    inputs: new Map(inputs.map(({ name, value }) => [name, value])),
    snapshot: keptSnapshot(snapshot, transaction, secretValues(plan)),
    version,
    user: caller.name,
    logsRoot: layout.logsRoot,
    artifacts: block.places.artifacts,
    blockFolder: action.directory,
  };
}
