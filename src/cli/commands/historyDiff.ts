import { defineCommand } from "citty";
import { exitCodes, locationOf, printable } from "../../errors.ts";
import { stdout } from "../../host/output.ts";
import { formatDuration } from "../../reports/humanize.ts";
import { compareRecords, compareSnapshots, type Difference } from "../../transactions/compare.ts";
import type { Recorded } from "../../transactions/history.ts";
import { recapKeys } from "../../transactions/hostRecap.ts";
import { readSnapshot } from "../../transactions/snapshots.ts";
import type { Workspace } from "../../workspace/load.ts";
import { readYaml } from "../../yaml/read.ts";
import {
  isYamlMap,
  isYamlNumber,
  jsonOf,
  textOf,
  type YamlKey,
  type YamlMap,
  type YamlValue,
} from "../../yaml/value.ts";
import { findRecord, shortId } from "../findRecord.ts";
import { workspaceFlags } from "../flags.ts";
import { openWithSecrets } from "../openWorkspace.ts";
import { formatJson } from "../output/json.ts";
import { type Messages, messagesTo } from "../output/messages.ts";
import { shortValues } from "../output/shortValue.ts";
import { formatTable, paint } from "../output/table.ts";
import type { CommandData } from "../parseArgs.ts";
import { snapshotSources } from "../snapshotSources.ts";
import { currentRecord } from "./history.ts";

export default defineCommand({
  meta: {
    name: "history diff",
    description:
      "Print the differences between two runs: image, commit, arguments, hosts, and each value of their snapshots with its current location. Exits with 1 if they differ in more than their times.",
  },
  args: {
    id: { type: "positional", required: true, description: "A transaction's id, or its first characters." },
    other: { type: "positional", required: true, description: "The id of the run to compare it with." },
    ...workspaceFlags,
    output: { type: "enum", options: ["json"], description: "Print the differences as JSON." },
  },
  run: async ({ args, data }) => {
    const { outputs }: CommandData = data;
    const messages = messagesTo(outputs);
    const workspace = await openWithSecrets(messages, args.workspace, undefined, { need: "if possible" });
    const runs = [findRecord(workspace, args.id), findRecord(workspace, args.other)] as const;
    const differences = differencesOf(workspace, runs, messages);
    stdout.write(args.output === "json" ? diffJson(runs, differences) : diffTable(runs, differences));
    if (differences.length === 0) messages.notice("the runs differ only in their times");
    return differences.length === 0 ? 0 : exitCodes.runsDiffer;
  },
});

type Runs = readonly [Recorded, Recorded];

/** A difference, and where the value is written today. */
type LocatedDifference = Difference & { readonly position: ReturnType<ReturnType<typeof snapshotSources>> };

function differencesOf(workspace: Workspace, runs: Runs, messages: Messages): readonly LocatedDifference[] {
  const [before, after] = runs.map(currentRecord);
  if (before === undefined || after === undefined) return [];
  const inRecords = compareRecords(before, after).map((one) => ({ ...one, position: undefined }));
  const hashes = [before, after].map((record) => textOf(record.get("snapshot_sha256")));
  if (hashes[0] === hashes[1] && hashes[0] !== undefined) return inRecords;
  const [old, now] = runs.map((run) => snapshotOf(workspace, run, messages));
  if (old === undefined || now === undefined) {
    const [one = null, other = null] = hashes;
    const path = ["snapshot_sha256"];
    const isKnown = one !== null && other !== null;
    return isKnown ? [...inRecords, { path, before: one, after: other, position: undefined }] : inRecords;
  }
  const owner = { block: textOf(after.get("block")) ?? "", action: textOf(after.get("action")) ?? "" };
  const positionOf = snapshotSources(workspace, owner);
  const inSnapshots = compareSnapshots(old, now).map((one) => ({ ...one, position: positionOf(one.path) }));
  return [...inRecords, ...inSnapshots];
}

function snapshotOf({ path, layout }: Workspace, { id, record }: Recorded, { notice }: Messages) {
  const hash = textOf(record.get("snapshot_sha256")) ?? "";
  const text = readSnapshot(path, layout.logsRoot, hash);
  const { value, problems } = readYaml(text ?? "");
  if (isYamlMap(value) && problems.length === 0) return value;
  notice(`warning: the snapshot of ${shortId(id)} was not kept, so its values are not compared`);
  return undefined;
}

function diffTable(runs: Runs, differences: readonly LocatedDifference[]): string {
  const titles = ["KEY", ...runs.map(({ id }) => shortId(id)), "DEFINED AT"];
  const rows = differences.map(({ path, before, after, position }) => [
    printable(changedKey(path)),
    ...(path[0] === "hosts" ? [hostText(before), hostText(after)] : shortValues(before, after)),
    position === undefined ? "" : printable(locationOf(position)),
  ]);
  const durations = runs.map(durationOf).map((one) => (one === undefined ? "" : formatDuration(one)));
  const head = titles.map((title) => paint(stdout, "faint", title));
  return formatTable([head, ...rows, ["duration", ...durations, ""]], undefined);
}

/** Host by host, the counts that are not 0. */
function hostText(value: YamlValue | undefined): string {
  if (!isYamlMap(value)) return "";
  const counts = recapKeys.map((key) => [key, digitsOf(value, key)] as const);
  return counts.flatMap(([key, count]) => (count === "0" ? [] : [`${key}=${count}`])).join(" ");
}

function digitsOf(value: YamlMap, key: string): string {
  const found = value.get(key);
  return isYamlNumber(found) ? found.digits : "0";
}

function diffJson(runs: Runs, differences: readonly LocatedDifference[]): string {
  const [first, second] = runs.map((run) => ({ id: run.id, duration_ms: durationOf(run) ?? null }));
  return formatJson({
    first,
    second,
    differences: differences.map(({ path, before, after, position }) => ({
      key: changedKey(path),
      ...(before === undefined ? {} : { before: jsonOf(before) }),
      ...(after === undefined ? {} : { after: jsonOf(after) }),
      ...position,
    })),
  });
}

/** As `inspect --explain` shows keys. */
function changedKey(path: readonly YamlKey[]): string {
  return path.map(String).join(".");
}

/** In milliseconds; undefined for a run that has not ended, or whose end is not known. */
function durationOf({ record }: Recorded): number | undefined {
  const [started, finished] = ["started", "finished"].map((key) => Date.parse(textOf(record.get(key)) ?? ""));
  const took = Number(finished) - Number(started);
  return Number.isNaN(took) ? undefined : Math.max(0, took);
}
