import { hostname } from "node:os";
import { largestText, readText } from "../../host/read.ts";

/**
 * A process that looks after a run. Its start tells it from a later process with the same number: on Linux the boot's id
 * and the ticks since then (field 22 of /proc/PID/stat, proc(5)); elsewhere it is empty.
 */
export type Owner = { readonly host: string; readonly pid: number; readonly start: string };

/** The file in a run's folder that names its owner. */
export const ownerFile = "owner";

/** Files of that beginning, in the same folder, name the docker clients that the run started. */
export const clientFilePrefix = "client-";

/** The most bytes of a file that names an owner: a host, two numbers and a boot. */
export const ownerLimit = 1024;

/** Returns this process as an owner. */
export function thisOwner(): Owner {
  return ownerOf(process.pid);
}

/** Returns a process of this host as an owner. */
export function ownerOf(pid: number): Owner {
  return { host: hostname(), pid, start: startOf(pid) ?? "" };
}

/** True when the owner is a process of another host, or one of this host that still runs. */
export function isAlive(owner: Owner): boolean {
  if (owner.host !== hostname()) return true;
  if (owner.start !== "") return startOf(owner.pid) === owner.start;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Returns the owner as one word for a label. */
export function writeOwner({ host, pid, start }: Owner): string {
  return `${host}/${pid}/${start}`;
}

/** Returns the owner that a label names; undefined when it names none. */
export function readOwner(text: string): Owner | undefined {
  const [, host, pid, start] = /^(.+)\/(\d+)\/([^/]*)$/.exec(text) ?? [];
  return host === undefined || start === undefined ? undefined : { host, pid: Number(pid), start };
}

function startOf(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`, 4096);
  const boot = readText("/proc/sys/kernel/random/boot_id", 64);
  if (stat === undefined || boot === undefined) return undefined;
  const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return `${boot.slice(0, 8)}-${ticks}`;
}

/** Returns the caller's name as the host's user database has it, `USER` for users of a directory service, else the uid. */
export function callerName(): string {
  const uid = process.getuid?.() ?? 0;
  const line = passwd().find((entry) => entry.split(":")[2] === String(uid));
  return line?.split(":")[0] ?? process.env.USER ?? String(uid);
}

function passwd(): readonly string[] {
  return readText("/etc/passwd", largestText)?.split("\n") ?? [];
}
