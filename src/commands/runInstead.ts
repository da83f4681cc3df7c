import { thisOwner, writeOwner } from "../execution/owner.ts";
import { planRun } from "../plan/planRun.ts";
import type { Terminal } from "../plan/script.ts";
import type { Workspace } from "../workspace/loadWorkspace.ts";
import { carryOutUnrecorded, printOrExecute } from "./carryOut.ts";
import type { CommandData } from "./commandLine.ts";
import {
  type ImageFlags,
  isSelinuxEnforcing,
  prepareContainer,
  prepareImage,
  pullPolicy,
  subjectOf,
} from "./prepare.ts";

/** What runs in the place of an action. */
export type Instead = {
  readonly title: string;
  readonly block: string | undefined;
  readonly script: string;
  readonly terminal: Terminal;
  readonly args: ImageFlags & { readonly "dry-run"?: boolean | undefined };
  readonly data: CommandData;
};

/** Runs a shell or a command in the container that an action of the block would get; returns the exit code. */
export async function runInstead(
  workspace: Workspace,
  { title, block, script, terminal, args, data }: Instead,
): Promise<number> {
  const subject = subjectOf(workspace, block, undefined);
  const { container, snapshot } = prepareContainer(workspace, subject, data);
  const image = await prepareImage(workspace, args);
  const plan = planRun(container, snapshot, {
    title,
    workspace: workspace.path,
    image,
    terminal,
    script,
    arguments: data.rest,
    pull: pullPolicy(image, args),
    folders: subject.block === undefined ? [] : [subject.block.places.artifacts],
    owner: writeOwner(thisOwner()),
    selinux: isSelinuxEnforcing(),
  });
  return printOrExecute(
    args["dry-run"] === true,
    async () => ({ title, plans: [plan], goOn: false }),
    () => carryOutUnrecorded(workspace, plan, { container, image, terminal }),
  );
}
