import { dockerClient } from "../../src/engine/docker.ts";
import type { Engine } from "../../src/engine/engine.ts";

/** An engine of this machine, by the socket that docker usually has. */
export const docker: Engine = {
  ...dockerClient(undefined),
  endpoint: { context: undefined, name: "default", address: "unix:///var/run/docker.sock" },
  kind: "local",
  isHere: true,
  mapsRootToCaller: false,
};

/** An engine of another machine, by a context. */
export const farDocker: Engine = {
  ...dockerClient("far"),
  endpoint: { context: "far", name: "far", address: "ssh://anna@far" },
  kind: "remote",
  isHere: false,
  mapsRootToCaller: false,
};
