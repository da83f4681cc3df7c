import { defineCommand } from "citty";
import { exitCodes, PolycrateError, printable } from "../../errors.ts";
import { stdout } from "../../host/output.ts";
import { formatAge, formatDuration } from "../../reports/humanize.ts";
import { type Recorded, readHistory, timeOfId } from "../../transactions/history.ts";
import { recordedMatrix } from "../../transactions/recordedTransaction.ts";
import { statuses } from "../../transactions/transaction.ts";
import { nodeName } from "../../workspace/matrix.ts";
import { jsonOf, type YamlMap, type YamlValue } from "../../yaml/value.ts";
import { readSince, shortId } from "../findRecord.ts";
import { workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { formatJson } from "../output/json.ts";
import { messagesTo } from "../output/messages.ts";
import { statusTone } from "../output/statusTone.ts";
import { formatTable, paint } from "../output/table.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: { name: "history", description: "List runs, newest first." },
  args: {
    ...workspaceFlags,
    block: { type: "string", valueHint: "BLOCK", description: "Only runs of this block." },
    action: { type: "string", valueHint: "ACTION", description: "Only runs of this action." },
    status: {
      type: "enum",
      options: [...statuses],
      description: "Only runs with this status.",
    },
    since: {
      type: "string",
      valueHint: "AGE|DATE",
      description: "Only runs that started after this age or date: `12h`, `90d`, `2026-01-31`.",
    },
    limit: {
      type: "string",
      valueHint: "COUNT",
      description: "The maximum number of runs; 0 lists all.",
      default: "20",
    },
    output: { type: "enum", options: ["json"], description: "Print the records as JSON." },
  },
  run: ({ args, data }) => {
    const { outputs }: CommandData = data;
    const workspace = openWorkspace(messagesTo(outputs), args.workspace);
    const now = new Date();
    const filter = {
      block: args.block,
      action: args.action,
      status: args.status,
      since: args.since === undefined ? undefined : readSince("since", args.since, now),
    };
    const isTable = args.output === undefined;
    const { path, layout } = workspace;
    const records = readHistory(path, layout.logsRoot, filter, isTable ? "head" : "whole");
    const found = take(records, readLimit(args.limit));
    stdout.write(isTable ? historyTable(found, now) : historyJson(found));
    return 0;
  },
});

function readLimit(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text) === 0 ? Number.POSITIVE_INFINITY : Number(text);
  throw new PolycrateError(`invalid value \`${text}\` for \`--limit\``, {
    hint: "use a number; 0 lists all",
    exitCode: exitCodes.wrongCommandLine,
  });
}

function take<Item>(items: Iterable<Item>, most: number): readonly Item[] {
  const taken: Item[] = [];
  for (const item of items) {
    taken.push(item);
    if (taken.length === most) break;
  }
  return taken;
}

/** Returns the record with its current status: a running one whose process is gone is lost. */
export function currentRecord({ record, status }: Recorded): YamlMap {
  return new Map([...record, ["status", status]]);
}

function historyJson(found: readonly Recorded[]): string {
  return formatJson(found.map((one) => jsonOf(currentRecord(one))));
}

function historyTable(found: readonly Recorded[], now: Date): string {
  if (found.length === 0) return "";
  const hasWorkflow = found.some(({ record }) => textOfRecord(record.get("workflow")) !== "");
  const titles = ["ID", "STARTED", "STATUS", "DURATION", "ACTION", ...(hasWorkflow ? ["WORKFLOW STEP"] : [])];
  const head = titles.map((title) => paint(stdout, "faint", title));
  const rows = found.map(({ id, status, record }) => {
    const started = timeOfId(id);
    const finished = textOfRecord(record.get("finished"));
    const code = status === "failed" ? ` ${jsonOf(record.get("exit_code") ?? null)}` : "";
    return [
      shortId(id),
      formatAge(now.getTime() - started),
      paint(stdout, statusTone(status), printable(`${status.replace("_", " ")}${code}`)),
      finished === ""
        ? ""
        : `${formatDuration(Math.max(0, Date.parse(finished) - started))}${record.get("warm") === true ? " (warm)" : ""}`,
      wordsOf(record, "block", "action"),
      ...(hasWorkflow ? [stepOfRecord(record)] : []),
    ];
  });
  return formatTable([head, ...rows], stdout.isTTY ? stdout.columns : undefined);
}

/** The workflow, the step and its combination, and which attempt it was if not the first. */
function stepOfRecord(record: YamlMap): string {
  const step = textOfRecord(record.get("step"));
  const name = step === "" ? "" : nodeName(step, recordedMatrix(record));
  const attempt = jsonOf(record.get("attempt") ?? null);
  const again = attempt === 1 || attempt === null ? "" : ` (attempt ${attempt})`;
  return printable(`${textOfRecord(record.get("workflow"))} ${name}${again}`.trim());
}

function wordsOf(record: YamlMap, ...keys: readonly string[]): string {
  return printable(
    keys
      .map((key) => textOfRecord(record.get(key)))
      .join(" ")
      .trim(),
  );
}

function textOfRecord(value: YamlValue | undefined): string {
  return typeof value === "string" ? value : "";
}
