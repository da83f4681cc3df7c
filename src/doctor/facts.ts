import { join } from "node:path";
import { endpointIn } from "../engine/endpoint.ts";
import type { Engine } from "../engine/engine.ts";
import { type Logins, readLogins } from "../engine/registryLogins.ts";
import type { Arg } from "../host/arg.ts";
import { tryCapture } from "../host/capture.ts";
import { parseJson, textAt, valueAt } from "../host/json.ts";
import type { Host } from "../host/stdio.ts";

/** What docker says of itself; undefined is what it does not say, with the reason in `refusal`. */
export type DockerFacts = {
  readonly client: { readonly version: string; readonly api: string | undefined } | undefined;
  readonly engine: EngineFacts | undefined;
  /** What the client printed instead of talking of its engine. */
  readonly refusal: string;
  readonly context: { readonly name: string; readonly endpoint: string };
  readonly builder: "buildx" | "engine" | "classic" | "broken";
  readonly logins: Logins;
};

/** What an engine that answers says of itself. */
export type EngineFacts = {
  readonly version: string;
  readonly api: string;
  readonly minApi: string;
  readonly system: string;
  readonly rootless: boolean;
  readonly remapped: boolean;
  /** Where the engine keeps images, on its own host. */
  readonly root: string | undefined;
};

/** In seconds; an engine that answers at all does so in less. */
const timeout = 10;

/** Asks docker's client all that `doctor` wants to know, at the same time. Without a client on PATH, `client` is undefined. */
export async function readDockerFacts(
  engine: Engine,
  directory: string,
  home: string,
  host: Host,
): Promise<DockerFacts> {
  const { environment } = host;
  const logins = readLogins(join(environment.DOCKER_CONFIG || join(home, ".docker"), "config.json"));
  const nowhere = { name: "default", endpoint: environment.DOCKER_HOST ?? "" };
  if (Bun.which(engine.program) === null) {
    return { client: undefined, engine: undefined, refusal: "", context: nowhere, builder: "broken", logins };
  }
  const { about } = engine;
  const asked = (words: readonly Arg[]) => tryCapture(words, { directory, environment, timeout });
  const [bare, version, info, context, buildx] = await Promise.all([
    asked(about.client),
    asked(about.version),
    asked(about.info),
    asked(about.context),
    asked(about.buildx),
  ]);
  const said = parseJson(version.stdout);
  // With an engine that hangs, only the shorter answer comes.
  const client = textAt(said, "Client", "Version") ?? /version ([^\s,]+)/i.exec(bare.stdout)?.[1];
  return {
    client: client === undefined ? undefined : { version: client, api: apiOf(said) },
    engine: engineOf(said, parseJson(info.stdout)),
    refusal: version.exitCode === 137 ? `no answer within ${timeout} s` : version.stderr.trim(),
    context: contextOf(parseJson(context.stdout)) ?? nowhere,
    builder: builderOf(buildx.exitCode === 0, environment.DOCKER_BUILDKIT, client),
    logins,
  };
}

/** The newest that the client speaks; older clients say only what they have agreed upon with the engine. */
function apiOf(said: unknown): string | undefined {
  return textAt(said, "Client", "DefaultAPIVersion") ?? textAt(said, "Client", "ApiVersion");
}

function engineOf(said: unknown, info: unknown): EngineFacts | undefined {
  const version = textAt(said, "Server", "Version");
  if (version === undefined) return undefined;
  const options = valueAt(info, "SecurityOptions");
  const isOn = (name: string) =>
    Array.isArray(options) && options.some((option) => String(option).includes(`name=${name}`));
  return {
    version,
    api: textAt(said, "Server", "ApiVersion") ?? "?",
    minApi: textAt(said, "Server", "MinAPIVersion") ?? "",
    system: textAt(info, "OperatingSystem") ?? "",
    rootless: isOn("rootless"),
    remapped: isOn("userns"),
    root: textAt(info, "DockerRootDir"),
  };
}

function contextOf(chosen: unknown): DockerFacts["context"] | undefined {
  const [name, endpoint] = [textAt(chosen, "Name"), endpointIn(chosen)];
  return name === undefined || endpoint === undefined ? undefined : { name, endpoint };
}

/** From version 23 on the client builds with buildx; without it, DOCKER_BUILDKIT=1 breaks every build. */
function builderOf(
  buildx: boolean,
  buildkit: string | undefined,
  version: string | undefined,
): DockerFacts["builder"] {
  const isNew = Number.parseInt(version ?? "", 10) >= 23;
  const isWanted = buildkit === "1" || buildkit === "true";
  const isRefused = buildkit === "0" || buildkit === "false";
  if (buildx && !isRefused && (isNew || isWanted)) return "buildx";
  if (isWanted) return isNew ? "broken" : "engine";
  return "classic";
}
