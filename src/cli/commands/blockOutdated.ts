import { defineCommand } from "citty";
import { printable } from "../../errors.ts";
import { stdout } from "../../host/output.ts";
import { inParallel } from "../../registry/inParallel.ts";
import { pullsAtOnce } from "../../registry/lockImages.ts";
import { isNewer, newestVersion } from "../../registry/pushBlock.ts";
import { installedFromRegistry } from "../../registry/wantedBlocks.ts";
import { findEngine } from "../../run/findEngine.ts";
import { contextFlags, workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { formatJson } from "../output/json.ts";
import { messagesTo } from "../output/messages.ts";
import { progressLine } from "../output/progressLine.ts";
import { formatTable, paint } from "../output/table.ts";
import type { CommandData } from "../parseArgs.ts";
import { untilSignal } from "../untilSignal.ts";

export default defineCommand({
  meta: {
    name: "block outdated",
    description: "List the installed blocks of which the registry has a newer version as `latest`.",
  },
  args: {
    ...workspaceFlags,
    ...contextFlags,
    output: { type: "enum", options: ["json"], description: "Print the list as JSON, with all blocks." },
  },
  run: async ({ args, data }) => {
    const program: CommandData = data;
    const messages = messagesTo(program.outputs);
    const workspace = openWorkspace(messages, args.workspace);
    const engine = findEngine(workspace, { program: args.engine, flag: args.context });
    const blocks = installedFromRegistry(workspace);
    const progress = progressLine(messages);
    const options = { directory: workspace.path, environment: process.env, lockedTo: () => undefined };
    const rows = await untilSignal(program, (cancelled) =>
      inParallel(blocks, pullsAtOnce, async ({ name, installed }) => {
        const blockFile = workspace.settings.config.blocksconfig;
        const newest = await newestVersion(engine, `${name}:latest`, { ...options, cancelled, blockFile });
        progress.show(`asked for ${name}`);
        const isOutdated = newest !== undefined && (installed === undefined || isNewer(newest, installed));
        return { name, version: installed ?? null, latest: newest ?? null, outdated: isOutdated };
      }),
    ).finally(progress.clear);
    if (args.output === "json") {
      stdout.write(formatJson(rows));
      return 0;
    }
    const outdated = rows.filter((row) => row.outdated);
    if (outdated.length === 0) messages.notice("all installed blocks are the newest");
    else stdout.write(outdatedTable(outdated));
    return 0;
  },
});

type OutdatedRow = { readonly name: string; readonly version: string | null; readonly latest: string | null };

function outdatedTable(rows: readonly OutdatedRow[]): string {
  const head = ["BLOCK", "HERE", "LATEST"].map((title) => paint(stdout, "faint", title));
  const cells = rows.map(({ name, version, latest }) =>
    [name, version ?? "?", latest ?? "?"].map((cell) => printable(cell)),
  );
  return formatTable([head, ...cells], stdout.columns);
}
