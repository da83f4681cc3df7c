import { relative } from "node:path";
import { exitCodes, type FilePosition, PolycrateError } from "../errors.ts";
import { findDockerfile, readSmallFile } from "../image/dockerfile/findDockerfile.ts";
import { imageUses } from "../image/dockerfile/imageUses.ts";
import { chooseImage, configuredImagePosition } from "../image/imageSource.ts";
import { isImageReference } from "../workspace/lint/lintImage.ts";
import type { Workspace } from "../workspace/load.ts";
import { isPinned } from "./reference.ts";

/** Something that a workspace names and a lock file should have, and where it is named first; undefined for a default. */
export type Wanted = { readonly name: string; readonly position: FilePosition | undefined };

/**
 * Returns the images that runs of the workspace use, once each: those of its Dockerfile, else its image. Those that are named by
 * their content are left out. Throws (65) for a name that is not valid, or that the Dockerfile does not determine.
 */
export function wantedImages(workspace: Workspace): readonly Wanted[] {
  const source = chooseImage(workspace, { image: undefined, dockerfile: undefined, here: workspace.path });
  const named =
    "reference" in source
      ? [{ name: source.reference, position: configuredImagePosition(workspace) }]
      : imagesOfDockerfile(workspace.path, source.dockerfile);
  const wanted = named.filter(
    ({ name }, index) => !isPinned(name) && named.findIndex((one) => one.name === name) === index,
  );
  for (const { name, position } of wanted) assertReference(name, position);
  return wanted;
}

function imagesOfDockerfile(root: string, dockerfile: string): readonly Wanted[] {
  const { source } = findDockerfile(root, dockerfile);
  const file = relative(root, dockerfile);
  return imageUses(readSmallFile(source).toString()).map(({ image, written, line }) => {
    const position = { file, line, column: 1 };
    if (image !== undefined) return { name: image, position };
    throw new PolycrateError(`the Dockerfile does not determine the image \`${written}\``, {
      hint: "give its `ARG` a default before the first `FROM`",
      exitCode: exitCodes.invalidWorkspace,
      position,
    });
  });
}

function assertReference(name: string, position: FilePosition | undefined): void {
  if (isImageReference(name)) return;
  throw new PolycrateError(`\`${name}\` is not a valid image reference`, {
    hint: "write it as `registry.example.com/team/image:1.2`, in lower case",
    exitCode: exitCodes.invalidWorkspace,
    position,
  });
}
