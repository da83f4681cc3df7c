import { readdirSync, statSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { readJson, textAt } from "../host/json.ts";
import type { Endpoint } from "./engine.ts";

/** The settings by which docker's client finds its engine. */
export type EngineSettings = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
};

/**
 * Returns where docker's client goes: to the context of that name, else in this order (docker 28.2) to DOCKER_HOST,
 * DOCKER_CONTEXT, the chosen context. A context that nothing is known of counts as the usual socket.
 */
export function endpointOf(settings: EngineSettings, context?: string): Endpoint {
  const name = context ?? usualName(settings);
  return { context, name: withoutPassword(name), address: withoutPassword(addressOf(settings, name)) };
}

/** Returns the contexts that docker's client knows, sorted; the usual one, `default`, is among them. */
export function contextNames(settings: EngineSettings): readonly string[] {
  const meta = contextsFolder(settings);
  const names = foldersIn(meta).flatMap(
    (one) => textAt(readJson(join(meta, one, "meta.json")), "Name") ?? [],
  );
  return [...new Set(["default", ...names])].sort();
}

/** True for a context that docker's client knows. */
export function hasContext(settings: EngineSettings, name: string): boolean {
  return name === "default" || readContext(settings, name) !== undefined;
}

function usualName(settings: EngineSettings): string {
  const { DOCKER_HOST, DOCKER_CONTEXT } = settings.environment;
  if (isSet(DOCKER_HOST)) return DOCKER_HOST;
  if (isSet(DOCKER_CONTEXT)) return DOCKER_CONTEXT;
  const chosen = textAt(readJson(join(configFolder(settings), "config.json")), "currentContext");
  return isSet(chosen) ? chosen : "default";
}

/** The name is that of a context, or an address itself. The context `default` is what DOCKER_HOST says, too. */
function addressOf(settings: EngineSettings, name: string): string {
  const { DOCKER_HOST } = settings.environment;
  if (isAddress(name)) return name;
  if (name === "default") return isSet(DOCKER_HOST) ? DOCKER_HOST : defaultAddress;
  return endpointIn(readContext(settings, name)) ?? defaultAddress;
}

const defaultAddress = "unix:///var/run/docker.sock";

/** The name of a context has no colon. */
function isAddress(name: string): boolean {
  return name.includes(":");
}

function withoutPassword(address: string): string {
  return address.replace(/^([a-z+]+:\/\/[^/@:]*):[^/]*@/, "$1@");
}

function readContext(settings: EngineSettings, name: string): unknown {
  const id = new Bun.CryptoHasher("sha256").update(name).digest("hex");
  return readJson(join(contextsFolder(settings), id, "meta.json"));
}

function contextsFolder(settings: EngineSettings): string {
  return join(configFolder(settings), "contexts", "meta");
}

function configFolder({ environment: { DOCKER_CONFIG }, home }: EngineSettings): string {
  return isSet(DOCKER_CONFIG) ? DOCKER_CONFIG : join(home, ".docker");
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Returns the address of the engine in the description of a docker context; undefined when it has none. */
export function endpointIn(context: unknown): string | undefined {
  return textAt(context, "Endpoints", "docker", "Host");
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}

/** True for an engine that is reached over a network, through which no file can be mounted. */
export function isFarAway({ address }: Endpoint): boolean {
  return /^(?:ssh|tcp|https?):\/\//.test(address);
}

/**
 * True when files that root in a container writes belong to the caller, as with a rootless engine and Docker Desktop: these
 * run as the caller, who then owns their socket. An engine on TCP or ssh does not show this and counts as root's.
 */
export function mapsRootToCaller(endpoint: Endpoint, uid: number): boolean {
  const socket = socketOf(endpoint);
  return uid !== 0 && socket !== undefined && ownerOf(socket) === uid;
}

/** Returns the path of the socket at the endpoint; undefined for an engine that has none. */
export function socketOf({ address }: Endpoint): string | undefined {
  return /^unix:\/\/(.+)$/.exec(address)?.[1];
}

function ownerOf(path: string): number | undefined {
  try {
    return statSync(path).uid;
  } catch {
    return undefined;
  }
}

/**
 * True when the engine sees all of this machine's files. Docker Desktop's runs in a virtual machine that only has this machine's homes;
 * under WSL it runs in another distribution; one from a snap only sees homes.
 */
export function isEngineHere(endpoint: Endpoint, { environment }: EngineSettings): boolean {
  const socket = socketOf(endpoint);
  return (
    process.platform === "linux" &&
    socket !== undefined &&
    !socket.includes("/.docker/desktop/") &&
    !/microsoft/i.test(release()) &&
    Bun.which("docker", { PATH: environment.PATH ?? "" })?.startsWith("/snap/") !== true
  );
}
