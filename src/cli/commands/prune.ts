import { defineCommand } from "citty";
import { listContainers, type OwnedContainer, removeWith } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { workspaceImages } from "../../engine/images.ts";
import { listCaches } from "../../engine/volumes.ts";
import { exitCodes, PolycrateError, printable } from "../../errors.ts";
import { readOwnText } from "../../host/filesBelow.ts";
import { stderr, stdout } from "../../host/output.ts";
import { removePrivateTree } from "../../host/privateTree.ts";
import { removePath } from "../../host/removal.ts";
import { type Host, thisHost } from "../../host/stdio.ts";
import { workspaceRepository } from "../../image/tag.ts";
import { engineNote } from "../../plan/remote/wayBack.ts";
import { fetchLeft } from "../../run/fetchLeft.ts";
import { findEngine } from "../../run/findEngine.ts";
import { observeImage } from "../../run/observeImage.ts";
import { canFindClients, endLostClients } from "../../transactions/clients.ts";
import { endWarmContainer } from "../../transactions/endWarm.ts";
import { recordFiles, timeOfId } from "../../transactions/history.ts";
import {
  type LostRun,
  lostFiles,
  lostRecords,
  lostRuns,
  lostTrees,
  refusedFolders,
  writeLost,
} from "../../transactions/recovery.ts";
import { unusedSnapshots } from "../../transactions/snapshots.ts";
import { isUseless, lostWarmFiles, withWarmRun } from "../../transactions/warmRuns.ts";
import { fetchedText } from "../../transfer/summary.ts";
import type { Workspace } from "../../workspace/load.ts";
import { readSince, shortId } from "../findRecord.ts";
import { contextFlags, workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: {
    name: "prune",
    description: "Remove what crashed runs left behind: containers, run folders, locks.",
  },
  args: {
    block: {
      type: "positional",
      description: "Not supported. Run an action of this name with `polycrate run BLOCK prune`.",
      required: false,
    },
    ...workspaceFlags,
    ...contextFlags,
    logs: {
      type: "string",
      valueHint: "AGE",
      description: "Also remove records and logs older than this, for example `90d`.",
    },
    images: { type: "boolean", description: "Also remove this workspace's images, except the current one." },
    caches: { type: "boolean", description: "Also remove this workspace's caches, of all users." },
    all: { type: "boolean", description: "With --images, remove the current one too." },
    "dry-run": { type: "boolean", description: "List what would be removed, without removing it." },
  },
  run: async ({ args, data }) => {
    const { outputs }: CommandData = data;
    if (args.block !== undefined) {
      throw new PolycrateError("`polycrate prune` does not take a block", {
        hint: `did you mean \`polycrate run ${args.block} prune\`?`,
        exitCode: exitCodes.wrongCommandLine,
      });
    }
    const workspace = openWorkspace(messagesTo(outputs), args.workspace);
    const before = args.logs === undefined ? undefined : readSince("logs", args.logs, new Date());
    const dryRun = args["dry-run"] === true;
    const engine = findEngine(workspace, { program: args.engine, flag: args.context });
    const host = thisHost();
    const orphans = await orphanRemovals(workspace, engine, host);
    if (!dryRun) await endClients(workspace, host);
    const late = dryRun
      ? []
      : (await orphanRemovals(workspace, engine, host)).filter(
          ({ what }) => !orphans.some((one) => one.what === what),
        );
    const removals = [
      ...orphans,
      ...late,
      ...fileRemovals(workspace, engine, await ownContainers(workspace, engine, host), host),
      ...logRemovals(workspace, before),
    ];
    if (args.images === true || args.caches === true)
      removals.push(...(await warmRemovals(workspace, engine, host)));
    if (args.images === true)
      removals.push(...(await imageRemovals(workspace, engine, args.all === true, host)));
    if (args.caches === true) removals.push(...(await cacheRemovals(workspace, engine, host)));
    const recordings = lostRecordings(workspace);
    const refusals = [
      ...refusedFolders(workspace.path, workspace.layout.logsRoot),
      ...(await carryOutAll(dryRun ? "would remove" : "removed", removals, dryRun)),
      ...(await carryOutAll(dryRun ? "would record" : "recorded", recordings, dryRun)),
    ];
    for (const { message } of refusals) stderr.write(`error: ${printable(message)}\n`);
    if (removals.length + recordings.length + refusals.length === 0) stderr.write("nothing to remove\n");
    return refusals.length === 0 ? 0 : exitCodes.cannotWrite;
  },
});

