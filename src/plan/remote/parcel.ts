import { secretsFile } from "../../workspace/secrets/secretsFile.ts";
import type { Container } from "../container.ts";
import { keyIn } from "../user/ssh.ts";
import type { Parcel } from "./steps.ts";

/** Returns what the container is sent: what it would find by its mounts, at the same places. */
export function parcelOf(container: Container, workspace: string): Parcel {
  const { mounts, user, hiddenFolders, tmpfs, privateKey } = container;
  const root = mounts.find(({ source }) => source === workspace)?.target ?? "";
  const key = keyIn(user.home);
  const sshFolder = `${user.home}/.ssh`;
  const homes = [...new Set([...tmpfs, ...(privateKey === undefined ? [] : [sshFolder])])];
  return {
    workspace: inArchive(root),
    stays: staysOf(container, root),
    folders: [
      ...homes.map((path) => ({ to: inArchive(path), mode: 0o700 })),
      ...hiddenFolders.map((path) => ({ to: inArchive(path), mode: 0o755 })),
    ],
    files: mounts
      .filter(({ source }) => source !== workspace)
      .map(({ source, target }) => ({
        from: source,
        to: inArchive(target),
        // ssh refuses a key that others could read.
        mode: target === key ? 0o600 : undefined,
      })),
    owner: { uid: user.uid, gid: user.gid },
  };
}

/** Polycrate's own folders, the file that the snapshot is mounted over, and the secrets, which the snapshot has. */
function staysOf({ hiddenFolders, paths }: Container, root: string): readonly string[] {
  const own = [...hiddenFolders, paths.snapshotInContainer].map((path) => path.slice(root.length + 1));
  return [...own, secretsFile];
}

/** Paths in an archive have no slash before them. */
function inArchive(path: string): string {
  return path.replace(/^\/+/, "");
}
