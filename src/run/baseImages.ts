import type { Engine } from "../engine/engine.ts";
import { inspectAdditions } from "../engine/images.ts";
import type { CaptureOptions } from "../host/capture.ts";
import { createFileUnlessThere, replaceFile } from "../host/files.ts";
import { readOwnText } from "../host/filesBelow.ts";
import type { Dockerfile, Unresolved } from "../image/dockerfile/sources.ts";

/** What a base image adds to a Dockerfile: whether it copies from the context by `ONBUILD`, and the variables it sets. */
export type BaseImage = { readonly copies: boolean; readonly variables: readonly string[] };

/** Base images by their references; those that were not pulled yet are missing. */
export type BaseImages = ReadonlyMap<string, BaseImage>;

const baseImagesFile = ".polycrate/cache/bases.json";

/** Returns what earlier builds of the workspace found out; does not ask the engine. */
export function rememberedBaseImages(workspace: string): BaseImages {
  try {
    const value: unknown = JSON.parse(readOwnText(workspace, baseImagesFile, 1_000_000) ?? "");
    return new Map(Object.entries(value ?? {}).map(([image, base]) => [image, readBase(base)]));
  } catch {
    return new Map();
  }
}

/**
 * Returns what is known about the Dockerfile's base images, asks the engine for the others, and remembers the answers in the
 * workspace, which is the options' directory. Triggers and variables are shown only by `docker image inspect`. A build asks
 * for all (`refresh`), because a tag may have moved. Throws (69) when the engine does not answer, (73).
 */
export async function inspectBaseImages(
  engine: Engine,
  { from }: Dockerfile,
  options: Omit<CaptureOptions, "hint">,
  { refresh }: { readonly refresh: boolean },
): Promise<BaseImages> {
  const workspace = options.directory;
  const known = rememberedBaseImages(workspace);
  const images = new Set(
    from.flatMap(({ kind, image }) => (kind === "image" && image !== undefined ? [image] : [])),
  );
  const asked = [...images].filter((image) => refresh || !known.has(image));
  const answers = await Promise.all(
    asked.map(async (image) => [image, await inspectBase(engine, image, options)] as const),
  );
  const found = answers.flatMap(([image, base]) => (base === undefined ? [] : [[image, base] as const]));
  const all = new Map([...known, ...found]);
  if (found.some(([image, base]) => JSON.stringify(known.get(image)) !== JSON.stringify(base))) {
    createFileUnlessThere(workspace, ".polycrate/.gitignore", "*\n", 0o644);
    replaceFile(workspace, baseImagesFile, `${JSON.stringify(Object.fromEntries(all))}\n`, 0o644);
  }
  return all;
}

/** Returns why the Dockerfile alone does not determine what a build uses of the context; undefined when it does. */
export function baseImagesReason(
  { from, assumptions }: Dockerfile,
  baseImages: BaseImages,
): Unresolved | undefined {
  const copying = from.find(({ image }) => image !== undefined && baseImages.get(image)?.copies === true);
  if (copying !== undefined) {
    return { line: copying.line, reason: `\`${copying.written}\` copies from the context by ONBUILD` };
  }
  const wrong = assumptions.find(
    ({ image, variable }) => baseImages.get(image)?.variables.includes(variable) === true,
  );
  return wrong === undefined
    ? undefined
    : { line: wrong.line, reason: `\`${wrong.image}\` sets \`${wrong.variable}\`` };
}

async function inspectBase(
  engine: Engine,
  image: string,
  options: Omit<CaptureOptions, "hint">,
): Promise<BaseImage | undefined> {
  const added = await inspectAdditions(engine, image, options);
  return added === undefined
    ? undefined
    : {
        copies: added.triggers.some((trigger) => /^(?:COPY|ADD)\s+(?!.*--from=)/i.test(trigger)),
        variables: added.variables.map((variable) => variable.split("=")[0] ?? ""),
      };
}

function readBase(value: unknown): BaseImage {
  if (typeof value !== "object" || value === null) return { copies: false, variables: [] };
  const variables = "variables" in value && Array.isArray(value.variables) ? value.variables.map(String) : [];
  return { copies: "copies" in value && value.copies === true, variables };
}
