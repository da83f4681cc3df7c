import { askEngine } from "../engine/ask.ts";
import type { Engine } from "../engine/engine.ts";
import { serverError, serverKey } from "../engine/server.ts";
import { parseJson } from "../host/json.ts";
import { cacheFolder, readPrivateFile, writePrivateFile } from "../host/privateFolder.ts";
import { reported } from "./client.ts";
import type { ExecutionContext } from "./context.ts";

/**
 * Throws (69) when the server behind the engine's client cannot run actions. It is asked once: that it can is kept in the
 * caller's cache, by its address and socket. A server that does not answer is left to the command that needs it.
 */
export async function checkServer(
  engine: Engine,
  directory: string,
  context: ExecutionContext,
): Promise<void> {
  const { about, endpoint } = engine;
  if (about.server === undefined) return;
  const key = serverKey(endpoint, context.host.now());
  if (key === undefined) return;
  const { host, cancellation } = context;
  const cache = cacheFolder(host.environment, process.getuid?.() ?? 0);
  const folder = cache && { ...cache, path: `${cache.path}/engines` };
  const name = new Bun.CryptoHasher("sha256").update(`${engine.program} ${key}`).digest("hex");
  if (folder !== undefined && readPrivateFile(folder, name, most) !== undefined) return;
  const words = about.server;
  const { environment } = host;
  const { exitCode, stdout } = await reported(words, context, () =>
    askEngine(engine, words, { directory, environment, cancelled: cancellation.signal }),
  );
  const components = parseJson(stdout);
  const error = serverError(components);
  if (error !== undefined) throw error;
  if (exitCode !== 0 || !Array.isArray(components) || folder === undefined) return;
  writePrivateFile(folder, name, Buffer.from(stdout.slice(0, most)), { files: 100, bytes: 100 * most });
}

/** The most bytes that are kept of an answer. */
const most = 4096;
