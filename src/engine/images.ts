import type { CaptureOptions } from "../host/capture.ts";
import { parseJson } from "../host/json.ts";
import type { Host } from "../host/stdio.ts";
import { askEngine } from "./ask.ts";
import type { Engine } from "./engine.ts";
import { label } from "./labels.ts";

/** An image that polycrate built for a workspace; `size` is in bytes, with the layers that it shares with others. */
export type WorkspaceImage = {
  readonly id: string;
  readonly references: readonly string[];
  readonly created: Date;
  readonly size: number;
};

/** Returns the images that were built for the workspace, the newest first; none when the engine is not available. */
export async function workspaceImages(
  engine: Engine,
  workspace: string,
  { environment }: Host,
): Promise<readonly WorkspaceImage[]> {
  const options = { directory: workspace, environment };
  const listed = await askEngine(engine, engine.listImages(label("workspace", workspace)), options);
  const ids = [...new Set(listed.stdout.split("\n").filter((line) => line !== ""))];
  if (ids.length === 0) return [];
  const format = "[{{json .Id}},{{json .RepoTags}},{{json .Created}},{{json .Size}}]";
  const { stdout } = await askEngine(engine, engine.inspectImage(format, ids), options);
  // podman writes a list over several lines.
  const listing: readonly ImageFields[] = JSON.parse(`[${stdout.trim().replace(/\]\n+\[/g, "],[")}]`);
  // podman adds this to names without a registry.
  const prefix = engine.program === "podman" ? /^localhost\// : /^$/;
  const images = listing.map((fields) => readImage(fields, prefix));
  return images.sort((a, b) => b.created.getTime() - a.created.getTime());
}

type ImageFields = readonly [string, readonly string[] | null, string, number];

function readImage([id, references, created, size]: ImageFields, prefix: RegExp): WorkspaceImage {
  const names = (references ?? []).map((reference) => reference.replace(prefix, ""));
  return { id, references: names, created: new Date(created), size };
}

/** An image by its id, and as a registry knows it: `REPOSITORY@sha256:…`, undefined when none does. */
export type ImageIdentity = { readonly id: string; readonly digest: string | undefined };

/** Returns which image has the name; undefined when the engine does not have it. Throws (69) when the engine does not respond. */
export async function identifyImage(
  engine: Engine,
  reference: string,
  options: Omit<CaptureOptions, "hint">,
): Promise<ImageIdentity | undefined> {
  const format = "{{.Id}} {{json .RepoDigests}}";
  const { exitCode, stdout } = await askEngine(engine, engine.inspectImage(format, [reference]), options);
  const [, id, digests = ""] = /^(\S+)(?: (.*))?$/s.exec(stdout.trim()) ?? [];
  if (exitCode !== 0 || id === undefined) return undefined;
  return { id: idOfImage(id), digest: repositoryDigest(reference, parseJson(digests)) };
}

/** podman prints an id without its algorithm. */
export function idOfImage(printed: string): string {
  return /^[0-9a-f]{64}$/.test(printed) ? `sha256:${printed}` : printed;
}

/** An image may be known by several repositories: the one of the reference counts first. */
function repositoryDigest(reference: string, digests: unknown): string | undefined {
  const known = Array.isArray(digests) ? digests.filter((one) => typeof one === "string") : [];
  const repository = reference
    .replace(/^(?:(?:index\.)?docker\.io\/)(?:library\/)?/, "")
    .replace(/@.*$/, "")
    .replace(/:[^:/]*$/, "");
  return known.find((one) => one.startsWith(`${repository}@`)) ?? known[0];
}

/** What an image adds to a Dockerfile that builds on it: triggers (`ONBUILD`) and variables (`NAME=value`). */
export type ImageAdditions = { readonly triggers: readonly string[]; readonly variables: readonly string[] };

/** Returns what an image adds; undefined when the engine does not have it. Throws (69) when the engine does not respond. */
export async function inspectAdditions(
  engine: Engine,
  reference: string,
  options: Omit<CaptureOptions, "hint">,
): Promise<ImageAdditions | undefined> {
  const triggersOf = engine.can.tellTriggers ? "{{json .Config.OnBuild}}" : "null";
  const format = `[${triggersOf},{{json .Config.Env}}]`;
  const { exitCode, stdout } = await askEngine(engine, engine.inspectImage(format, [reference]), options);
  if (exitCode !== 0) return undefined;
  const [triggers, variables]: readonly (readonly string[] | null)[] = JSON.parse(stdout);
  return { triggers: triggers ?? [], variables: variables ?? [] };
}
