import type { EngineSettings } from "../engine/endpoint.ts";
import type { Engine } from "../engine/engine.ts";
import { memoryFolder, runtimeFolder, sharedMemoryFolder } from "../host/memoryFolder.ts";
import { isPrivate } from "../host/privateFolder.ts";
import type { RunPlace } from "../plan/plan.ts";

/**
 * Returns where a run keeps its files: in the caller's runtime folder, which the workspace's actions cannot access, when they
 * are sent or the engine sees that folder; otherwise in the workspace, which every engine that can mount it sees. With `inMemory`
 * it is in memory if the engine sees that.
 */
export function runPlaceOf(
  workspace: string,
  { kind, isHere }: Pick<Engine, "kind" | "isHere">,
  environment: EngineSettings["environment"],
  uid: number,
  { inMemory }: { readonly inMemory: boolean } = { inMemory: false },
): RunPlace {
  const [inWorkspace] = runPlacesOf(workspace, environment, uid);
  if (kind !== "remote" && !isHere) return inWorkspace;
  if (!inMemory) return inRuntimeFolder(workspace, environment, uid) ?? inWorkspace;
  const memory = memoryFolder(environment, uid);
  if (memory === undefined) return inWorkspace;
  return memory === sharedMemoryFolder(uid)
    ? inSharedMemory(workspace, uid)
    : (inRuntimeFolder(workspace, environment, uid) ?? inWorkspace);
}

/** Returns every place where a run of the workspace may have left files, whichever engine it used. */
export function runPlacesOf(
  workspace: string,
  environment: EngineSettings["environment"],
  uid: number,
): readonly [RunPlace, ...RunPlace[]] {
  const shared = { path: sharedMemoryFolder(uid), uid };
  const runtime = inRuntimeFolder(workspace, environment, uid);
  return [
    { root: workspace, folder: ".polycrate/run" },
    ...(runtime === undefined ? [] : [runtime]),
    ...(isPrivate(shared) ? [inSharedMemory(workspace, uid)] : []),
  ];
}

function inRuntimeFolder(
  workspace: string,
  environment: EngineSettings["environment"],
  uid: number,
): RunPlace | undefined {
  const root = runtimeFolder(environment.XDG_RUNTIME_DIR ?? "", uid);
  return root === undefined ? undefined : { root, folder: `polycrate/${folderNameOf(workspace)}` };
}

function inSharedMemory(workspace: string, uid: number): RunPlace {
  return { root: sharedMemoryFolder(uid), folder: folderNameOf(workspace) };
}

function folderNameOf(workspace: string): string {
  return new Bun.CryptoHasher("sha256").update(workspace).digest("hex").slice(0, 16);
}
