import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { askWithin } from "./askWithin.ts";
import type { Host } from "./host.ts";

/** What docker says of itself; undefined is what it does not say, with the reason in `refusal`. */
export type DockerFacts = {
  readonly client: { readonly version: string; readonly api: string } | undefined;
  readonly engine: Engine | undefined;
  /** What the client printed instead of talking of its engine. */
  readonly refusal: string;
  readonly context: { readonly name: string; readonly endpoint: string };
  readonly builder: "buildx" | "engine" | "classic" | "broken";
  readonly logins: Logins;
};

export type Engine = {
  readonly version: string;
  readonly api: string;
  readonly minApi: string;
  readonly system: string;
  readonly rootless: boolean;
  readonly remapped: boolean;
  /** Where the engine keeps images, on its own host. */
  readonly root: string | undefined;
};

/** The registries that docker has an entry for, and the helper programs it asks for passwords. No secret is ever read out. */
export type Logins = { readonly registries: readonly string[]; readonly helpers: readonly string[] };

/** Milliseconds; an engine that answers at all does so in less. */
const patience = 10_000;

/** Asks docker's client all that `doctor` wants to know, at the same time. Without a client on PATH, `client` is undefined. */
export async function readDockerFacts(directory: string, home: string, host: Host): Promise<DockerFacts> {
  const { environment } = host;
  const logins = readLogins(join(environment.DOCKER_CONFIG || join(home, ".docker"), "config.json"));
  const nowhere = { name: "default", endpoint: environment.DOCKER_HOST ?? "" };
  if (Bun.which("docker") === null) {
    return { client: undefined, engine: undefined, refusal: "", context: nowhere, builder: "broken", logins };
  }
  const asked = (...words: readonly string[]) =>
    askWithin(patience, ["docker", ...words], { directory, environment });
  const [version, info, context, buildx] = await Promise.all([
    asked("version", "--format={{json .}}"),
    asked("info", "--format={{json .}}"),
    asked("context", "inspect", "--format={{json .}}"),
    asked("buildx", "version"),
  ]);
  const said = read(versionSchema, version.stdout);
  const client = said?.Client ?? undefined;
  const engine = said?.Server ?? undefined;
  const chosen = read(contextSchema, context.stdout);
  return {
    client: client && { version: client.Version, api: client.ApiVersion },
    engine: engine && engineOf(engine, read(infoSchema, info.stdout)),
    refusal: version.exitCode === 137 ? `no answer within ${patience / 1000} s` : version.stderr.trim(),
    context: chosen === undefined ? nowhere : { name: chosen.Name, endpoint: chosen.Endpoints.docker.Host },
    builder: builderOf(buildx.exitCode === 0, environment.DOCKER_BUILDKIT, client?.Version),
    logins,
  };
}

const versionSchema = v.object({
  Client: v.nullish(v.object({ Version: v.string(), ApiVersion: v.string() })),
  Server: v.nullish(
    v.object({ Version: v.string(), ApiVersion: v.string(), MinAPIVersion: v.optional(v.string(), "") }),
  ),
});

const infoSchema = v.object({
  OperatingSystem: v.optional(v.string(), ""),
  SecurityOptions: v.nullish(v.array(v.string())),
  DockerRootDir: v.optional(v.string(), ""),
});

const contextSchema = v.object({
  Name: v.string(),
  Endpoints: v.object({ docker: v.object({ Host: v.string() }) }),
});

const configSchema = v.object({
  auths: v.nullish(v.record(v.string(), v.unknown())),
  credHelpers: v.nullish(v.record(v.string(), v.string())),
  credsStore: v.nullish(v.string()),
});

function read<const Schema extends v.GenericSchema>(schema: Schema, json: string) {
  const result = v.safeParse(schema, parseJson(json));
  return result.success ? result.output : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function engineOf(
  { Version, ApiVersion, MinAPIVersion }: NonNullable<v.InferOutput<typeof versionSchema>["Server"]>,
  info: v.InferOutput<typeof infoSchema> | undefined,
): Engine {
  const options = info?.SecurityOptions ?? [];
  return {
    version: Version,
    api: ApiVersion,
    minApi: MinAPIVersion,
    system: info?.OperatingSystem ?? "",
    rootless: options.some((option) => option.includes("name=rootless")),
    remapped: options.some((option) => option.includes("name=userns")),
    root: info?.DockerRootDir || undefined,
  };
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

function readLogins(path: string): Logins {
  const config = read(configSchema, textOf(path));
  const helpers = [config?.credsStore ?? "", ...Object.values(config?.credHelpers ?? {})];
  return {
    registries: [...new Set([...Object.keys(config?.auths ?? {}), ...Object.keys(config?.credHelpers ?? {})])],
    helpers: [...new Set(helpers)].filter((name) => name !== ""),
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
