import { hostname } from "node:os";
import { largestText, readText } from "./read.ts";

/**
 * The process that is responsible for a run. `start` distinguishes it from a later process with the same number: on Linux the
 * boot id and the ticks since boot (field 22 of /proc/PID/stat, proc(5)); elsewhere it is empty.
 */
export type Owner = { readonly host: string; readonly pid: number; readonly start: string };

/** The file in a run's folder that names its owner. */
export const ownerFile = "owner";

/** The size limit of an owner file, in bytes. */
export const ownerLimit = 1024;

let self: Owner | undefined;

/** Returns this process as an owner. */
export function thisOwner(): Owner {
  self ??= { host: hostname(), pid: process.pid, start: startOf(process.pid) ?? "" };
  return self;
}

/** True when the owner is a process of this host. */
export function isOfThisHost(owner: Owner): boolean {
  return owner.host === hostname();
}

/** True when the owner is a running process of this host, or any process of another host. */
export function isAlive(owner: Owner): boolean {
  if (!isOfThisHost(owner)) return true;
  if (owner.start !== "") return startOf(owner.pid) === owner.start;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The variable in the environment of every program that polycrate starts; its value is a `clientMark`. */
export const clientVariable = "POLYCRATE_CLIENT_OF";

/** Returns the mark that identifies a program that this process starts for that folder. */
export function clientMark(directory: string): string {
  return `${writeOwner(thisOwner())} ${directory}`;
}

/** Returns the owner and the folder in a mark; undefined when it is not valid. */
export function readClientMark(mark: string): { owner: Owner; directory: string } | undefined {
  const [, text = "", directory] = /^(\S+) (.+)$/s.exec(mark) ?? [];
  const owner = readOwner(text);
  return owner === undefined || directory === undefined ? undefined : { owner, directory };
}

/** True when both are the same process. */
export function sameOwner(one: Owner, other: Owner): boolean {
  return writeOwner(one) === writeOwner(other);
}

/** Returns the owner as one word for a label. */
export function writeOwner({ host, pid, start }: Owner): string {
  return `${host}/${pid}/${start}`;
}

/** Returns the owner in a label; undefined when it is not valid. */
export function readOwner(text: string): Owner | undefined {
  const [, host, pid, start] = /^(.+)\/(\d+)\/([^/]*)$/.exec(text) ?? [];
  return host === undefined || start === undefined ? undefined : { host, pid: Number(pid), start };
}

function startOf(pid: number): string | undefined {
  const stat = readProcessStat(pid);
  const boot = readText("/proc/sys/kernel/random/boot_id", 64);
  return stat === undefined || boot === undefined ? undefined : `${boot.slice(0, 8)}-${stat.startTicks}`;
}

/** The fields of /proc/PID/stat that polycrate uses (proc(5)). */
export type ProcessStat = {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly startTicks: string;
};

/**
 * Returns the status of a process; undefined when it does not exist, and on systems without /proc. A zombie counts as ended:
 * it remains in a container whose first process never waits for its children.
 */
export function readProcessStat(pid: number): ProcessStat | undefined {
  // The program's name, in parentheses, can contain any character.
  const [, text] = /^.*\) (.*)$/s.exec(readText(`/proc/${pid}/stat`, 4096) ?? "") ?? [];
  const [state = "", parent, group, session, ...more] = text?.split(" ") ?? [];
  const startTicks = more[15];
  if (startTicks === undefined || /[ZXx]/.test(state)) return undefined;
  return { parent: Number(parent), group: Number(group), session: Number(session), startTicks };
}

/** Returns the caller's name in /etc/passwd, else `USER` (users of a directory service), else the uid. */
export function callerName(): string {
  const uid = process.getuid?.() ?? 0;
  const line = passwd().find((entry) => entry.split(":")[2] === String(uid));
  return line?.split(":")[0] ?? process.env.USER ?? String(uid);
}

function passwd(): readonly string[] {
  return readText("/etc/passwd", largestText)?.split("\n") ?? [];
}
