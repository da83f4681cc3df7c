import { join } from "node:path";
import type { Engine } from "../engine/engine.ts";
import { readLogins } from "../engine/registryLogins.ts";
import type { Arg } from "../host/arg.ts";
import { tryCapture } from "../host/capture.ts";
import { memberAt, parseJson, textAt } from "../host/json.ts";
import type { Host } from "../host/stdio.ts";
import type { DockerFacts, EngineFacts } from "./engineFacts.ts";

/** Reads what `doctor` needs from podman's client, which is its own engine. */
export async function readPodmanFacts(
  { about }: Engine,
  directory: string,
  home: string,
  { environment }: Host,
): Promise<DockerFacts> {
  const { REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR } = environment;
  const runtime = XDG_RUNTIME_DIR ? join(XDG_RUNTIME_DIR, "containers") : join(home, ".config/containers");
  const ask = (args: readonly Arg[]) => tryCapture(args, { directory, environment, timeout: 10 });
  const [bare, info] = await Promise.all([ask(about.client), ask(about.info)]);
  const version = /version ([^\s,]+)/i.exec(bare.stdout)?.[1];
  return {
    program: "podman",
    client: version === undefined ? undefined : { version, api: undefined },
    engine: version === undefined ? undefined : podmanEngineOf(version, parseJson(info.stdout)),
    refusal: info.exitCode === 0 ? bare.stderr.trim() : info.stderr.trim(),
    context: { name: "podman", endpoint: "unix:podman" },
    builder: "engine",
    logins: readLogins(REGISTRY_AUTH_FILE || join(runtime, "auth.json")),
  };
}

function podmanEngineOf(version: string, info: unknown): EngineFacts | undefined {
  const root = textAt(info, "store", "graphRoot");
  if (root === undefined) return undefined;
  const distribution = textAt(info, "host", "distribution", "distribution");
  const parts = [
    distribution === undefined ? [] : [distribution],
    textAt(info, "host", "ociRuntime", "name") ?? [],
    `cgroups ${textAt(info, "host", "cgroupVersion") ?? "unknown"}`,
    `storage ${textAt(info, "store", "graphDriverName") ?? "unknown"}`,
  ];
  return {
    version,
    podman: version,
    api: "",
    minApi: "",
    system: parts.flat().join(", "),
    rootless: memberAt(info, "host", "security", "rootless") === true,
    remapped: false,
    mappedIds: sizeOfRanges(memberAt(info, "host", "idMappings", "uidmap")),
    root,
    cgroups: `${textAt(info, "host", "cgroupVersion") ?? "unknown"}, ${textAt(info, "host", "cgroupManager") ?? "unknown"}`,
    unlimited: unlimitedBy(memberAt(info, "host", "cgroupControllers")),
  };
}

/** Swap is limited by the controller of memory. */
function unlimitedBy(controllers: unknown): EngineFacts["unlimited"] {
  if (!Array.isArray(controllers)) return [];
  const controllerOf = { memory: "memory", swap: "memory", cpus: "cpu", pids: "pids" } as const;
  return (["memory", "swap", "cpus", "pids"] as const).filter(
    (limit) => !controllers.includes(controllerOf[limit]),
  );
}

function sizeOfRanges(ranges: unknown): number | undefined {
  if (!Array.isArray(ranges)) return undefined;
  return ranges.reduce<number>((sum, range) => sum + Number(memberAt(range, "size")), 0);
}
