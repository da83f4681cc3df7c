import { defineCommand } from "citty";
import { isOrphan, listContainers, type OwnedContainer } from "../../engine/containers.ts";
import { docker } from "../../engine/docker.ts";
import { printable } from "../../errors.ts";
import { stdout } from "../../host/output.ts";
import { thisHost } from "../../host/stdio.ts";
import { formatAge } from "../../reports/humanize.ts";
import { shortId } from "../findRecord.ts";
import { workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { formatJson } from "../output/json.ts";
import { messagesTo } from "../output/messages.ts";
import { formatTable, paint } from "../output/table.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: { name: "ps", description: "List running containers." },
  args: {
    ...workspaceFlags,
    all: { type: "boolean", description: "List those of all workspaces on this engine." },
    output: { type: "enum", options: ["json"], description: "Print them as JSON." },
  },
  run: async ({ args, data }) => {
    const { outputs }: CommandData = data;
    const path = args.all === true ? undefined : openWorkspace(messagesTo(outputs), args.workspace).path;
    const containers = await listContainers(docker, path, process.cwd(), thisHost());
    stdout.write(
      args.output === "json" ? containersJson(containers) : containersTable(containers, args.all === true),
    );
    return 0;
  },
});

function containersJson(containers: readonly OwnedContainer[]): string {
  const rows = containers.map((one) => ({
    container: one.name,
    transaction: one.transaction,
    workspace: one.workspace,
    block: one.block,
    action: one.action,
    state: one.state,
    created: one.created.toISOString(),
    orphan: isOrphan(one),
  }));
  return formatJson(rows);
}

function containersTable(containers: readonly OwnedContainer[], all: boolean): string {
  if (containers.length === 0) return "";
  const now = Date.now();
  const titles = ["ID", "STARTED", "STATE", "ACTION", ...(all ? ["WORKSPACE"] : []), "CONTAINER"];
  const rows = containers.map((one) => [
    shortId(one.transaction),
    formatAge(now - one.created.getTime()),
    isOrphan(one) ? paint(stdout, "warning", "orphan") : one.state,
    printable(`${one.block} ${one.action}`.trim()),
    ...(all ? [printable(one.workspace)] : []),
    printable(one.name),
  ]);
  const head = titles.map((title) => paint(stdout, "faint", title));
  return formatTable([head, ...rows], stdout.isTTY ? stdout.columns : undefined);
}
