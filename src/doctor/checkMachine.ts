import { statfsSync } from "node:fs";
import { isAbsolute } from "node:path";
import { listContainers } from "../engine/containers.ts";
import type { Engine } from "../engine/engine.ts";
import { workspaceImages } from "../engine/images.ts";
import { listCaches, volumeSizes } from "../engine/volumes.ts";
import { counted } from "../errors.ts";
import { tryCapture } from "../host/capture.ts";
import type { Host } from "../host/stdio.ts";
import type { Image } from "../image/image.ts";
import { lostRuns } from "../transactions/recovery.ts";
import { isUseless, withWarmRun } from "../transactions/warmRuns.ts";
import { hostFiles } from "../workspace/hostFiles.ts";
import type { Workspace } from "../workspace/load.ts";
import { type CheckResult, error, ok, warning } from "./checkResult.ts";
import type { DockerFacts } from "./engineFacts.ts";

/** Checks the disk space for what runs write into `directory`, and for the images of a local engine. */
export function checkSpace(
  directory: string,
  { program, engine, context }: DockerFacts,
): readonly CheckResult[] {
  const here = checkFreeSpace("disk", directory, {
    bytes: 1e9,
    fix: "free some disk space: `polycrate prune --logs 90d` removes old logs",
  });
  const isLocal = context.endpoint.startsWith("unix:");
  if (engine?.root === undefined || !isLocal || !isAbsolute(engine.root)) return here;
  const fix = `\`${program} system df\` shows the disk usage, \`${program} image prune\` removes unused images`;
  return [...here, ...checkFreeSpace(`disk of ${program}`, engine.root, { bytes: 5e9, fix })];
}

type SpaceNeed = { readonly bytes: number; readonly fix: string };

/** A folder that cannot be read is not checked, for example that of an engine in a virtual machine. */
function checkFreeSpace(check: string, folder: string, { bytes, fix }: SpaceNeed): readonly CheckResult[] {
  const free = freeBytes(folder);
  if (free === undefined) return [];
  const message = `${(free / 1e9).toFixed(1)} GB free for ${folder}`;
  if (free < 1e8) return [error(check, message, fix)];
  return [free < bytes ? warning(check, message, fix) : ok(check, message)];
}

function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** Reports variables that affect the runtime in the executable. */
export function checkRuntime(environment: Host["environment"]): readonly CheckResult[] {
  const set = ["BUN_BE_BUN", "BUN_OPTIONS"].filter((name) => (environment[name] ?? "") !== "");
  return set.map((name) =>
    warning(
      "runtime",
      `${name} is set: it affects polycrate's executable, which may run files of the current folder`,
      `\`unset ${name}\``,
    ),
  );
}

/** Reports whether SELinux is enforcing. */
export function checkSelinux(isEnforcing: boolean): CheckResult {
  return ok(
    "selinux",
    isEnforcing ? "enforcing; containers run with `label=disable` to access the workspace" : "not enforcing",
  );
}

/** Checks whether the image of a workspace exists, or how the next run gets it. */
export async function checkImage(
  engine: Engine,
  image: Image,
  directory: string,
  host: Host,
): Promise<CheckResult> {
  const { reference, build } = image;
  const words = engine.inspectImage("{{.Id}}", [reference]);
  const { exitCode } = await tryCapture(words, { directory, environment: host.environment, timeout: 10 });
  if (exitCode === 0) return ok("image", `${reference} exists`);
  if (build !== undefined)
    return ok(
      "image",
      `${reference} is not built yet; the next run builds it from ${build.context.dockerfile}`,
    );
  const [registry = ""] = /^[^/]*[.:][^/]*(?=\/)|^localhost(?=\/)/.exec(reference) ?? [];
  const login = registry === "" ? "" : `, after \`docker login ${registry}\` if it is private`;
  return warning(
    "image",
    `${reference} was not found locally; the next run pulls it`,
    `check with \`docker pull ${reference}\`${login}`,
  );
}

/** Reports images of earlier builds of the workspace, which are no longer used. */
export async function checkOldImages(
  engine: Engine,
  { reference }: Image,
  directory: string,
  host: Host,
): Promise<CheckResult> {
  const images = await workspaceImages(engine, directory, host);
  const old = images.filter(({ references }) => !references.includes(reference));
  if (old.length === 0) return ok("old images", "none from earlier builds of this workspace");
  const bytes = old.reduce((sum, { size }) => sum + size, 0);
  const size = bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
  const message = `${counted(old.length, "image")} from earlier builds of this workspace, ${size} including shared layers`;
  return { ...ok("old images", message), fix: "`polycrate prune --images` removes them" };
}

/** Reports the caches of the workspace and how much space they take, if it has any. */
export async function checkCaches(
  engine: Engine,
  { path }: Workspace,
  host: Host,
): Promise<readonly CheckResult[]> {
  const caches = await listCaches(engine, path, host);
  if (caches.length === 0) return [];
  const sizes = await volumeSizes(engine, path, host);
  const shown = caches.map(({ volume, cache }) => `${cache} ${sizes.get(volume) ?? "of unknown size"}`);
  return [{ ...ok("caches", shown.join(", ")), fix: "`polycrate prune --caches` removes them" }];
}

/** Reports the warm containers of the workspace, if it has any. */
export async function checkWarm(
  engine: Engine,
  { path }: Workspace,
  host: Host,
): Promise<readonly CheckResult[]> {
  const listed = await listContainers(engine, path, path, host);
  const containers = listed.filter(({ warm }) => warm !== undefined).map((one) => withWarmRun(one, host));
  if (containers.length === 0) return [];
  const busy = containers.filter(({ transaction }) => transaction !== "").length;
  const message = `${counted(containers.length, "container")} kept for further runs, ${busy} of them in use`;
  return [{ ...ok("warm", message), fix: "`polycrate ps` lists them, `polycrate stop --warm` removes them" }];
}

/**
 * Checks whether ssh accepts the workspace's key: ssh refuses a key that belongs to its user and that others can read.
 * Throws (65) when the workspace requires an ssh agent and none is running.
 */
export function checkKey(workspace: Workspace, uid: number, host: Host): CheckResult {
  const { privateKey } = hostFiles(workspace, host.environment);
  if (privateKey === undefined)
    return ok("ssh key", `the workspace has none (${workspace.layout.privateKey})`);
  const mode = privateKey.mode.toString(8).padStart(4, "0");
  if ((privateKey.mode & 0o077) === 0) return ok("ssh key", `${privateKey.path}, mode ${mode}`);
  const result = privateKey.uid === 0 || privateKey.uid === uid ? error : warning;
  return result(
    "ssh key",
    `${privateKey.path} is readable by others (mode ${mode}), so ssh refuses it`,
    `\`chmod 600 ${privateKey.path}\``,
  );
}

/** Reports containers and folders of crashed runs. */
export async function checkLeftovers(
  engine: Engine,
  workspace: Workspace | undefined,
  directory: string,
  host: Host,
): Promise<CheckResult> {
  const listed = await listContainers(engine, workspace?.path, directory, host);
  const containers = listed.map((one) => withWarmRun(one, host)).filter(isUseless);
  const runs = workspace === undefined ? [] : lostRuns(workspace.path, host);
  if (containers.length + runs.length === 0)
    return ok("leftovers", "no containers or folders of crashed runs");
  const message = `${counted(containers.length, "container")} and ${counted(runs.length, "folder")} of crashed runs`;
  return warning("leftovers", message, "`polycrate prune` removes them");
}
