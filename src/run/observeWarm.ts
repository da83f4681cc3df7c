import { mountsOfFlags } from "../engine/flags/flagMounts.ts";
import { fileStatus } from "../host/fileStatus.ts";
import { readText } from "../host/read.ts";
import type { ContainerFacts, WarmFacts } from "../plan/hostFacts.ts";

/**
 * Returns what a container that is kept would not see change. A file or folder that is replaced stays what it was in a mount,
 * and docker copies the host's resolver when it makes a container.
 */
export function observeWarm(
  workspace: string,
  { files, extraMounts, mountFlags, flags }: ContainerFacts,
): WarmFacts {
  const { privateKey, publicKey, knownHosts, agent } = files;
  const sources = [
    ...[workspace, privateKey?.path, publicKey, knownHosts, agent, "/var/run/docker.sock"],
    ...[...extraMounts, ...mountFlags, ...mountsOfFlags(flags)].map(({ source }) => source),
  ].filter((source) => source !== undefined);
  return {
    inodes: sources.map((source) => {
      const status = fileStatus(source);
      return status === undefined ? source : `${source} ${status.dev}:${status.ino}`;
    }),
    resolver: readText("/etc/resolv.conf", 65_536) ?? "",
  };
}
