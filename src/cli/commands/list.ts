import { defineCommand } from "citty";
import { printable } from "../../errors.ts";
import { stderr, stdout } from "../../host/output.ts";
import type { ResolvedBlock } from "../../workspace/blocks/resolveBlock.ts";
import { jsonOf } from "../../yaml/value.ts";
import { writeYaml } from "../../yaml/write.ts";
import { workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { formatJson } from "../output/json.ts";
import { messagesTo } from "../output/messages.ts";
import { formatTable, paint } from "../output/table.ts";
import {
  type ActionSummary,
  type StepSummary,
  summarizeWorkspace,
  toYaml,
  type WorkspaceSummary,
} from "../output/workspaceSummary.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: {
    name: "list",
    description: "List the workspace's blocks with their actions, and its workflows with their steps.",
  },
  args: {
    ...workspaceFlags,
    output: { type: "enum", options: ["json", "yaml"], description: "Print the list as JSON or YAML." },
  },
  run: ({ args, data }) => {
    const { outputs }: CommandData = data;
    const workspace = openWorkspace(messagesTo(outputs), args.workspace);
    const summary = summarizeWorkspace(workspace);
    if (args.output === "json") {
      stdout.write(formatJson(jsonOf(toYaml(summary))));
    } else if (args.output === "yaml") stdout.write(writeYaml(toYaml(summary)));
    else stdout.write(formatSummary(summary, workspace.layout.blocksRoot));
    return 0;
  },
});

/** Returns a block's actions as an indented table without colours: names, aliases, descriptions. */
export function formatActions(block: ResolvedBlock, columns: number | undefined = stderr.columns): string {
  const rows = block.settings.actions.map(({ name, alias, description }) => [
    `  ${printable([name, ...[alias ?? []].flat()].join(", "))}`,
    firstLine(description ?? undefined),
  ]);
  return rows.length === 0 ? "  none\n" : formatTable(rows, columns);
}

function formatSummary({ workspace, blocks, workflows }: WorkspaceSummary, blocksRoot: string): string {
  const rows = [
    ...blocks.flatMap((block) => [
      [
        boldName(block.version === undefined ? block.name : `${block.name}:${block.version}`),
        blockNotes(block),
      ],
      ...branches(block.actions.map((action) => [actionTitle(action), firstLine(action.description)])),
    ]),
    ...workflows.flatMap(({ name, description, broken, steps }) => [
      [boldName(name), workflowNotes(description, broken)],
      ...branches(steps.map((step) => [printable(step.name), stepNotes(step)])),
    ]),
  ];
  if (rows.length > 0) return formatTable(rows, stdout.columns);
  return `${printable(workspace)} has no blocks yet; \`polycrate block new NAME\` creates one in ${printable(blocksRoot)}/\n`;
}

function boldName(name: string): string {
  return paint(stdout, "strong", printable(name));
}

function faint(text: string): string {
  return paint(stdout, "faint", printable(text));
}

function blockNotes({
  from,
  template,
  origin,
  broken,
  description,
}: WorkspaceSummary["blocks"][number]): string {
  const isChanged = origin !== undefined && origin.changed.length > 0;
  const notes = [
    ...(origin === undefined ? [] : [faint("installed")]),
    ...(isChanged ? [paint(stdout, "warning", "changed here")] : []),
    ...(broken === undefined ? [] : [paint(stdout, "bad", "broken")]),
    ...(template ? [faint("template")] : []),
    ...(from === undefined ? [] : [faint(`from ${from}`)]),
  ];
  return [notes.join(", "), firstLine(description)].filter((text) => text !== "").join("  ");
}

function workflowNotes(description: string | undefined, broken: string | undefined): string {
  const notes = [faint("workflow"), ...(broken === undefined ? [] : [paint(stdout, "bad", "broken")])];
  return [notes.join(", "), firstLine(description)].join("  ").trimEnd();
}

/** What the step runs, and in a graph after which steps, and for which values. */
function stepNotes({ block, action, needs = [], matrix }: StepSummary): string {
  const notes = [
    ...(needs.length === 0 ? [] : [`after ${needs.join(", ")}`]),
    ...Object.entries(matrix).map(([name, values]) => `${name}: ${values.join(", ")}`),
  ];
  return [printable(`${block} ${action}`), ...(notes.length === 0 ? [] : [faint(notes.join("; "))])].join(
    "  ",
  );
}

function actionTitle({ name, alias }: Pick<ActionSummary, "name" | "alias">): string {
  return printable([name, ...alias].join(", "));
}

function branches(rows: readonly (readonly [string, string])[]): readonly (readonly string[])[] {
  return rows.map(([name, text], index) => {
    const branch = index === rows.length - 1 ? "└─" : "├─";
    return [`${faint(branch)} ${name}`, text];
  });
}

/** The first line of a description; the rest is for `inspect`. */
function firstLine(description: string | undefined): string {
  return printable((description ?? "").trimStart().split("\n")[0] ?? "");
}