type Task = { readonly what: string; readonly carryOut: () => Promise<void> | void };

async function endClients({ path }: Workspace, host: Host): Promise<void> {
  const warn = (what: string, fix: string) => stderr.write(`warning: ${what}\nhint: ${fix}\n`);
  for (const pid of await endLostClients(path)) {
    warn(`docker client ${pid} of a crashed run does not exit`, "it is blocked in the kernel: see `ps`");
  }
  if (!canFindClients && lostRuns(path, host).length > 0) {
    warn(
      "cannot find the docker clients of crashed runs on this system",
      "find them with `pgrep -fl docker`, and end them",
    );
  }
}

/** Carries out all tasks, and returns the errors of the file system: one failed removal must not stop the others. */
async function carryOutAll(
  done: string,
  tasks: readonly Task[],
  dryRun: boolean,
): Promise<readonly PolycrateError[]> {
  const refusals: PolycrateError[] = [];
  for (const { what, carryOut } of tasks) {
    try {
      if (!dryRun) await carryOut();
      stdout.write(`${done} ${printable(what)}\n`);
    } catch (error) {
      if (!(error instanceof PolycrateError) || error.exitCode !== exitCodes.cannotWrite) throw error;
      refusals.push(error);
    }
  }
  return refusals;
}

async function ownContainers(
  { path }: Workspace,
  engine: Engine,
  host: Host,
): Promise<readonly OwnedContainer[]> {
  const containers = await listContainers(engine, path, path, host);
  return containers.map((one) => withWarmRun(one, host));
}

async function orphanRemovals(workspace: Workspace, engine: Engine, host: Host): Promise<readonly Task[]> {
  const containers = await ownContainers(workspace, engine, host);
  return containers.filter(isUseless).map((container) => ({
    what: `container ${container.name}`,
    carryOut: async () => {
      if (container.isCopied) await fetchBefore(workspace, engine, container, host);
      await removeWith(engine, engine.removeContainer(container.name), optionsOf(workspace, host));
    },
  }));
}

