import type { ClientProgram } from "../engine/engine.ts";
import type { Logins } from "../engine/registryLogins.ts";

/** What docker reports about itself; what it does not report is undefined, with the reason in `refusal`. */
export type DockerFacts = {
  readonly program: ClientProgram;
  readonly client: { readonly version: string; readonly api: string | undefined } | undefined;
  readonly engine: EngineFacts | undefined;
  /** What the client printed when it could not reach its engine. */
  readonly refusal: string;
  readonly context: { readonly name: string; readonly endpoint: string };
  readonly builder: "buildx" | "engine" | "classic" | "broken";
  readonly logins: Logins;
};

/** What a responding engine reports about itself. */
export type EngineFacts = {
  readonly version: string;
  /** The version of a podman that answers in docker's place. */
  readonly podman: string | undefined;
  readonly api: string;
  readonly minApi: string;
  readonly system: string;
  readonly rootless: boolean;
  readonly remapped: boolean;
  /** How many user ids a rootless engine maps, where it tells. */
  readonly mappedIds: number | undefined;
  /** Where the engine keeps images, on its own host. */
  readonly root: string | undefined;
  /** Its control groups: `v1, cgroupfs`, and the limits of containers that it cannot enforce. */
  readonly cgroups: string;
  readonly unlimited: readonly ("memory" | "swap" | "cpus" | "pids")[];
};
