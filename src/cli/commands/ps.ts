import { defineCommand } from "citty";
import { isOrphan, listContainers } from "../../engine/containers.ts";
import { printable } from "../../errors.ts";
import { stdout } from "../../host/output.ts";
import { thisHost } from "../../host/stdio.ts";
import { formatAge } from "../../reports/humanize.ts";
import { findEngine } from "../../run/findEngine.ts";
import { withWarmRun } from "../../transactions/warmRuns.ts";
import { shortId } from "../findRecord.ts";
import { contextFlags, workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { formatJson } from "../output/json.ts";
import { messagesTo } from "../output/messages.ts";
import { formatTable, paint } from "../output/table.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: { name: "ps", description: "List running containers, and those that are kept warm." },
  args: {
    ...workspaceFlags,
    ...contextFlags,
    all: { type: "boolean", description: "List those of all workspaces on this engine." },
    output: { type: "enum", options: ["json"], description: "Print them as JSON." },
  },
  run: async ({ args, data }) => {
    const { outputs }: CommandData = data;
    const workspace = args.all === true ? undefined : openWorkspace(messagesTo(outputs), args.workspace);
    const engine = findEngine(workspace, { program: args.engine, flag: args.context });
    const host = thisHost();
    const listed = await listContainers(engine, workspace?.path, process.cwd(), host);
    const containers = listed.map((one) => withWarmRun(one, host));
    stdout.write(
      args.output === "json" ? containersJson(containers) : containersTable(containers, args.all === true),
    );
    return 0;
  },
});

type Listed = ReturnType<typeof withWarmRun>;

/** When a container that no run is in ends itself. */
function idleEnd({ warm, lastUse }: Listed): Date | undefined {
  return warm === undefined || lastUse === undefined ? undefined : new Date(lastUse.getTime() + warm * 1000);
}

function containersJson(containers: readonly Listed[]): string {
  const rows = containers.map((one) => ({
    container: one.name,
    transaction: one.transaction,
    workspace: one.workspace,
    block: one.block,
    action: one.action,
    state: one.state,
    created: one.created.toISOString(),
    orphan: isOrphan(one),
    warm: one.warm === undefined ? null : warmJson(one),
  }));
  return formatJson(rows);
}

function warmJson(one: Listed) {
  const isIdle = one.owner === undefined;
  return { state: isIdle ? "idle" : "busy", until: isIdle ? (idleEnd(one)?.toISOString() ?? null) : null };
}

function shownState(one: Listed): string {
  if (isOrphan(one)) return paint(stdout, "warning", "orphan");
  if (one.warm === undefined) return one.state;
  if (one.owner !== undefined) return "busy (warm)";
  const end = idleEnd(one);
  return end === undefined ? "idle" : `idle until ${end.toTimeString().slice(0, 8)}`;
}

function containersTable(containers: readonly Listed[], all: boolean): string {
  if (containers.length === 0) return "";
  const now = Date.now();
  const titles = ["ID", "STARTED", "STATE", "ACTION", ...(all ? ["WORKSPACE"] : []), "CONTAINER"];
  const rows = containers.map((one) => [
    shortId(one.transaction),
    formatAge(now - one.created.getTime()),
    shownState(one),
    printable(`${one.block} ${one.action}`.trim()),
    ...(all ? [printable(one.workspace)] : []),
    printable(one.name),
  ]);
  const head = titles.map((title) => paint(stdout, "faint", title));
  return formatTable([head, ...rows], stdout.isTTY ? stdout.columns : undefined);
}