/** What its action wrote is only there. */
async function fetchBefore(
  workspace: Workspace,
  engine: Engine,
  container: OwnedContainer,
  host: Host,
): Promise<void> {
  const landed = await fetchLeft(workspace, engine, container, host);
  if (landed === undefined) return;
  stdout.write(`${fetchedText(landed)} of ${shortId(container.transaction)}\n`);
  for (const { path, theirs } of landed.conflicts) {
    const there = theirs === undefined ? "removed by the action" : `changed by the action: \`${theirs}\``;
    stderr.write(`warning: ${printable(`\`${path}\` was kept; it was ${there}`)}\n`);
  }
}

/** The images that were built for this workspace, and old names of the current one. */
async function imageRemovals(
  workspace: Workspace,
  engine: Engine,
  all: boolean,
  host: Host,
): Promise<readonly Task[]> {
  const current = all
    ? undefined
    : (await observeImage(workspace, engine, { locked: false }, { asks: false })).reference;
  const images = await workspaceImages(engine, workspace.path, host);
  return images.flatMap(({ id, references }) => {
    const isCurrent = current !== undefined && references.includes(current);
    const old = isCurrent ? references.filter((one) => one !== current && isHash(one)) : references;
    return isCurrent && old.length === 0 ? [] : [imageRemoval(workspace, engine, old, id, host)];
  });
}

function isHash(reference: string): boolean {
  return reference.startsWith(`${workspaceRepository}:`) && !reference.endsWith(":latest");
}

function imageRemoval(
  workspace: Workspace,
  engine: Engine,
  references: readonly string[],
  id: string,
  host: Host,
): Task {
  return {
    what: `image ${references.find((one) => !one.endsWith(":latest")) ?? id}`,
    carryOut: () =>
      removeWith(
        engine,
        engine.removeImages(references.length > 0 ? references : [id]),
        optionsOf(workspace, host),
      ),
  };
}

/** An idle container keeps its image and its caches from being removed. One that a run is in stays, and so do they. */
async function warmRemovals(workspace: Workspace, engine: Engine, host: Host): Promise<readonly Task[]> {
  const containers = await ownContainers(workspace, engine, host);
  return containers
    .filter(({ warm, transaction }) => warm !== undefined && transaction === "")
    .map((one) => ({
      what: `container ${one.name}`,
      carryOut: async () => void (await endWarmContainer(engine, one, host)),
    }));
}

async function cacheRemovals(workspace: Workspace, engine: Engine, host: Host): Promise<readonly Task[]> {
  const caches = await listCaches(engine, workspace.path, host);
  return caches.map(({ volume, cache }) => ({
    what: `cache ${cache} (volume ${volume})`,
    carryOut: () => removeWith(engine, engine.removeVolume(volume), optionsOf(workspace, host)),
  }));
}

function fileRemovals(
  { path, layout }: Workspace,
  engine: Engine,
  containers: readonly OwnedContainer[],
  host: Host,
): readonly Task[] {
  const lost = lostRuns(path, host).map((run) => ({ ...run, there: engineOfRun(run) }));
  const isElsewhere = (there: string | undefined) => there !== undefined && there !== engine.endpoint.name;
  for (const there of new Set(lost.flatMap(({ there }) => (isElsewhere(there) ? [there ?? ""] : [])))) {
    const hint = `hint: \`polycrate prune --context NAME\` of that engine fetches and removes it`;
    stderr.write(`a run on the engine ${printable(there)} was not cleaned up\n${hint}\n`);
  }
  const runs = lost
    .filter(({ there }) => !isElsewhere(there))
    .map(({ root, folder }) => ({ root, file: folder }));
  const files = lostFiles(path, layout.logsRoot).map((file) => ({ root: path, file }));
  const trees = lostTrees().map((tree) => ({ what: tree, carryOut: () => removePrivateTree(tree) }));
  const inside = [...runs, ...files, ...lostWarmFiles(path, containers, host)].map(({ root, file }) => ({
    what: root === path ? file : `${root}/${file}`,
    carryOut: () => removePath(root, file),
  }));
  return [...inside, ...trees];
}

/** The engine that a run sent its files to; undefined for one that mounted them. */
function engineOfRun({ root, folder }: LostRun): string | undefined {
  return readOwnText(root, `${folder}/${engineNote}`, 4096)?.trimEnd();
}

function logRemovals({ path, layout }: Workspace, before: Date | undefined): readonly Task[] {
  if (before === undefined) return [];
  const files = [...recordFiles(path, layout.logsRoot)].filter(
    (file) => timeOfId(file.slice(-40, -4)) < before.getTime(),
  );
  const records = files.map((file) => ({
    what: file,
    carryOut: () => {
      removePath(path, file.replace(/\.yml$/, ".log"));
      removePath(path, file);
    },
  }));
  const snapshots = unusedSnapshots(path, layout.logsRoot, new Set(files));
  return [...records, ...snapshots.map((file) => ({ what: file, carryOut: () => removePath(path, file) }))];
}

function lostRecordings({ path, layout }: Workspace): readonly Task[] {
  return lostRecords(path, layout.logsRoot).map((recorded) => ({
    what: `${shortId(recorded.id)} as lost`,
    carryOut: () => writeLost(path, recorded),
  }));
}

function optionsOf({ path }: Workspace, { environment }: Host) {
  return { directory: path, environment };
}
