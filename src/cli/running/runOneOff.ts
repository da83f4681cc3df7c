import type { Workspace } from "../../workspace/load.ts";
import type { CommandData } from "../parseArgs.ts";
import { planContainer, type Work } from "./planContainer.ts";
import { type ImageFlags, subjectOf } from "./prepare.ts";
import { carryOutUnrecorded, printDryRun } from "./runAction.ts";

/** What runs in the place of an action. */
export type Instead = {
  readonly work: Work;
  readonly block: string | undefined;
  readonly args: ImageFlags & { readonly "dry-run"?: boolean | undefined };
  readonly data: CommandData;
};

/** Runs a shell or a command in the container that an action of the block would get; returns the exit code. */
export async function runInstead(
  workspace: Workspace,
  { work, block, args, data }: Instead,
): Promise<number> {
  const dryRun = args["dry-run"] === true;
  const subject = subjectOf(workspace, block, undefined);
  const planned = await planContainer(workspace, subject, work, { ...args, dryRun }, data);
  return dryRun
    ? printDryRun({ title: work.title, plans: [planned.plan], goOn: false })
    : carryOutUnrecorded(workspace, planned);
}
