import { relative } from "node:path";
import type { Engine } from "../engine/engine.ts";
import { isCi } from "../host/stdio.ts";
import { type BuildContext, readBuildContext } from "../image/buildContext.ts";
import type { ImageUse } from "../image/dockerfile/imageUses.ts";
import type { Image, ImageLock } from "../image/image.ts";
import { chooseImage, configuredImagePosition } from "../image/imageSource.ts";
import { tagOf } from "../image/tag.ts";
import type { ImageOptions } from "../plan/runOptions.ts";
import { type Pins, readPins } from "../registry/pins.ts";
import type { Workspace } from "../workspace/load.ts";
import { encryptedSecretsFile, secretsFile } from "../workspace/secrets/secretsFile.ts";
import { baseImagesReason, inspectBaseImages, rememberedBaseImages } from "./baseImages.ts";

/**
 * Returns the image of the workspace; with a Dockerfile, its build context is read and hashed. What base images add is known
 * from earlier builds or, with `asks`, from the engine. Throws (64, 65), and (69) when the engine does not answer.
 */
export async function observeImage(
  workspace: Workspace,
  engine: Engine,
  { image, dockerfile, build, pull, locked, noCache }: ImageOptions,
  { asks }: { readonly asks: boolean },
): Promise<Image> {
  const source = chooseImage(workspace, { image, dockerfile, here: process.cwd() });
  const pins = readPins(workspace.path, { locked, isCi: isCi(process.env) });
  if ("reference" in source) {
    const position = () => (image === undefined ? configuredImagePosition(workspace) : undefined);
    return {
      reference: pins.pin(source.reference, position),
      build: undefined,
      lock: flagless(pins.result(), image),
    };
  }
  const context = await contextWithBases(workspace, engine, source.dockerfile, { asks, pins });
  const when = build === undefined ? "missing" : build ? "always" : "never";
  return {
    reference: tagOf(context),
    build: { context, noCache: noCache === true, pull: pull === "always", when },
    lock: pins.result(),
  };
}

/** An image of the command line is used as it is named: it is no part of the workspace, which the lock file is about. */
function flagless(lock: ImageLock | undefined, flag: string | undefined): ImageLock | undefined {
  return lock === undefined || flag === undefined ? lock : { ...lock, missing: [] };
}

/** When a base image adds something that the Dockerfile does not show, the context is the whole workspace. */
async function contextWithBases(
  workspace: Workspace,
  engine: Engine,
  dockerfile: string,
  { asks, pins }: { readonly asks: boolean; readonly pins: Pins },
): Promise<BuildContext> {
  const contextOptions = {
    builtinIgnores: privatePaths(workspace),
    asFolder: !engine.can.readTar,
    pin: (image: string, { line }: ImageUse) =>
      pins.pin(image, () => ({ file: relative(workspace.path, dockerfile), line, column: 1 })),
  };
  const context = await readBuildContext(workspace.path, dockerfile, contextOptions);
  if (context.wholeContextReason !== undefined) return context;
  const options = { directory: workspace.path, environment: process.env };
  const bases = asks
    ? await inspectBaseImages(engine, context.parsed, options, { refresh: false })
    : rememberedBaseImages(workspace.path);
  const whole = baseImagesReason(context.parsed, bases);
  return whole === undefined
    ? context
    : readBuildContext(workspace.path, dockerfile, { ...contextOptions, whole });
}

/** What never goes into a build context unless a Dockerfile names it. */
function privatePaths({ layout }: Workspace): readonly string[] {
  const { artifactsRoot, logsRoot, privateKey, publicKey } = layout;
  const fixed = [".git", ".polycrate", ".snapshot.yml", "known_hosts", "**/kubeconfig.yml", "**/kubeconfig"];
  return [...fixed, secretsFile, encryptedSecretsFile, artifactsRoot, logsRoot, privateKey, publicKey];
}
