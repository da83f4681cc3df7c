import { type CaptureOptions, tryCapture } from "../host/capture.ts";
import { parseJson } from "../host/json.ts";
import { askEngine } from "./ask.ts";
import type { Engine } from "./engine.ts";
import { registryError } from "./registryErrors.ts";

/** Where the client is started, and what ends it early. */
export type RegistryOptions = Pick<CaptureOptions, "directory" | "environment" | "cancelled">;

/** Pulls may take long, and docker has its own timeouts for a registry that does not answer. In seconds. */
const aDay = 86_400;

/**
 * Pulls an image and returns the digest that its name means in the registry: of the index, if it is one for several platforms,
 * because docker finds only that again without the registry. Throws (125) with the reason, (69) without an engine.
 */
export async function pullImage(
  engine: Engine,
  reference: string,
  options: RegistryOptions,
): Promise<string> {
  const pulled = await tryCapture(engine.pullImage(reference), { ...options, timeout: aDay });
  if (pulled.exitCode !== 0) throw registryError("pull", reference, pulled.stderr);
  const [, printed] = /^Digest: (sha256:[0-9a-f]{64})$/m.exec(pulled.stdout) ?? [];
  const known = await repositoryDigests(engine, reference, options);
  // An image that is the same in several indexes has several digests; only the pull says which one is meant.
  const digest = known.find((one) => one === printed) ?? (known.length === 1 ? known[0] : undefined);
  if (digest === undefined)
    throw registryError("pull", reference, "docker did not print the digest of the image");
  return digest;
}

/** Returns the image's id; undefined when the engine does not have it. Throws (69) when the engine does not respond. */
export async function imageId(
  engine: Engine,
  reference: string,
  options: RegistryOptions,
): Promise<string | undefined> {
  const { exitCode, stdout } = await askEngine(engine, engine.inspectImage("{{.Id}}", [reference]), options);
  return exitCode === 0 ? stdout.trim() : undefined;
}

/** Gives an image another name, or its name back. Throws (69) when the engine does not respond. */
export async function nameImage(
  engine: Engine,
  id: string,
  name: string,
  options: RegistryOptions,
): Promise<void> {
  await askEngine(engine, engine.tagImage(id, name), options);
}

async function repositoryDigests(
  engine: Engine,
  reference: string,
  options: RegistryOptions,
): Promise<readonly string[]> {
  const format = "{{json .RepoDigests}}";
  const { stdout } = await askEngine(engine, engine.inspectImage(format, [reference]), options);
  const digests = parseJson(stdout);
  return (Array.isArray(digests) ? digests : []).map((one) => String(one).replace(/^.*@/, ""));
}
