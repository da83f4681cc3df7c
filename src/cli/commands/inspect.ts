import { defineCommand } from "citty";
import { exitCodes, locationOf, PolycrateError, printable } from "../../errors.ts";
import { stdout } from "../../host/output.ts";
import { workspaceInSnapshot } from "../../plan/snapshot.ts";
import { explainBlock, type KeySource } from "../../workspace/blocks/explainBlock.ts";
import { resolveAction, resolveBlock } from "../../workspace/blocks/resolveBlock.ts";
import { locateFiles } from "../../workspace/locateFiles.ts";
import { jsonOf, type YamlValue } from "../../yaml/value.ts";
import { writeYaml } from "../../yaml/write.ts";
import { findRecord } from "../findRecord.ts";
import { workspaceFlags } from "../flags.ts";
import { openWithSecrets } from "../openWorkspace.ts";
import { formatJson } from "../output/json.ts";
import { messagesTo } from "../output/messages.ts";
import { shortValue } from "../output/shortValue.ts";
import { formatTable } from "../output/table.ts";
import { type OriginSummary, originOf } from "../output/workspaceSummary.ts";
import type { CommandData } from "../parseArgs.ts";
import { currentRecord } from "./history.ts";

export default defineCommand({
  meta: {
    name: "inspect",
    description: "Print the workspace, a block or an action with everything it inherits, or a transaction.",
  },
  args: {
    block: { type: "positional", description: "A block.", required: false },
    action: { type: "positional", description: "One of its actions.", required: false },
    ...workspaceFlags,
    explain: { type: "boolean", description: "Show the file, line and block that each key comes from." },
    transaction: { type: "string", valueHint: "ID", description: "Print this transaction's record instead." },
    output: { type: "enum", options: ["yaml", "json"], description: "The format. Default: yaml." },
  },
  run: async ({ args, data }) => {
    const { outputs }: CommandData = data;
    const messages = messagesTo(outputs);
    const workspace = await openWithSecrets(messages, args.workspace, args.block, { need: "if possible" });
    const print = (value: YamlValue) => {
      stdout.write(args.output === "json" ? formatJson(jsonOf(value)) : writeYaml(value));
      return 0;
    };
    if (args.transaction !== undefined) return print(currentRecord(findRecord(workspace, args.transaction)));
    if (args.block === undefined) {
      if (args.explain === true) {
        throw new PolycrateError("`--explain` requires a block", {
          hint: "use `polycrate inspect BLOCK --explain`",
          exitCode: exitCodes.wrongCommandLine,
        });
      }
      return print(workspaceInSnapshot(workspace, locateFiles(workspace)));
    }
    const block = resolveBlock(workspace, args.block);
    const action = args.action === undefined ? undefined : resolveAction(block, args.action);
    const origin = originOf(workspace, block.lineage[0]);
    if (args.explain !== true) {
      // A comment in YAML, and a note beside JSON, which has none.
      for (const line of originLines(origin)) {
        if (args.output === "json") messages.notice(line);
        else stdout.write(`# ${printable(line)}\n`);
      }
      return print(action?.value ?? block.value);
    }
    const keys = explainBlock(block).filter(
      ({ key }) => action === undefined || key.startsWith(`actions.${action.name}.`),
    );
    stdout.write(args.output === "json" ? keysToJson(keys) : keysToTable(keys));
    return 0;
  },
});

function originLines(origin: OriginSummary | undefined): readonly string[] {
  if (origin === undefined) return [];
  const { reference, digest, changed } = origin;
  return [
    `installed from ${reference}, ${digest}`,
    ...(changed.length === 0 ? [] : [`changed here: ${changed.join(", ")}`]),
  ];
}

function keysToJson(keys: readonly KeySource[]): string {
  const rows = keys.map(({ key, value, block, file, position }) => ({
    key,
    value: jsonOf(value),
    block,
    file,
    ...position,
  }));
  return formatJson(rows);
}

function keysToTable(keys: readonly KeySource[]): string {
  const rows = keys.map(({ key, value, block, file, position }) => [
    printable(key),
    shortValue(value),
    printable(block),
    locationOf({ file, ...position }),
  ]);
  return formatTable([["KEY", "VALUE", "BLOCK", "DEFINED AT"], ...rows], undefined);
}
