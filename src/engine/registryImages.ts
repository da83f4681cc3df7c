import { exitCodes, PolycrateError } from "../errors.ts";
import { type CaptureOptions, tryCapture } from "../host/capture.ts";
import { parseJson } from "../host/json.ts";
import { collect, type ProgramInput, startProcess } from "../host/process.ts";
import { askEngine } from "./ask.ts";
import type { Engine } from "./engine.ts";
import { RegistryError, registryError } from "./registryErrors.ts";

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
  assertUsesRegistries(engine);
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

/** As `pullImage`, but undefined when the registry does not have the image. */
export async function findInRegistry(
  engine: Engine,
  reference: string,
  options: RegistryOptions,
): Promise<string | undefined> {
  try {
    return await pullImage(engine, reference, options);
  } catch (error) {
    if (error instanceof RegistryError && error.failure === "missing") return undefined;
    throw error;
  }
}

/** Sends an image to its registry and returns its digest there. Throws as `pullImage` does. */
export async function pushImage(
  engine: Engine,
  reference: string,
  options: RegistryOptions,
): Promise<string> {
  assertUsesRegistries(engine);
  const pushed = await tryCapture(engine.pushImage(reference), { ...options, timeout: aDay });
  if (pushed.exitCode !== 0) throw registryError("push", reference, pushed.stderr);
  const [, digest] = /digest: (sha256:[0-9a-f]{64})/.exec(pushed.stdout) ?? [];
  if (digest === undefined)
    throw registryError("push", reference, "docker did not print the digest of the image");
  return digest;
}

/**
 * Passes the archive of an image to a reader, and returns what it makes of it; when the reader fails, docker is stopped. Throws
 * what the reader throws, and (125) when docker cannot print the image.
 */
export async function saveImage<Result>(
  engine: Engine,
  reference: string,
  { cancelled, ...options }: RegistryOptions,
  read: (archive: AsyncIterable<Uint8Array>) => Promise<Result>,
): Promise<Result> {
  assertUsesRegistries(engine);
  cancelled?.throwIfAborted();
  const running = startProcess(engine.saveImage(reference), { ...options, input: "nothing" });
  const stderr = collect(running.stderr, 65_536);
  const kill = () => running.signal("SIGKILL");
  cancelled?.addEventListener("abort", kill);
  try {
    const result = await read(running.stdout);
    if ((await running.ended) === 0) return result;
  } catch (error) {
    kill();
    await running.ended;
    cancelled?.throwIfAborted();
    if ((await stderr) === "") throw error;
  } finally {
    cancelled?.removeEventListener("abort", kill);
  }
  throw registryError("read", reference, await stderr);
}

/** Makes an image of a tar, which `send` writes and ends. Throws (125) when docker does not take it, and what `send` throws. */
export async function importImage(
  engine: Engine,
  reference: string,
  labels: readonly string[],
  { cancelled, ...options }: RegistryOptions,
  send: (stdin: ProgramInput) => Promise<void>,
): Promise<void> {
  assertUsesRegistries(engine);
  cancelled?.throwIfAborted();
  const running = startProcess(engine.importImage(reference, labels), { ...options, input: "piped" });
  const stderr = collect(running.stderr, 65_536);
  void collect(running.stdout, 65_536);
  const kill = () => running.signal("SIGKILL");
  cancelled?.addEventListener("abort", kill);
  const sending = running.stdin === undefined ? undefined : send(running.stdin);
  const [sent, exit] = await Promise.allSettled([sending, running.ended]);
  cancelled?.removeEventListener("abort", kill);
  cancelled?.throwIfAborted();
  if (sent.status === "rejected") throw sent.reason;
  if (exit.status === "rejected") throw exit.reason;
  if (exit.value !== 0) throw registryError("push", reference, await stderr);
}

/** Returns the size of an image, in bytes; undefined when the engine does not have it. Throws (69) when it does not respond. */
export async function imageSize(
  engine: Engine,
  reference: string,
  options: RegistryOptions,
): Promise<number | undefined> {
  const { exitCode, stdout } = await askEngine(
    engine,
    engine.inspectImage("{{.Size}}", [reference]),
    options,
  );
  return exitCode === 0 ? Number(stdout) : undefined;
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

function assertUsesRegistries({ can, program }: Engine): void {
  if (can.useRegistries) return;
  throw new PolycrateError(`${program} does not print the digests by which registries know images`, {
    hint: "use docker's client for blocks and the lock file: `--engine docker`",
    exitCode: exitCodes.noDocker,
  });
}
