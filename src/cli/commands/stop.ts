import { defineCommand } from "citty";
import { askEngine } from "../../engine/ask.ts";
import { listContainers, type OwnedContainer, removeWith } from "../../engine/containers.ts";
import { docker } from "../../engine/docker.ts";
import { engineError, isMissing } from "../../engine/errors.ts";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { type Captured, tryCapture } from "../../host/capture.ts";
import { type Host, thisHost } from "../../host/stdio.ts";
import { terminateOwner } from "../../transactions/clients.ts";
import type { Workspace } from "../../workspace/load.ts";
import { shortId } from "../findRecord.ts";
import { workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";

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
    const { outputs, rest }: CommandData = data;
    const ids = [...(args.id === undefined ? [] : [args.id]), ...rest];
    const workspace = openWorkspace(messagesTo(outputs), args.workspace);
    const host = thisHost();
    const containers = await listContainers(docker, workspace.path, workspace.path, host);
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

/**
 * The polycrate that looks after the container ends it in order and finishes its record; without one, docker stops it.
 * What is there after `stop_timeout` and some seconds is removed.
 */
async function stop(workspace: Workspace, { owner, name, transaction }: OwnedContainer, host: Host) {
  const timeout = workspace.settings.config.container.stop_timeout;
  const patience = timeout + grace;
  const end = performance.now() + patience * 1000;
  const options = { directory: workspace.path, environment: host.environment };
  const isThere = async () =>
    (await askEngine(docker, docker.inspectContainer(name), options)).exitCode === 0;
  if (owner === undefined || !terminateOwner(owner, name)) {
    const answer = await tryCapture(docker.stopContainer(name, timeout), {
      ...options,
      timeout: patience,
    });
    if (!answer.timedOut) refuseFailure(answer);
  }
  while (await isThere()) {
    if (performance.now() < end) await Bun.sleep(100);
    else {
      process.stderr.write(
        `warning: the container ${name} did not end within ${patience} s and is removed\n`,
      );
      await removeWith(docker, docker.removeContainer(name), options);
    }
  }
  process.stderr.write(`stopped ${shortId(transaction)}\n`);
}

/** Seconds that a polycrate has for ending a container, beside those that the action has. */
const grace = 5;

function refuseFailure({ exitCode, stderr }: Captured): void {
  if (exitCode !== 0 && !isMissing(stderr)) throw engineError(stderr);
}
