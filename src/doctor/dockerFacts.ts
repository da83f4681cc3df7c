import { join } from "node:path";
import { endpointIn } from "../engine/endpoint.ts";
import type { Engine } from "../engine/engine.ts";
import { readLogins } from "../engine/registryLogins.ts";
import { podmanVersion } from "../engine/server.ts";
import type { Arg } from "../host/arg.ts";
import { tryCapture } from "../host/capture.ts";
import { memberAt, parseJson, textAt } from "../host/json.ts";
import type { Host } from "../host/stdio.ts";
import type { DockerFacts, EngineFacts } from "./engineFacts.ts";
import { readPodmanFacts } from "./podmanFacts.ts";

/** In seconds; a working engine responds faster. */
const timeout = 10;

/** Reads everything that `doctor` needs from docker's client, in parallel. Without a client on PATH, `client` is undefined. */
export async function readDockerFacts(
  engine: Engine,
  directory: string,
  home: string,
  host: Host,
): Promise<DockerFacts> {
  if (engine.program === "podman" && Bun.which("podman") !== null) {
    return readPodmanFacts(engine, directory, home, host);
  }
  const { program } = engine;
  const { environment } = host;
  const logins = readLogins(join(environment.DOCKER_CONFIG || join(home, ".docker"), "config.json"));
  const noContext = { name: "default", endpoint: environment.DOCKER_HOST ?? "" };
  if (Bun.which(engine.program) === null) {
    return {
      program,
      client: undefined,
      engine: undefined,
      refusal: "",
      context: noContext,
      builder: "broken",
      logins,
    };
  }
  const { about } = engine;
  const ask = (args: readonly Arg[]) => tryCapture(args, { directory, environment, timeout });
  const [bare, version, info, context, buildx] = await Promise.all([
    ask(about.client),
    ask(about.version),
    ask(about.info),
    ask(about.context),
    ask(about.buildx),
  ]);
  const versions = parseJson(version.stdout);
  // When the engine hangs, only `--version` answers.
  const client = textAt(versions, "Client", "Version") ?? /version ([^\s,]+)/i.exec(bare.stdout)?.[1];
  return {
    program,
    client: client === undefined ? undefined : { version: client, api: apiOf(versions) },
    engine: engineOf(versions, parseJson(info.stdout)),
    refusal: version.exitCode === 137 ? `no answer within ${timeout} s` : version.stderr.trim(),
    context: dockerContext(parseJson(context.stdout)) ?? noContext,
    builder: builderOf(buildx.exitCode === 0, environment.DOCKER_BUILDKIT, client),
    logins,
  };
}

/** The newest API of the client; older clients report only the one negotiated with the engine. */
function apiOf(versions: unknown): string | undefined {
  return textAt(versions, "Client", "DefaultAPIVersion") ?? textAt(versions, "Client", "ApiVersion");
}

function engineOf(versions: unknown, info: unknown): EngineFacts | undefined {
  const version = textAt(versions, "Server", "Version");
  if (version === undefined) return undefined;
  const options = memberAt(info, "SecurityOptions");
  const isOn = (name: string) =>
    Array.isArray(options) && options.some((option) => String(option).includes(`name=${name}`));
  return {
    version,
    podman: podmanVersion(memberAt(memberAt(versions, "Server"), "Components")),
    api: textAt(versions, "Server", "ApiVersion") ?? "?",
    minApi: textAt(versions, "Server", "MinAPIVersion") ?? "",
    system: textAt(info, "OperatingSystem") ?? "",
    rootless: isOn("rootless"),
    remapped: isOn("userns"),
    mappedIds: undefined,
    root: textAt(info, "DockerRootDir"),
    ...cgroupsOf(info),
  };
}

/** Rootless without delegated control groups, the driver is `none`, whatever else the engine reports (docker 20.10 to 28). */
function cgroupsOf(info: unknown): Pick<EngineFacts, "cgroups" | "unlimited"> {
  const driver = textAt(info, "CgroupDriver") ?? "";
  const version = textAt(info, "CgroupVersion");
  const isOff = (key: string) => driver === "none" || memberAt(info, key) === false;
  const keys = { memory: "MemoryLimit", swap: "SwapLimit", cpus: "CpuCfsQuota", pids: "PidsLimit" } as const;
  return {
    cgroups: [...(version === undefined ? [] : [`v${version}`]), driver].join(", "),
    unlimited: (["memory", "swap", "cpus", "pids"] as const).filter((limit) => isOff(keys[limit])),
  };
}

function dockerContext(chosen: unknown): DockerFacts["context"] | undefined {
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
  const isOn = buildkit === "1" || buildkit === "true";
  const isOff = buildkit === "0" || buildkit === "false";
  if (buildx && !isOff && (isNew || isOn)) return "buildx";
  if (isOn) return isNew ? "broken" : "engine";
  return "classic";
}
