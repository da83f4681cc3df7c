import { chmodSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { type CallOptions, call, executable, type Folder, makeFolder, type Result } from "./harness.ts";

/** The folder of the rootless engine that the set-up script starts; undefined without one, and for others than root. */
const folderOfEngine = process.getuid?.() === 0 ? process.env.POLYCRATE_ROOTLESS_ENGINE : undefined;

export const hasRootlessEngine = folderOfEngine !== undefined && folderOfEngine !== "";

/** The user of the engine. */
export const rootlessUid = 54_321;

/** A folder of the user of a rootless engine, who runs polycrate in it. */
export type RootlessFolder = Folder & {
  readonly polycrate: (...words: readonly string[]) => Promise<Result>;
  readonly as: (words: readonly string[], options?: CallOptions) => Promise<Result>;
  /** The command as that user, in the folder. */
  readonly words: (words: readonly string[]) => string[];
  /** What the user's own `docker` prints. */
  readonly docker: (...words: readonly string[]) => Promise<string>;
};

/** Makes a folder with these files that the user of the engine owns. */
export async function makeRootlessFolder(files: Readonly<Record<string, string>>): Promise<RootlessFolder> {
  const folder = makeFolder(files);
  chmodSync(dirname(folder.path), 0o755);
  await call(["chown", "-R", `${rootlessUid}:${rootlessUid}`, folder.path]);
  const words = (command: readonly string[]) => [...asUser(folder.path), ...command];
  const as = (command: readonly string[], options?: CallOptions) => call(words(command), options);
  return {
    ...folder,
    words,
    as,
    polycrate: (...args) => as([executable, ...args]),
    docker: async (...args) => (await as(["docker", ...args])).stdout,
  };
}

/** The user exists only in the namespace. The shell there changes to the folder, which entering the namespace has left. */
function asUser(path: string): readonly string[] {
  const engine = folderOfEngine ?? "";
  const pid = readFileSync(`${engine}/pid`, "utf8").trim();
  const environment = [
    ...[`HOME=${engine}/home`, "USER=polycrate-tester", "LOGNAME=polycrate-tester"],
    ...[
      `DOCKER_HOST=unix://${engine}/run/docker.sock`,
      `XDG_CACHE_HOME=${path}/../cache`,
      "TOKEN=s3cret value",
    ],
  ];
  return [
    ...[
      "nsenter",
      `--mount=/proc/${pid}/ns/mnt`,
      "setpriv",
      `--reuid=${rootlessUid}`,
      `--regid=${rootlessUid}`,
    ],
    ...["--clear-groups", "env", ...environment, "sh", "-c", 'cd "$0" && exec "$@"', path],
  ];
}
