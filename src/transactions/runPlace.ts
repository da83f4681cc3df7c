import { lstatSync } from "node:fs";
import type { EngineSettings } from "../engine/endpoint.ts";
import type { Engine } from "../engine/engine.ts";
import type { RunPlace } from "../plan/plan.ts";

/**
 * Returns where a run keeps its files: in the caller's runtime folder, which the workspace's actions cannot access, when they
 * are sent or the engine sees that folder; otherwise in the workspace, which every engine that can mount it sees.
 */
export function runPlaceOf(
  workspace: string,
  { kind, isHere }: Pick<Engine, "kind" | "isHere">,
  environment: EngineSettings["environment"],
  uid: number,
): RunPlace {
  const [inWorkspace, outside] = runPlacesOf(workspace, environment, uid);
  return outside !== undefined && (kind === "remote" || isHere) ? outside : inWorkspace;
}

/** Returns every place where a run of the workspace may have left files, whichever engine it used. */
export function runPlacesOf(
  workspace: string,
  environment: EngineSettings["environment"],
  uid: number,
): readonly [RunPlace, ...RunPlace[]] {
  const inWorkspace = { root: workspace, folder: ".polycrate/run" };
  const runtime = runtimeFolder(environment.XDG_RUNTIME_DIR ?? "", uid);
  if (runtime === undefined) return [inWorkspace];
  const name = new Bun.CryptoHasher("sha256").update(workspace).digest("hex").slice(0, 16);
  return [inWorkspace, { root: runtime, folder: `polycrate/${name}` }];
}

/** The caller's private runtime folder (XDG Base Directory Specification); undefined without one. */
function runtimeFolder(path: string, uid: number): string | undefined {
  if (process.platform !== "linux" || !path.startsWith("/")) return undefined;
  const status = lstatSync(path, { throwIfNoEntry: false });
  const isPrivate = status?.isDirectory() === true && status.uid === uid && (status.mode & 0o077) === 0;
  return isPrivate ? path.replace(/\/+$/, "") : undefined;
}
