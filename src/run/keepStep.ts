import { askEngine } from "../engine/ask.ts";
import { type ImageIdentity, identifyImage } from "../engine/images.ts";
import { PolycrateError } from "../errors.ts";
import { createFile, makeFolder } from "../host/files.ts";
import { readOwnText } from "../host/filesBelow.ts";
import { parseJson, textAt } from "../host/json.ts";
import { largestText } from "../host/read.ts";
import { removePath } from "../host/removal.ts";
import type { KeepStep, Plan, WarmSlot } from "../plan/plan.ts";
import { type ClientOptions, reported } from "./client.ts";
import type { ExecutionContext } from "./context.ts";

/** True when the container of the slot runs, and its image is still the one that the run is to have. */
export async function isStillKept(
  { find, image }: KeepStep,
  { engine, ...options }: ClientOptions,
  context: ExecutionContext,
): Promise<boolean> {
  const { signal } = context.cancellation;
  const { stdout } = await reported(find, context, () =>
    askEngine(engine, find, { ...options, cancelled: signal }),
  );
  return stdout === `${image.reference}\n`;
}

/**
 * Starts the container of the slot, with new files, in place of one that may still be there. False when the engine refuses: a
 * cold run then shows why. Throws (73) when the files cannot be written.
 */
export async function keepContainer(
  { runDirectory }: Plan,
  { folder, keep }: WarmSlot,
  { engine, ...options }: ClientOptions,
  context: ExecutionContext,
): Promise<boolean> {
  const { root, path } = folder;
  const { signal } = context.cancellation;
  await discard(keep, { engine, ...options });
  removePath(root, path);
  makeFolder(root, path, 0o700);
  for (const shared of ["files", "status"]) makeFolder(root, `${path}/${shared}`, 0o755);
  createFile(root, `${path}/snapshot.yml`, "", 0o644);
  for (const file of keep.files) {
    const run = runDirectory ?? folder;
    const content = readOwnText(run.root, `${run.path}/${file}`, largestText) ?? "";
    createFile(root, `${path}/${file.slice(file.lastIndexOf("/") + 1)}`, content, 0o644);
  }
  const [{ exitCode }, identity] = await Promise.all([
    reported(keep.argv, context, () => askEngine(engine, keep.argv, { ...options, cancelled: signal })),
    identifyImage(engine, keep.image.reference, { ...options, cancelled: signal }),
  ]);
  if (exitCode === 0 && identity !== undefined) {
    createFile(root, `${path}/${imageFile}`, JSON.stringify(identity), 0o600);
  }
  return exitCode === 0;
}

/** Beside the files that are mounted: which image the container is made from, so that its runs need not ask. */
const imageFile = "image";

/** Returns which image the container of the slot is made from; undefined when that is not known. */
export function keptImage({ folder: { root, path } }: WarmSlot): ImageIdentity | undefined {
  const identity = parseJson(readOwnText(root, `${path}/${imageFile}`, 4096) ?? "");
  const [id, digest] = [textAt(identity, "id"), textAt(identity, "digest")];
  return id === undefined ? undefined : { id, digest };
}

/** Removes the container of a slot. One that the engine does not remove in time is removed by its next run, or by `prune`. */
export async function discard(
  { remove }: Pick<KeepStep, "remove">,
  { engine, ...options }: ClientOptions,
): Promise<void> {
  try {
    await askEngine(engine, remove, { ...options, timeout: 10 });
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
  }
}
