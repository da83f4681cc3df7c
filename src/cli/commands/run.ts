import { defineCommand } from "citty";
import { didYouMean, exitCodes, PolycrateError } from "../../errors.ts";
import { recordOf } from "../../transactions/transaction.ts";
import { blocksOf } from "../../workspace/blocks/overlayBlocks.ts";
import { resolveAction, resolveBlock } from "../../workspace/blocks/resolveBlock.ts";
import { chooseSteps, findWorkflow } from "../../workspace/blocks/resolveWorkflow.ts";
import type { Workspace } from "../../workspace/load.ts";
import { readDuration } from "../../workspace/poly/schema.ts";
import { locateBlock, refuseUnknown } from "../../workspace/runFiles.ts";
import { jsonOf } from "../../yaml/value.ts";
import { isConfirmed } from "../confirm.ts";
import {
  containerFlags,
  dryRunFlags,
  imageFlags,
  quietFlags,
  stdinFlags,
  workspaceFlags,
  yesFlags,
} from "../flags.ts";
import { formatJson } from "../output/json.ts";
import { readLoudness } from "../output/notices.ts";
import type { CommandData } from "../parseArgs.ts";
import { type ChosenAction, planAction } from "../running/planContainer.ts";
import { openWorkspace } from "../running/prepare.ts";
import { carryOutAction, printDryRun } from "../running/runAction.ts";
import { mannerOf, planWorkflow, runWorkflow, type WorkflowFlags } from "../running/runWorkflow.ts";
import { type SelectedAction, selectAction } from "../selectAction.ts";
import { formatActions } from "./list.ts";

export default defineCommand({
  meta: { name: "run", description: "Run an action, or a workflow, in containers." },
  args: {
    block: {
      type: "positional",
      description: "The block (NAME, NAME:VERSION or an alias), or a workflow.",
      required: false,
    },
    action: { type: "positional", description: "The block's action.", required: false },
    ...workspaceFlags,
    ...imageFlags,
    ...containerFlags,
    interactive: { type: "boolean", alias: "i", description: "Connect this terminal to the action." },
    ...stdinFlags,
    timeout: {
      type: "string",
      valueHint: "DURATION",
      description: "Stop each action after this long (`90s`, `5m`, `1h30m`), whatever its `timeout` says.",
    },
    step: { type: "string", valueHint: "NAME", description: "Run only this step of the workflow." },
    "from-step": { type: "string", valueHint: "NAME", description: "Run the workflow from this step on." },
    ...dryRunFlags,
    ...yesFlags,
    ...quietFlags,
    verbose: {
      type: "boolean",
      description: "Show each docker command as it is run, all output of a build, and where the time went.",
    },
    output: {
      type: "enum",
      options: ["json"],
      description: "Print the finished transactions on standard output.",
    },
  },
  run: async ({ args, data }) => {
    const checked: CommandData = data;
    const loudness = readLoudness(args);
    const workspace = openWorkspace(args.workspace, args.block);
    const flags: Flags = {
      ...args,
      ...loudness,
      timeout: readTimeout(args.timeout),
      step: args.step,
      fromStep: args["from-step"],
      dryRun: args["dry-run"] === true,
    };
    const isStep = flags.step !== undefined || flags.fromStep !== undefined;
    const { name, action } =
      args.block === undefined && !isStep
        ? await askTarget(workspace)
        : { name: args.block, action: args.action };
    const workflow = action === undefined && name !== undefined ? findWorkflow(workspace, name) : undefined;
    if (workflow !== undefined) {
      const steps = chooseSteps(workflow, { only: flags.step, from: flags.fromStep }).map((step) => ({
        step,
        chosen: {
          ...chooseNamed(workspace, step.block, step.action),
          step: { workflow: workflow.name, name: step.name },
        },
      }));
      if (!flags.dryRun) return runWorkflow(workspace, workflow, steps, flags, checked);
      return printDryRun({
        title: `polycrate run ${workflow.name}`,
        plans: await planWorkflow(workspace, steps, flags, checked),
        goOn: workflow.allow_failure,
      });
    }
    if (name === undefined || isStep) return refuseStep(workspace, name);
    return runAction(workspace, chooseFor(workspace, name, action), flags, checked);
  },
});

