import { defineCommand } from "citty";
import { exitCodes, PolycrateError, printable } from "../errors.ts";
import { ask } from "../execution/ask.ts";
import { type Host, thisHost } from "../execution/host.ts";
import { workspaceImages } from "../execution/image/buildReason.ts";
import { canFindClients, endLostClients } from "../execution/record/clients.ts";
import { recordFiles, timeOfId } from "../execution/record/history.ts";
import {
  engineError,
  finishLostRecords,
  isOrphan,
  listContainers,
  lostFiles,
  lostRuns,
} from "../execution/record/orphans.ts";
import { removePath } from "../host/files.ts";
import type { Workspace } from "../workspace/loadWorkspace.ts";
import { dryRunFlags, workspaceFlags } from "./flags.ts";
import { openWorkspace, prepareImage } from "./prepare.ts";
import { readSince, shortId } from "./transactions.ts";

export default defineCommand({
  meta: {
    name: "prune",
    description: "Remove what runs that died have left behind: containers, run folders, locks.",
  },
  args: {
    block: {
      type: "positional",
      description: "(an action of that name is run with `polycrate run BLOCK prune`)",
      required: false,
    },
    ...workspaceFlags,
    logs: { type: "string", valueHint: "AGE", description: "Also records and logs older than this: `90d`." },
    images: { type: "boolean", description: "Also this workspace's images but the current one." },
    all: { type: "boolean", description: "With --images: the current one too." },
    ...dryRunFlags,
  },
  run: async ({ args }) => {
    if (args.block !== undefined) {
      throw new PolycrateError("`polycrate prune` takes no block", {
        hint: `did you mean \`polycrate run ${args.block} prune\`?`,
        exitCode: exitCodes.wrongCommandLine,
      });
    }
    const workspace = openWorkspace(args.workspace);
    const before = args.logs === undefined ? undefined : readSince("logs", args.logs, new Date());
    const dryRun = args["dry-run"] === true;
    const host = thisHost();
    const orphans = await orphanRemovals(workspace, host);
    if (!dryRun) await endClients(workspace);
    const late = dryRun
      ? []
      : (await orphanRemovals(workspace, host)).filter(
          ({ what }) => !orphans.some((one) => one.what === what),
        );
    const removals = [...orphans, ...late, ...fileRemovals(workspace), ...logRemovals(workspace, before)];
    if (args.images === true) removals.push(...(await imageRemovals(workspace, args.all === true, host)));
    for (const { what, remove } of removals) {
      if (!dryRun) await remove();
      process.stdout.write(`${dryRun ? "would remove" : "removed"} ${printable(what)}\n`);
    }
    for (const id of finishLostRecords(workspace.path, workspace.layout.logsRoot, dryRun)) {
      process.stdout.write(`${dryRun ? "would record" : "recorded"} ${shortId(id)} as lost\n`);
    }
    return 0;
  },
});

async function endClients({ path }: Workspace): Promise<void> {
  const warn = (what: string, fix: string) => process.stderr.write(`warning: ${what}\nhint: ${fix}\n`);
  for (const pid of await endLostClients(path)) {
    warn(`the docker client ${pid} of a run that died does not end`, "it waits for the system: see `ps`");
  }
  if (!canFindClients && lostRuns(path).length > 0) {
    warn(
      "this system does not show which docker clients a run that died has left behind",
      "end them yourself: `pgrep -fl docker`",
    );
  }
}

type Removal = { readonly what: string; readonly remove: () => Promise<void> | void };

async function orphanRemovals(workspace: Workspace, host: Host): Promise<readonly Removal[]> {
  const containers = await listContainers(workspace.path, workspace.path, host);
  return containers.filter(isOrphan).map(({ name }) => ({
    what: `container ${name}`,
    remove: async () => {
      const words = ["docker", "rm", "--force", name];
      const { exitCode, stderr } = await ask(words, {
        directory: workspace.path,
        environment: host.environment,
      });
      if (exitCode !== 0 && !/No such container/i.test(stderr)) throw engineError(stderr);
    },
  }));
}

/** The tags of images that were built for this workspace; what other tags name stays. */
async function imageRemovals(workspace: Workspace, all: boolean, host: Host): Promise<readonly Removal[]> {
  const current = all ? undefined : (await prepareImage(workspace, {})).reference;
  const images = await workspaceImages(workspace.path, host);
  const old = images.filter(({ references }) => current === undefined || !references.includes(current));
  return old.map(({ id, references }) => ({
    what: `image ${references.find((one) => !one.endsWith(":latest")) ?? id}`,
    remove: async () => {
      const words = ["docker", "image", "rm", ...(references.length > 0 ? references : [id])];
      const { exitCode, stderr } = await ask(words, {
        directory: workspace.path,
        environment: host.environment,
      });
      if (exitCode !== 0 && !/No such image/i.test(stderr)) throw engineError(stderr);
    },
  }));
}

function fileRemovals({ path, layout }: Workspace): readonly Removal[] {
  const runs = lostRuns(path).map(({ folder }) => folder);
  return [...runs, ...lostFiles(path, layout.logsRoot)].map((file) => ({
    what: file,
    remove: () => removePath(path, file),
  }));
}

function logRemovals({ path, layout }: Workspace, before: Date | undefined): readonly Removal[] {
  if (before === undefined) return [];
  const files = [...recordFiles(path, layout.logsRoot)].filter(
    (file) => timeOfId(file.slice(-40, -4)) < before.getTime(),
  );
  return files.map((file) => ({
    what: file,
    remove: () => {
      removePath(path, file.replace(/\.yml$/, ".log"));
      removePath(path, file);
    },
  }));
}
