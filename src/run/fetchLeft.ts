import { askEngine } from "../engine/ask.ts";
import type { OwnedContainer } from "../engine/containers.ts";
import type { Engine } from "../engine/engine.ts";
import { readOwnText } from "../host/filesBelow.ts";
import type { Host } from "../host/stdio.ts";
import { sentNote, wayBack } from "../plan/remote/wayBack.ts";
import { statusFolderInContainer } from "../plan/runPaths.ts";
import { lostRuns } from "../transactions/recovery.ts";
import type { Landed } from "../transfer/landing.ts";
import { readManifest } from "../transfer/manifest.ts";
import type { Workspace } from "../workspace/load.ts";
import { secretsFile } from "../workspace/secrets/secretsFile.ts";
import { fetchChanges } from "./fetchChanges.ts";

/**
 * Fetches what is in a container that a run left on another machine, after stopping it; undefined for one in which no action ever
 * ran. Without a note of what was sent, whatever is here stays, and theirs is put beside it. Throws (69, 73, 74).
 */
export async function fetchLeft(
  { path, layout, settings }: Pick<Workspace, "path" | "layout" | "settings">,
  engine: Engine,
  { name, transaction, state }: OwnedContainer,
  host: Host,
): Promise<Landed | undefined> {
  if (state === "created") return undefined;
  const options = { engine, directory: path, workspace: path, environment: host.environment };
  const { stop_timeout: seconds } = settings.config.container;
  await askEngine(engine, engine.stopContainer(name, seconds), { ...options, timeout: seconds + patience });
  const root = layout.containerRoot;
  const commands = {
    argv: engine.copyFrom(name, statusFolderInContainer),
    whole: engine.copyFrom(name, root),
    back: wayBack(root, transaction, [".polycrate", layout.logsRoot, ".snapshot.yml", secretsFile]),
  };
  const run = lostRuns(path, host).find((one) => one.transaction === transaction);
  const note = run && readOwnText(run.root, `${run.folder}/${sentNote}`, largestNote);
  return fetchChanges(commands, readManifest(note ?? "") ?? new Map(), options, {
    cancellation: { attach: () => {}, detach: () => {} },
    emit: () => undefined,
  });
}

/** In seconds, beside those that the action has. */
const patience = 20;

/** In bytes: a million paths. */
export const largestNote = 300_000_000;
