import { hostname } from "node:os";
import { defineCommand } from "citty";
import { exitCodes, PolycrateError } from "../errors.ts";
import { ask } from "../execution/ask.ts";
import { type Host, thisHost } from "../execution/host.ts";
import { engineError, isOrphan, listContainers, type OwnedContainer } from "../execution/record/orphans.ts";
import type { Workspace } from "../workspace/loadWorkspace.ts";
import type { CommandData } from "./commandLine.ts";
import { workspaceFlags } from "./flags.ts";
import { openWorkspace } from "./prepare.ts";
import { shortId } from "./transactions.ts";

export default defineCommand({
  meta: {
    name: "stop",
    description: "Stop actions that run, as Ctrl-C would; several ids stand behind `--`.",
  },
  args: {
    id: { type: "positional", description: "The transaction's id, or its beginning.", required: false },
    ...workspaceFlags,
    all: { type: "boolean", description: "Every action that runs in this workspace." },
  },
  run: async ({ args, data }) => {
    const { rest }: CommandData = data;
    const ids = [...(args.id === undefined ? [] : [args.id]), ...rest];
    const workspace = openWorkspace(args.workspace);
    const host = thisHost();
    const containers = await listContainers(workspace.path, workspace.path, host);
    const wanted = args.all === true ? containers : ids.map((id) => findContainer(containers, id));
    if (args.all !== true && ids.length === 0) {
      throw new PolycrateError("`polycrate stop` wants the id of a transaction", {
        hint: "`polycrate ps` shows what runs; `--all` stops everything",
        exitCode: exitCodes.wrongCommandLine,
      });
    }
    await Promise.all(wanted.map((container) => stop(workspace, container, host)));
    return 0;
  },
});

function findContainer(containers: readonly OwnedContainer[], id: string): OwnedContainer {
  const [found, second] = containers.filter(({ transaction }) => transaction.startsWith(id));
  if (found !== undefined && second === undefined) return found;
  throw new PolycrateError(
    second === undefined ? `no action runs as \`${id}\`` : `several actions run as \`${id}\``,
    {
      hint: "`polycrate ps` shows what runs",
      exitCode: exitCodes.wrongCommandLine,
    },
  );
}

/** The polycrate that looks after the container ends it in order and finishes its record; without one, docker stops it. */
async function stop(workspace: Workspace, container: OwnedContainer, host: Host): Promise<void> {
  const { owner, name, transaction } = container;
  const timeout = workspace.settings.config?.container?.stop_timeout ?? 10;
  if (owner !== undefined && owner.host === hostname() && !isOrphan(container)) {
    process.kill(owner.pid, "SIGTERM");
    while (await isThere(workspace, name, host)) await Bun.sleep(100);
  } else {
    const words = ["docker", "stop", `--time=${timeout}`, name];
    const { exitCode, stderr } = await ask(words, {
      directory: workspace.path,
      environment: host.environment,
    });
    if (exitCode !== 0 && !/No such container/i.test(stderr)) throw engineError(stderr);
  }
  process.stderr.write(`stopped ${shortId(transaction)}\n`);
}

async function isThere(workspace: Workspace, name: string, host: Host): Promise<boolean> {
  const words = ["docker", "container", "inspect", name];
  return (await ask(words, { directory: workspace.path, environment: host.environment })).exitCode === 0;
}
