import { chmodSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type CallOptions, call, executable, type Folder, makeFolder, type Result } from "./harness.ts";

/** A user without an entry in the host's passwd, in the group of the engine's socket (if there is one) and in one group more. */
export const ordinary = { uid: 54_321, gid: 54_321, group: 54_400 };

/** A folder of an ordinary user, who runs polycrate in it. */
export type OrdinaryFolder = Folder & {
  /** Gives all that is in the folder to the user. */
  readonly own: () => Promise<void>;
  /** Paths that do not belong to the user. */
  readonly foreign: () => Promise<readonly string[]>;
  readonly as: (words: readonly string[], options?: CallOptions) => Promise<Result>;
};

/** Makes a folder that an ordinary user owns, with these files. */
export async function makeOrdinaryFolder(files: Readonly<Record<string, string>>): Promise<OrdinaryFolder> {
  const folder = makeFolder(files);
  const own = async () => void (await call(["chown", "-R", `${ordinary.uid}:${ordinary.gid}`, folder.path]));
  chmodSync(dirname(folder.path), 0o755);
  await own();
  return {
    ...folder,
    own,
    as: (words, options) =>
      call([...asOrdinary(), ...words], {
        ...options,
        directory: folder.path,
        env: { HOME: "/tmp", USER: "tester", ...options?.env },
      }),
    foreign: async () => {
      const { stdout } = await call(["find", folder.path, "!", "-user", String(ordinary.uid)]);
      return stdout.split("\n").filter((line) => line !== "");
    },
  };
}

/** Words to put before a command. */
export function asOrdinary(): readonly string[] {
  const socket = (process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock").replace(/^unix:\/\//, "");
  const { uid, gid, group } = ordinary;
  const groups = [statSync(socket, { throwIfNoEntry: false })?.gid ?? gid, group];
  return ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, `--groups=${groups.join(",")}`];
}

/** `polycrate` as it is tested, for `as`. */
export function polycrate(...words: readonly string[]): readonly string[] {
  return [executable, ...words];
}
