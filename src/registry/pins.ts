import { exitCodes, type FilePosition, PolycrateError } from "../errors.ts";
import type { ImageLock } from "../image/image.ts";
import { type Lock, lockedDigest, lockFile, readLock } from "./lock.ts";
import { isPinned, withDigest } from "./reference.ts";

/** How the images of one command are looked up in the lock file, and what was found so far. */
export type Pins = {
  /** Returns the image by its locked digest; an image that is not locked as it is. Throws (65) if it must be. */
  readonly pin: (image: string, position?: () => FilePosition | undefined) => string;
  /** Returns what the lock file said so far; undefined when there is none. */
  readonly result: () => ImageLock | undefined;
};

/** Whether images must be locked: as the command line says, else in CI if the workspace has a lock file. */
export type LockChoice = { readonly locked: boolean | undefined; readonly isCi: boolean };

/** Reads the workspace's lock file. Throws (65) when it is broken, or missing though it is required. */
export function readPins(workspace: string, { locked, isCi }: LockChoice): Pins {
  const lock = readLock(workspace);
  if (lock === undefined && locked === true) {
    throw new PolycrateError(`\`--locked\` requires a lock file, and there is no \`${lockFile}\``, {
      hint: "`polycrate lock` writes it",
      exitCode: exitCodes.invalidWorkspace,
    });
  }
  return pinsOf(lock, locked ?? isCi);
}

/** Returns the pins of a lock; without one nothing is pinned. */
export function pinsOf(lock: Lock | undefined, isStrict: boolean): Pins {
  const found = new Map<string, string>();
  const missing = new Set<string>();
  const pin: Pins["pin"] = (image, position) => {
    if (lock === undefined || isPinned(image)) return image;
    const digest = lockedDigest(lock, "image", image);
    if (digest !== undefined) {
      found.set(image, digest);
      return withDigest(image, digest);
    }
    if (lockedDigest(lock, "toolchain", image) !== undefined) return image;
    if (isStrict) {
      throw new PolycrateError(`the image \`${image}\` is not in \`${lockFile}\``, {
        hint: "`polycrate lock` adds it; `--no-locked` uses it without",
        exitCode: exitCodes.invalidWorkspace,
        position: position?.(),
      });
    }
    missing.add(image);
    return image;
  };
  return {
    pin,
    result: () => (lock === undefined ? undefined : { digests: found, missing: [...missing] }),
  };
}
