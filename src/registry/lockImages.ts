import type { Engine } from "../engine/engine.ts";
import { imageId, nameImage, pullImage, type RegistryOptions } from "../engine/registryImages.ts";
import { PolycrateError } from "../errors.ts";
import { inParallel } from "./inParallel.ts";
import { type Lock, type LockEntry, lockedDigest } from "./lock.ts";
import type { Wanted } from "./wantedImages.ts";

/** How names are looked up: `kept` are the entries that stay, and a registry is asked for all others. */
export type LookupOptions = RegistryOptions & {
  readonly kept: Lock;
  readonly onPull: (name: string) => void;
};

/** How images are looked up. */
export type ImageLookup = LookupOptions & {
  /** The entries of an image that no registry has, because polycrate builds it; none for all others. */
  readonly own: (image: string) => readonly LockEntry[];
  /** True when names in the engine stay what they were, because nothing is to change. */
  readonly onlyLooks: boolean;
};

/** More at once do not make a registry faster, and docker shares the layers of each pull anyway. */
export const pullsAtOnce = 4;

/** Returns the entries of the images. Throws (125) for one that its registry does not have, at the place that names it. */
export async function lockImages(
  engine: Engine,
  images: readonly Wanted[],
  options: ImageLookup,
): Promise<Lock> {
  const entries = await inParallel(images, pullsAtOnce, async ({ name, position }): Promise<Lock> => {
    const own = options.own(name);
    if (own.length > 0) return own;
    const kept = lockedDigest(options.kept, "image", name);
    if (kept !== undefined) return [{ kind: "image", name, digest: kept }];
    options.onPull(name);
    try {
      return [{ kind: "image", name, digest: await digestInRegistry(engine, name, options) }];
    } catch (error) {
      if (!(error instanceof PolycrateError) || position === undefined) throw error;
      const { message, hint, exitCode } = error;
      throw new PolycrateError(message, { hint, exitCode, position, cause: error });
    }
  });
  return entries.flat();
}

async function digestInRegistry(engine: Engine, name: string, options: ImageLookup): Promise<string> {
  const before = options.onlyLooks ? await imageId(engine, name, options) : undefined;
  const digest = await pullImage(engine, name, options);
  if (before !== undefined && (await imageId(engine, name, options)) !== before) {
    await nameImage(engine, before, name, options);
  }
  return digest;
}
