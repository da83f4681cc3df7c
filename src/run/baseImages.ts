import type { Engine } from "../engine/engine.ts";
import { inspectAdditions } from "../engine/images.ts";
import { createFileUnlessThere, replaceFile } from "../host/files.ts";
import { readOwnText } from "../host/filesBelow.ts";
import type { Host } from "../host/stdio.ts";
import type { Dockerfile, Unresolved } from "../image/dockerfile/sources.ts";

/** What a base image adds to a Dockerfile: whether it copies from the context by `ONBUILD`, and the variables it sets. */
export type BaseImage = { readonly copies: boolean; readonly variables: readonly string[] };

/** Base images by their references; one that is not here yet is not in it. */
export type BaseKnowledge = ReadonlyMap<string, BaseImage>;

const knowledgeFile = ".polycrate/cache/bases.json";

/** Returns what earlier builds of the workspace learned; asks nothing. */
export function rememberedBases(workspace: string): BaseKnowledge {
  try {
    const value: unknown = JSON.parse(readOwnText(workspace, knowledgeFile, 1_000_000) ?? "");
    return new Map(Object.entries(value ?? {}).map(([image, base]) => [image, readBase(base)]));
  } catch {
    return new Map();
  }
}

/**
 * Returns what is known of the Dockerfile's base images, asking docker for those that are not known, and remembers it.
 * Triggers and variables show only in `docker image inspect`; a build asks `anew`, because a tag may have moved.
 */
export async function learnBases(
  engine: Engine,
  workspace: string,
  { from }: Dockerfile,
  host: Host,
  anew: boolean,
): Promise<BaseKnowledge> {
  const known = rememberedBases(workspace);
  const images = new Set(
    from.flatMap(({ kind, image }) => (kind === "image" && image !== undefined ? [image] : [])),
  );
  const asked = [...images].filter((image) => anew || !known.has(image));
  const answers = await Promise.all(
    asked.map(async (image) => [image, await inspectBase(engine, workspace, image, host)] as const),
  );
  const learned = answers.flatMap(([image, base]) => (base === undefined ? [] : [[image, base] as const]));
  const knowledge = new Map([...known, ...learned]);
  if (learned.some(([image, base]) => JSON.stringify(known.get(image)) !== JSON.stringify(base))) {
    createFileUnlessThere(workspace, ".polycrate/.gitignore", "*\n", 0o644);
    replaceFile(workspace, knowledgeFile, `${JSON.stringify(Object.fromEntries(knowledge))}\n`, 0o644);
  }
  return knowledge;
}

/** Returns why the Dockerfile alone does not tell what a build takes from the context; undefined when it does. */
export function reasonInBases(
  { from, assumptions }: Dockerfile,
  knowledge: BaseKnowledge,
): Unresolved | undefined {
  const copying = from.find(({ image }) => image !== undefined && knowledge.get(image)?.copies === true);
  if (copying !== undefined) {
    return { line: copying.line, reason: `\`${copying.written}\` copies from the context by ONBUILD` };
  }
  const wrong = assumptions.find(
    ({ image, variable }) => knowledge.get(image)?.variables.includes(variable) === true,
  );
  return wrong === undefined
    ? undefined
    : { line: wrong.line, reason: `\`${wrong.image}\` sets \`${wrong.variable}\`` };
}

async function inspectBase(
  engine: Engine,
  workspace: string,
  image: string,
  { environment, cancelled }: Host,
): Promise<BaseImage | undefined> {
  const added = await inspectAdditions(engine, image, { directory: workspace, environment, cancelled });
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
