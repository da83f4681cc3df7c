import { join, resolve } from "node:path";
import { exitCodes, type FilePosition, PolycrateError } from "../errors.ts";
import { isFile } from "../host/fileStatus.ts";
import type { Workspace } from "../workspace/load.ts";
import { errorAt, positionIn } from "../workspace/poly/polyFile.ts";
import { defaultImage } from "../workspace/poly/schema/container.ts";

/** The source of the image: a reference, or a Dockerfile (absolute path). */
export type ImageSource = { readonly reference: string } | { readonly dockerfile: string };

/** The Dockerfile that is used when it exists, whether it is named or not. */
export const defaultDockerfile = "Dockerfile.poly";

/** The image flags of the command line; the Dockerfile is relative to `here`. */
export type ImageChoice = {
  readonly image: string | undefined;
  readonly dockerfile: string | undefined;
  readonly here: string;
};

/**
 * Returns the image by `--image`, else the Dockerfile, else `config.container.image`, else the default. Throws (64, 65)
 * when a Dockerfile that is set does not exist; the default one is optional. Throws (65) for what would be a flag.
 */
export function chooseImage(workspace: Workspace, { image, dockerfile, here }: ImageChoice): ImageSource {
  if (image !== undefined) return { reference: image };
  if (dockerfile !== undefined) {
    const path = resolve(here, dockerfile);
    if (isFile(path)) return { dockerfile: path };
    throw new PolycrateError(`\`--dockerfile\`: \`${path}\` is not a file`, {
      hint: "correct the path, which is relative to the working directory",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  const config = workspace.settings.config;
  const named = config.container.dockerfile ?? config.dockerfile ?? undefined;
  const path = join(workspace.path, named ?? defaultDockerfile);
  if (isFile(path)) return { dockerfile: path };
  if (named !== undefined && path !== join(workspace.path, defaultDockerfile)) {
    const at = config.container.dockerfile ? ["config", "container", "dockerfile"] : ["config", "dockerfile"];
    const message = `the Dockerfile \`${named}\` does not exist`;
    throw errorAt(workspace.file, at, message, "create it, or remove the setting");
  }
  const reference = configuredReference(workspace) ?? defaultImage;
  if (reference.startsWith("-")) throw notAnImage(workspace, reference);
  return { reference };
}

/** The engine's client would take it for a flag. */
function notAnImage({ settings, file }: Workspace, reference: string): PolycrateError {
  const at = settings.config.container.image ? ["config", "container", "image"] : ["config", "image"];
  return errorAt(
    file,
    at,
    `\`${reference}\` is not a valid image reference`,
    "remove the `-` at its beginning",
  );
}

/** Returns where the settings name the image; undefined when it is the default. */
export function configuredImagePosition({ settings, file }: Workspace): FilePosition | undefined {
  const { container, image } = settings.config;
  if (!container.image && !image) return undefined;
  const at = container.image ? ["config", "container", "image"] : ["config", "image"];
  return positionIn(file, at);
}

/** Returns the image that the settings name, else the default, split at the colon of the tag. */
export function configuredImage(workspace: Workspace): {
  readonly reference: string;
  readonly version: string;
} {
  const image = configuredReference(workspace) ?? defaultImage;
  const colon = image.lastIndexOf(":");
  if (colon <= image.lastIndexOf("/")) return { reference: image, version: "latest" };
  return { reference: image.slice(0, colon), version: image.slice(colon + 1) };
}

function configuredReference({ settings }: Workspace): string | undefined {
  const config = settings.config;
  if (config.container.image) return config.container.image;
  const image = config.image;
  if (typeof image !== "object" || image === null) return image ?? undefined;
  return image.version ? `${image.reference}:${image.version}` : image.reference;
}
