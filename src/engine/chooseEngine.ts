import { exitCodes, PolycrateError, printable } from "../errors.ts";
import { dockerClient } from "./docker.ts";
import { type EngineSettings, endpointOf, isEngineHere, isFarAway, mapsRootToCaller } from "./endpoint.ts";
import { type ClientProgram, clientPrograms, type Engine } from "./engine.ts";
import { podmanClient } from "./podman.ts";

/** What decides on an engine beside the client's own settings. */
export type EngineChoice = {
  /** The client's program; docker if left out. */
  readonly program?: ClientProgram | undefined;
  /** A context by its name; undefined for the one that the client would choose. */
  readonly context?: string | undefined;
  /** Whether files are mounted or copied; undefined: copied to an engine that is reached over a network. */
  readonly delivery?: "mount" | "copy" | undefined;
};

/** Returns the engine that the settings of its client and the choice mean, for a caller with that uid. */
export function chooseEngine(settings: EngineSettings, uid: number, choice: EngineChoice = {}): Engine {
  if (choice.program === "podman") return podmanEngine(uid);
  const endpoint = endpointOf(settings, choice.context);
  const copies = choice.delivery === undefined ? isFarAway(endpoint) : choice.delivery === "copy";
  return {
    ...dockerClient(choice.context),
    endpoint,
    kind: copies ? "remote" : "local",
    isHere: !copies && isEngineHere(endpoint, settings),
    mapsRootToCaller: !copies && mapsRootToCaller(endpoint, uid),
  };
}

/** Returns the client that POLYCRATE_ENGINE names, else docker, or podman where only that is there. Throws (64). */
export function programOf({
  POLYCRATE_ENGINE: variable = "",
  PATH = "",
}: EngineSettings["environment"]): ClientProgram {
  const has = (program: ClientProgram) => Bun.which(program, { PATH }) !== null;
  if (variable === "") return !has("docker") && has("podman") ? "podman" : "docker";
  const known = clientPrograms.find((program) => program === variable);
  if (known !== undefined) return known;
  throw new PolycrateError(`POLYCRATE_ENGINE: expected docker or podman, not \`${printable(variable)}\``, {
    hint: "unset it, or set it to one of them",
    exitCode: exitCodes.wrongCommandLine,
  });
}

/** podman runs containers as its caller, so root in them is the caller. */
function podmanEngine(uid: number): Engine {
  return {
    ...podmanClient,
    endpoint: { context: undefined, name: "podman", address: "podman" },
    kind: "local",
    isHere: process.platform === "linux",
    mapsRootToCaller: uid !== 0,
  };
}
