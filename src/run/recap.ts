import { dirname } from "node:path";
import { readOwnText } from "../host/filesBelow.ts";
import { isJsonObject, memberAt, parseJson } from "../host/json.ts";
import { recapFile } from "../plan/runPaths.ts";
import { masked } from "../secrets/mask.ts";
import type { HostRecap, recapKeys } from "../transactions/hostRecap.ts";

/**
 * Returns what playbooks did on each host, by the host's name: the counts of several playbooks are added. The file is beside the
 * status, a line for each playbook. The action can put anything in its place.
 */
export function readRecap(status: string, secrets: readonly Buffer[]): readonly HostRecap[] {
  const text = readOwnText(dirname(status), recapFile, largestRecap) ?? "";
  const hosts = new Map<string, HostRecap>();
  for (const line of text.split("\n")) {
    const recap = line === "" ? undefined : parseJson(line);
    if (!isJsonObject(recap)) continue;
    for (const [name, counts] of Object.entries(recap)) {
      const host = masked(name, secrets).toWellFormed();
      if (name.length > longestName || (hosts.size >= mostHosts && !hosts.has(host))) continue;
      hosts.set(host, sum(host, counts, hosts.get(host)));
    }
  }
  return [...hosts.values()].sort((a, b) => (a.host < b.host ? -1 : 1));
}

/** The limit of the file in bytes, of hosts in a record, and of a host's name. */
const [largestRecap, mostHosts, longestName] = [4_000_000, 10_000, 255];

function sum(host: string, counts: unknown, before: HostRecap | undefined): HostRecap {
  const count = (key: (typeof recapKeys)[number]) =>
    Math.min((before?.[key] ?? 0) + countAt(counts, key === "failed" ? "failures" : key), 1e9);
  return {
    host,
    ...{ ok: count("ok"), changed: count("changed"), unreachable: count("unreachable") },
    ...{ failed: count("failed"), skipped: count("skipped") },
    ...{ rescued: count("rescued"), ignored: count("ignored") },
  };
}

function countAt(counts: unknown, key: string): number {
  const found = memberAt(counts, key);
  return typeof found === "number" && Number.isSafeInteger(found) && found > 0 ? found : 0;
}
