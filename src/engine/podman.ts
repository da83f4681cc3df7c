import { commandsOf, type Dialect } from "./docker.ts";
import type { EngineClient } from "./engine.ts";

/** podman's names of mount options (4.3): a folder in memory is given to the container's user by `U`. */
const dialect: Dialect = {
  tmpfs: ({ path }) => `--tmpfs=${path}:mode=0700,exec,U,notmpcopyup`,
  // Without the second it begins with what is there, which it is to hide.
  readonlyTmpfs: ["ro", "notmpcopyup"],
};

/** podman's own client, 4.3 and later, which runs containers itself: no server is asked. */
export const podmanClient: EngineClient = {
  ...commandsOf(["podman"], dialect),
  program: "podman",
  can: {
    labelCaches: false,
    keepWarm: false,
    useRegistries: false,
    tellTriggers: false,
    signalAtTerminal: false,
    readTar: false,
  },
  // podman would first wait ten seconds for the container to end.
  removeContainer: (name) => ["podman", "rm", "--force", "--time=0", name],
  about: {
    client: ["podman", "--version"],
    version: ["podman", "version", "--format=json"],
    server: undefined,
    info: ["podman", "info", "--format=json"],
    context: ["podman", "system", "connection", "list", "--format=json"],
    buildx: ["podman", "buildx", "version"],
  },
};
