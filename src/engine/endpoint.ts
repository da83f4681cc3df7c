import { statSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { readJson, textAt } from "../host/json.ts";

/** The settings by which docker's client finds its engine. */
export type EngineSettings = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
};

/**
 * True when files that root in a container writes belong to the caller, as with a rootless engine and Docker Desktop: these
 * run as the caller, who then owns their socket. An engine on TCP or ssh does not show this and counts as root's.
 */
export function mapsRootToCaller(settings: EngineSettings, uid: number): boolean {
  const socket = socketOf(settings);
  return uid !== 0 && socket !== undefined && ownerOf(socket) === uid;
}

function socketOf(settings: EngineSettings): string | undefined {
  return /^unix:\/\/(.+)$/.exec(endpointOf(settings))?.[1];
}

const defaultEndpoint = "unix:///var/run/docker.sock";

function endpointOf(settings: EngineSettings): string {
  const { DOCKER_HOST } = settings.environment;
  if (isSet(DOCKER_HOST)) return DOCKER_HOST;
  const context = contextOf(settings);
  if (context === "default") return defaultEndpoint;
  const name = new Bun.CryptoHasher("sha256").update(context).digest("hex");
  const meta = readJson(join(configFolder(settings), "contexts", "meta", name, "meta.json"));
  return endpointIn(meta) ?? defaultEndpoint;
}

/**
 * Returns which engine docker's client goes to: the address in DOCKER_HOST, without a password, else the name of a context.
 * It looks in this order (docker 28.2): DOCKER_HOST, DOCKER_CONTEXT, the chosen context.
 */
export function contextOf(settings: EngineSettings): string {
  const { DOCKER_HOST, DOCKER_CONTEXT } = settings.environment;
  if (isSet(DOCKER_HOST)) return DOCKER_HOST.replace(/^([a-z+]+:\/\/[^/@:]*):[^/]*@/, "$1@");
  if (isSet(DOCKER_CONTEXT)) return DOCKER_CONTEXT;
  const chosen = textAt(readJson(join(configFolder(settings), "config.json")), "currentContext");
  return isSet(chosen) ? chosen : "default";
}

function configFolder({ environment: { DOCKER_CONFIG }, home }: EngineSettings): string {
  return isSet(DOCKER_CONFIG) ? DOCKER_CONFIG : join(home, ".docker");
}

/** Returns the address of the engine in the description of a docker context; undefined when it has none. */
export function endpointIn(context: unknown): string | undefined {
  return textAt(context, "Endpoints", "docker", "Host");
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
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
export function isEngineHere(settings: EngineSettings): boolean {
  const socket = socketOf(settings);
  return (
    process.platform === "linux" &&
    socket !== undefined &&
    !socket.includes("/.docker/desktop/") &&
    !/microsoft/i.test(release()) &&
    Bun.which("docker", { PATH: settings.environment.PATH ?? "" })?.startsWith("/snap/") !== true
  );
}
