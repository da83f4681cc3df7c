import { defineCommand } from "citty";
import { askEngine } from "../../engine/ask.ts";
import { listContainers, type OwnedContainer, removeWith } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { engineError, isMissing } from "../../engine/errors.ts";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { type Captured, tryCapture } from "../../host/capture.ts";
import { stderr } from "../../host/output.ts";
import { type Host, thisHost } from "../../host/stdio.ts";
import { findEngine } from "../../run/findEngine.ts";
import { terminateOwner } from "../../transactions/clients.ts";
import { endWarmContainer } from "../../transactions/endWarm.ts";
import { withWarmRun } from "../../transactions/warmRuns.ts";
import type { Workspace } from "../../workspace/load.ts";
import { shortId } from "../findRecord.ts";
import { contextFlags, workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: {
    name: "stop",
    description: "Stop running actions, as Ctrl-C does.",
  },
  args: {
    id: {
      type: "positional",
      description: "The ids of transactions, or their first characters.",
      valueHint: "…",
      required: false,
    },
    ...workspaceFlags,
    ...contextFlags,
    all: { type: "boolean", description: "Stop all running actions of this workspace." },
    warm: {
      type: "boolean",
      description: "Remove the warm containers of this workspace that no action is in.",
    },
  },
  run: async ({ args, data }) => {
    const { outputs, positionals, rest }: CommandData = data;
    const ids = [...positionals, ...rest];
    const workspace = openWorkspace(messagesTo(outputs), args.workspace);
    const engine = findEngine(workspace, { program: args.engine, flag: args.context });
    const host = thisHost();
    const listed = await listContainers(engine, workspace.path, workspace.path, host);
    const all = listed.map((one) => withWarmRun(one, host));
    const containers = all.filter(({ transaction }) => transaction !== "");
    const wanted = args.all === true ? containers : ids.map((id) => findContainer(containers, id));
    if (args.all !== true && args.warm !== true && ids.length === 0) {
      throw new PolycrateError("missing argument ID for `polycrate stop`", {
        hint: "`polycrate ps` lists running actions; `--all` stops all of them",
        exitCode: exitCodes.wrongCommandLine,
      });
    }
    await Promise.all(wanted.map((container) => stop(workspace, engine, container, host)));
    if (args.warm === true) await endWarm(engine, all, host);
    return 0;
  },
});

async function endWarm(engine: Engine, containers: readonly OwnedContainer[], host: Host): Promise<void> {
  for (const one of containers.filter(({ warm }) => warm !== undefined)) {
    const isEnded = await endWarmContainer(engine, one, host);
    const inUse = `container ${one.name} is in use\nhint: \`polycrate stop --all\` stops its action\n`;
    stderr.write(isEnded ? `removed ${one.name}\n` : inUse);
  }
}

function findContainer(containers: readonly OwnedContainer[], id: string): OwnedContainer {
  const [found, second] = containers.filter(({ transaction }) => transaction.startsWith(id));
  if (found !== undefined && second === undefined) return found;
  throw new PolycrateError(
    second === undefined
      ? `no running action has the id \`${id}\``
      : `the ids of several running actions start with \`${id}\``,
    {
      hint: "`polycrate ps` lists running actions",
      exitCode: exitCodes.wrongCommandLine,
    },
  );
}

/**
 * The polycrate process that owns the container stops it and finishes its record; if it is gone, docker stops the container.
 * A container that still exists after `stop_timeout` and some seconds is removed.
 */
async function stop(workspace: Workspace, engine: Engine, container: OwnedContainer, host: Host) {
  const { owner, name, transaction } = container;
  const timeout = workspace.settings.config.container.stop_timeout;
  const patience = timeout + grace;
  const end = performance.now() + patience * 1000;
  const options = { directory: workspace.path, environment: host.environment };
  const isThere = async () =>
    withWarmRun(container, host).transaction === transaction &&
    (await askEngine(engine, engine.inspectContainer(name), options)).exitCode === 0;
  if (owner === undefined || !terminateOwner(owner, name)) {
    const answer = await tryCapture(engine.stopContainer(name, timeout), {
      ...options,
      timeout: patience,
    });
    if (!answer.timedOut) refuseFailure(answer);
  }
  while (await isThere()) {
    if (performance.now() < end) await Bun.sleep(100);
    else {
      stderr.write(`warning: container ${name} did not stop within ${patience} s; removing it\n`);
      await removeWith(engine, engine.removeContainer(name), options);
    }
  }
  stderr.write(`stopped ${shortId(transaction)}\n`);
}

/** Seconds that a polycrate process has for stopping a container, in addition to the action's `stop_timeout`. */
const grace = 5;

function refuseFailure({ exitCode, stderr }: Captured): void {
  if (exitCode !== 0 && !isMissing(stderr)) throw engineError(stderr);
}