type Flags = WorkflowFlags & {
  readonly step: string | undefined;
  readonly fromStep: string | undefined;
  readonly dryRun: boolean;
};

/** Seconds. Throws (64) on what is not a duration. */
function readTimeout(text: string | undefined): number | undefined {
  const seconds = text === undefined ? undefined : readDuration(text);
  if (text === undefined || seconds !== undefined) return seconds;
  throw new PolycrateError(`\`--timeout\` cannot be \`${text}\``, {
    hint: "write seconds, or a duration like `90s`, `5m` or `1h30m`",
    exitCode: exitCodes.wrongCommandLine,
  });
}

async function runAction(
  workspace: Workspace,
  chosen: ChosenAction,
  flags: Flags,
  data: CommandData,
): Promise<number> {
  const question = chosen.action.settings.prompt?.message ?? undefined;
  if (!flags.dryRun && !(await isConfirmed(question, flags))) return exitCodes.declined;
  const loaded = performance.now();
  const planned = await planAction(workspace, chosen, flags, data);
  if (flags.dryRun) return printDryRun({ title: planned.plan.title, plans: [planned.plan], goOn: false });
  const manner = mannerOf(flags);
  if (manner.verbose) sayTimes(loaded, performance.now());
  const { transaction } = await carryOutAction(workspace, chosen, planned, manner);
  if (flags.output === "json") process.stdout.write(formatJson([jsonOf(recordOf(transaction))]));
  return transaction.exitCode ?? 0;
}

/** Both in milliseconds since polycrate was started. */
function sayTimes(loaded: number, planned: number): void {
  const line = (what: string, time: number) => `+ ${what} took ${Math.round(time)} ms\n`;
  process.stderr.write(
    line("starting and loading the workspace", loaded) +
      line("planning and hashing the build context", planned - loaded),
  );
}

/** Lets a person choose. Throws (64) where there is no terminal for it. */
async function askTarget(workspace: Workspace): Promise<SelectedAction> {
  if (process.stdin.isTTY && process.stderr.isTTY) return selectAction(workspace);
  throw new PolycrateError("`polycrate run` requires a block and an action, or a workflow", {
    hint: "`polycrate list` shows them",
    exitCode: exitCodes.wrongCommandLine,
  });
}

function chooseFor(workspace: Workspace, block: string, action: string | undefined): ChosenAction {
  if (action !== undefined) return chooseNamed(workspace, block, action);
  const names = blocksOf(workspace).map(({ name }) => name);
  const workflows = workspace.settings.workflows.map(({ name }) => name);
  const near = names.includes(block) ? undefined : didYouMean(block, [...workflows, ...names]);
  if (near !== undefined) {
    throw new PolycrateError(`there is no block and no workflow \`${block}\``, {
      hint: near,
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  throw new PolycrateError(
    `which action of \`${block}\`?\n${formatActions(resolveBlock(workspace, block)).trimEnd()}`,
    {
      hint: `write \`polycrate run ${block} ACTION\``,
      exitCode: exitCodes.wrongCommandLine,
    },
  );
}

function chooseNamed(workspace: Workspace, blockName: string, actionName: string): ChosenAction {
  const resolved = resolveBlock(workspace, blockName);
  if (resolved.settings.template === true) {
    throw new PolycrateError(`block \`${resolved.name}\` is a template`, {
      hint: `run a block that inherits from it: \`from: ${resolved.name}\``,
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  const places = locateBlock(workspace, resolved.value, resolved.lineage);
  refuseUnknown(places);
  return { block: { resolved, places }, action: resolveAction(resolved, actionName), step: undefined };
}

function refuseStep(workspace: Workspace, word: string | undefined): never {
  const workflows = workspace.settings.workflows.map(({ name }) => name);
  throw new PolycrateError(`\`--step\` and \`--from-step\` want a workflow, and \`${word ?? ""}\` is none`, {
    hint: didYouMean(word ?? "", workflows) ?? "`polycrate list` shows the workflows",
    exitCode: exitCodes.wrongCommandLine,
  });
}
