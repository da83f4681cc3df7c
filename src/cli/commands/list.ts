import { defineCommand } from "citty";
import { printable } from "../../errors.ts";
import type { ResolvedBlock } from "../../workspace/blocks/resolveBlock.ts";
import { jsonOf } from "../../yaml/value.ts";
import { writeYaml } from "../../yaml/write.ts";
import { workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { formatJson } from "../output/json.ts";
import { messagesTo } from "../output/messages.ts";
import { formatTable, paint } from "../output/table.ts";
import { type ListedAction, type Listing, listingOf, listingValue } from "../output/workspaceSummary.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: {
    name: "list",
    description: "List the workspace's blocks with their actions, and its workflows with their steps.",
  },
  args: {
    ...workspaceFlags,
    output: { type: "enum", options: ["json", "yaml"], description: "Print it for programs." },
  },
  run: ({ args, data }) => {
    const { outputs }: CommandData = data;
    const workspace = openWorkspace(messagesTo(outputs), args.workspace);
    const listing = listingOf(workspace);
    if (args.output === "json") {
      process.stdout.write(formatJson(jsonOf(listingValue(listing))));
    } else if (args.output === "yaml") process.stdout.write(writeYaml(listingValue(listing)));
    else process.stdout.write(formatListing(listing, workspace.layout.blocksRoot));
    return 0;
  },
});

/** Returns a block's actions as an indented table without colours: names, aliases, descriptions. */
export function formatActions(
  block: ResolvedBlock,
  columns: number | undefined = process.stderr.columns,
): string {
  const rows = block.settings.actions.map(({ name, alias, description }) => [
    `  ${printable([name, ...[alias ?? []].flat()].join(", "))}`,
    summary(description ?? undefined),
  ]);
  return rows.length === 0 ? "  it has no actions\n" : formatTable(rows, columns);
}

function formatListing({ workspace, blocks, workflows }: Listing, blocksRoot: string): string {
  const rows = [
    ...blocks.flatMap((block) => [
      [title(block.version === undefined ? block.name : `${block.name}:${block.version}`), blockText(block)],
      ...branches(block.actions.map((action) => [actionTitle(action), summary(action.description)])),
    ]),
    ...workflows.flatMap(({ name, description, broken, steps }) => [
      [title(name), workflowText(description, broken)],
      ...branches(steps.map((step) => [printable(step.name), printable(`${step.block} ${step.action}`)])),
    ]),
  ];
  if (rows.length > 0) return formatTable(rows, process.stdout.columns);
  return `${printable(workspace)} has no blocks yet; \`polycrate block new NAME\` writes one into ${printable(blocksRoot)}/\n`;
}

function title(name: string): string {
  return paint(process.stdout, "strong", printable(name));
}

function faint(text: string): string {
  return paint(process.stdout, "faint", printable(text));
}

function blockText({ from, template, broken, description }: Listing["blocks"][number]): string {
  const notes = [
    ...(broken === undefined ? [] : [paint(process.stdout, "bad", "broken")]),
    ...(template ? [faint("template")] : []),
    ...(from === undefined ? [] : [faint(`from ${from}`)]),
  ];
  return [notes.join(", "), summary(description)].filter((text) => text !== "").join("  ");
}

function workflowText(description: string | undefined, broken: string | undefined): string {
  const notes = [
    faint("workflow"),
    ...(broken === undefined ? [] : [paint(process.stdout, "bad", "broken")]),
  ];
  return [notes.join(", "), summary(description)].join("  ").trimEnd();
}

function actionTitle({ name, alias }: ListedAction): string {
  return printable([name, ...alias].join(", "));
}

function branches(rows: readonly (readonly [string, string])[]): readonly (readonly string[])[] {
  return rows.map(([name, text], index) => {
    const branch = index === rows.length - 1 ? "└─" : "├─";
    return [`${faint(branch)} ${name}`, text];
  });
}

/** The first line of a description; the rest is for `inspect`. */
function summary(description: string | undefined): string {
  return printable((description ?? "").trimStart().split("\n")[0] ?? "");
}
