import { isOrphan, type OwnedContainer } from "../engine/containers.ts";
import { changedAt, namesIn } from "../host/filesBelow.ts";
import { parseJson } from "../host/json.ts";
import { isAlive } from "../host/owner.ts";
import type { Host } from "../host/stdio.ts";
import { lockHolder } from "../host/tryLock.ts";
import type { RunDirectory } from "../plan/plan.ts";
import { snapshotFile } from "../plan/runPaths.ts";
import { warmFolder } from "../plan/warm.ts";
import { runPlacesOf } from "./runPlace.ts";

/** The folders of a workspace's warm containers, on every engine. */
function warmPlaces(workspace: string, { environment }: Pick<Host, "environment">): readonly RunDirectory[] {
  return runPlacesOf(workspace, environment, process.getuid?.() ?? 0).map((place) => ({
    root: place.root,
    path: warmFolder(place),
  }));
}

/** Returns the container with the run that is in it: its transaction, block, action and owner are those of the run. */
export function withWarmRun(
  container: OwnedContainer,
  host: Pick<Host, "environment">,
): OwnedContainer & { readonly lastUse: Date | undefined } {
  if (container.warm === undefined) return { ...container, lastUse: undefined };
  let lastUse: Date | undefined;
  for (const { root, path } of warmPlaces(container.workspace, host)) {
    const changed = changedAt(root, `${path}/${container.name}/${snapshotFile}`);
    if (changed !== undefined) lastUse = new Date(changed);
    const lock = lockHolder(root, `${path}/${container.name}.lock`);
    if (lock === undefined) continue;
    const note = parseJson(lock.note);
    const [transaction, block, action] = (Array.isArray(note) ? note : []).map(String);
    const run = { transaction: transaction ?? "", block: block ?? "", action: action ?? "" };
    return { ...container, ...run, owner: lock.owner, lastUse };
  }
  return { ...container, ...{ transaction: "", block: "", action: "", owner: undefined }, lastUse };
}

/** Returns the file of the lock of a warm container that no run is in, where its folder is; undefined without one. */
export function idleLock(
  { name, workspace }: OwnedContainer,
  host: Pick<Host, "environment">,
): RunDirectory | undefined {
  const place = warmPlaces(workspace, host).find(({ root, path }) => namesIn(root, path).includes(name));
  return place && { root: place.root, path: `${place.path}/${name}.lock` };
}

/** True for a container that is of no use: its owner is gone, or it is to be kept warm and will never run. */
export function isUseless(container: OwnedContainer): boolean {
  const { warm, owner, state } = container;
  const isStuck = warm !== undefined && owner === undefined && (state === "created" || state === "dead");
  return isOrphan(container) || isStuck;
}

/** Returns what is left of warm containers: folders whose container is not among these, and locks of processes that died. */
export function lostWarmFiles(
  workspace: string,
  containers: readonly OwnedContainer[],
  host: Pick<Host, "environment">,
): readonly { readonly root: string; readonly file: string }[] {
  const kept = new Set(containers.filter((one) => !isUseless(one)).map(({ name }) => name));
  return warmPlaces(workspace, host).flatMap(({ root, path }) => {
    const names = namesIn(root, path);
    const isHeld = (file: string) => {
      const lock = lockHolder(root, `${path}/${file}`);
      return lock !== undefined && isAlive(lock.owner);
    };
    return names
      .filter((name) => {
        if (/\.lock(?:\.next)?$/.test(name)) return !isHeld(name);
        return !kept.has(name) && !isHeld(`${name}.lock`);
      })
      .map((name) => ({ root, file: `${path}/${name}` }));
  });
}
