import { dockerClient } from "./docker.ts";
import { type EngineSettings, endpointOf, isEngineHere, isFarAway, mapsRootToCaller } from "./endpoint.ts";
import type { Engine } from "./engine.ts";

/** What decides on an engine beside the client's own settings. */
export type EngineChoice = {
  /** A context by its name; undefined for the one that the client would choose. */
  readonly context?: string | undefined;
  /** Whether files are mounted or copied; undefined: copied to an engine that is reached over a network. */
  readonly delivery?: "mount" | "copy" | undefined;
};

/** Returns the engine that the settings of its client and the choice mean, for a caller with that uid. */
export function chooseEngine(settings: EngineSettings, uid: number, choice: EngineChoice = {}): Engine {
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
