import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { clientPrograms } from "../engine/engine.ts";
import {
  clientVariable,
  isAlive,
  type Owner,
  readClientMark,
  readProcessStat,
  sameOwner,
} from "../host/owner.ts";
import { signalGroup, signalProcess } from "../host/process.ts";
import { readText } from "../host/read.ts";

// Files and labels are not trusted for the processes to signal: an action can write every file of the workspace, and anyone
// with access to the engine can set labels. Processes are found in /proc instead. Only a process and its user can set its
// command line and environment, and only that user and root can read them, so false values harm only that user.

/** A docker client that polycrate started and that leads a session of its own. */
type Client = {
  readonly pid: number;
  readonly parent: number;
  readonly startTicks: string;
  readonly words: readonly string[];
  readonly owner: Owner;
  /** The folder it was started for: the workspace of a run. */
  readonly directory: string;
};

/** True where processes can be looked at, which is on Linux. */
export const canFindClients = readProcessStat(process.pid) !== undefined;

/**
 * Sends SIGTERM to the polycrate process that owns the container; false when the owner on the container's label is not one.
 * An owner has a child process that is a docker client started for this container.
 */
export function terminateOwner(owner: Owner, container: string): boolean {
  const isOwner = clients().some(
    (client) =>
      client.parent === owner.pid &&
      sameOwner(client.owner, owner) &&
      [`--name=${container}`, container].some((word) => client.words.includes(word)),
  );
  return owner.pid > 1 && isOwner && isAlive(owner) && signalProcess(owner.pid, "SIGTERM");
}

/**
 * Ends the docker clients of the workspace whose polycrate is gone, because they would continue to build and run. Returns
 * the process ids of those that are still alive a few seconds after SIGKILL.
 */
export async function endLostClients(workspace: string): Promise<readonly number[]> {
  let left = clients().filter(({ owner, directory }) => directory === workspace && !isAlive(owner));
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    for (const { pid } of left) signalGroup(pid, signal);
    for (let waited = 0; left.length > 0 && waited < patience; waited += 50) {
      await Bun.sleep(50);
      left = left.filter((client) => readClient(client.pid)?.startTicks === client.startTicks);
    }
  }
  return left.map(({ pid }) => pid);
}

/** In milliseconds. */
const patience = 1000;

function clients(): readonly Client[] {
  if (!canFindClients) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readClient(Number(name)) ?? []);
}

function readClient(pid: number): Client | undefined {
  const stat = readProcessStat(pid);
  if (stat === undefined || pid <= 1 || stat.session !== pid || stat.group !== pid) return undefined;
  const words = stringsIn(`/proc/${pid}/cmdline`);
  // `docker` may be a script, which its interpreter's command line names second.
  if (!words.slice(0, 2).some((word) => clientPrograms.some((program) => program === basename(word))))
    return undefined;
  const variable = stringsIn(`/proc/${pid}/environ`).find((one) => one.startsWith(`${clientVariable}=`));
  const mark = readClientMark(variable?.slice(clientVariable.length + 1) ?? "");
  return mark === undefined
    ? undefined
    : { pid, parent: stat.parent, startTicks: stat.startTicks, words, ...mark };
}

/** Words and environment of a process; Linux has at most 6 MiB of them. */
function stringsIn(path: string): readonly string[] {
  return (readText(path, 6 << 20) ?? "").split("\0");
}
