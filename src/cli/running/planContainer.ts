import { docker } from "../../engine/docker.ts";
import { thisOwner, writeOwner } from "../../host/owner.ts";
import type { Image } from "../../image/image.ts";
import type { Container, Subject } from "../../plan/container.ts";
import { scriptOf, type Terminal } from "../../plan/entrypoint.ts";
import type { Plan } from "../../plan/plan.ts";
import { planRun } from "../../plan/planRun.ts";
import { type BlockPaths, blockPaths } from "../../workspace/blockPaths.ts";
import type { ResolvedAction, ResolvedBlock } from "../../workspace/blocks/resolveBlock.ts";
import type { Workspace } from "../../workspace/load.ts";
import type { CommandData } from "../parseArgs.ts";
import {
  connections,
  type ImageFlags,
  type InputFlags,
  isSelinuxEnforcing,
  prepareContainer,
  prepareImage,
  pullPolicy,
  refuseNested,
  terminalFor,
} from "./prepare.ts";

/** An action that was found, with its block, and the workflow step that asks for it. */
export type ChosenAction = {
  readonly block: { readonly resolved: ResolvedBlock; readonly places: BlockPaths };
  readonly action: ResolvedAction;
  readonly step: Subject["step"];
};

/** The flags that shape a plan. */
export type PlanFlags = ImageFlags &
  InputFlags & {
    readonly output?: string | undefined;
    readonly dryRun: boolean;
    readonly yes?: boolean | undefined;
    readonly force?: boolean | undefined;
  };

/** What a container is to do: a script, its arguments, the terminal it has, and whether its two outputs go to one file. */
export type Work = {
  readonly title: string;
  readonly script: string;
  readonly terminal: Terminal;
  readonly joined: boolean | undefined;
};

/** A plan and what its execution has to know beside it. */
export type PlannedContainer = {
  readonly plan: Plan;
  readonly container: Container;
  readonly image: Image;
  readonly terminal: Terminal;
};

/** Returns the plan of one action. Reads what the container is made of; runs nothing. */
export async function planAction(
  workspace: Workspace,
  chosen: ChosenAction,
  flags: PlanFlags,
  data: CommandData,
): Promise<PlannedContainer> {
  const { resolved } = chosen.block;
  const { action } = chosen;
  const here = connections();
  // The transaction goes to standard output, and all that the action prints to standard error.
  const isReport = flags.output !== undefined;
  const work = {
    title: `polycrate run ${resolved.name} ${action.name}`,
    script: scriptOf(action),
    terminal: terminalFor(
      flags,
      action.settings.interactive,
      isReport ? { ...here, stdout: undefined } : here,
      flags.dryRun,
    ),
    joined: isReport ? undefined : here.joined,
  };
  // An earlier step of a workflow may have written the inventory since the block was chosen.
  const places = blockPaths(workspace, resolved.value, resolved.lineage);
  return planContainer(workspace, { ...chosen, block: { resolved, places } }, work, flags, data);
}

/** Returns the plan of a container that does some work; the words behind `--` are the script's arguments. */
export async function planContainer(
  workspace: Workspace,
  subject: Subject,
  { title, script, terminal, joined }: Work,
  flags: PlanFlags,
  data: CommandData,
): Promise<PlannedContainer> {
  if (!flags.dryRun) refuseNested(workspace);
  const { container, snapshot } = prepareContainer(
    workspace,
    subject,
    data,
    flags.yes === true || flags.force === true,
  );
  const image = await prepareImage(workspace, flags, { asks: !flags.dryRun });
  const plan = planRun(container, snapshot, {
    engine: docker,
    title,
    workspace: workspace.path,
    image,
    terminal,
    joined: terminal.size === undefined ? joined : undefined,
    script,
    arguments: data.rest,
    pull: pullPolicy(image, flags),
    requires: subject.block?.places.missing ?? [],
    folders: [
      workspace.layout.logsRoot,
      ...(subject.block === undefined ? [] : [subject.block.places.artifacts]),
    ],
    owner: writeOwner(thisOwner()),
    selinux: isSelinuxEnforcing(),
  });
  return { plan, container, image, terminal };
}
