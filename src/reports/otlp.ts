import { sha256 } from "../image/digest.ts";
import { spanIdOf, type TraceParent, traceIdOf } from "../run/traceContext.ts";
import { version } from "../version.ts";
import { firstUnsuccessful, stepNameOf } from "./outcome.ts";
import type { ReportedRun, RunReport } from "./runReport.ts";

/** A request of OTLP/HTTP in JSON, as far as it is used here (opentelemetry-proto 1.5, ExportTraceServiceRequest). */
export type TraceRequest = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string; readonly version: string };
      readonly spans: readonly OtlpSpan[];
    }[];
  }[];
};

type Attribute = {
  readonly key: string;
  readonly value: { readonly stringValue: string } | { readonly intValue: string };
};

/** Ids are hex, times are nanoseconds since 1970 in decimal. */
type OtlpSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code?: number };
};

/** Names and values of attributes. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/**
 * Returns the spans of a report: of the workflow, of each run in it, and of the build and the container in each. They have
 * names, ids, times and exit codes, never a value, argument or output. Undefined when nothing ran.
 */
export function traceRequest(
  report: RunReport,
  parent: TraceParent | undefined,
  resource: Attributes,
): TraceRequest | undefined {
  const spans = [...workflowSpans(report, parent), ...report.runs.flatMap((run) => runSpans(run, parent))];
  if (spans.length === 0) return undefined;
  const scope = { name: "polycrate", version };
  return {
    resourceSpans: [{ resource: { attributes: attributesOf(resource) }, scopeSpans: [{ scope, spans }] }],
  };
}

function workflowSpans({ workflow, runs }: RunReport, parent: TraceParent | undefined): readonly OtlpSpan[] {
  const [first] = runs;
  const workflowRun = first?.transaction.workflowRun;
  if (first === undefined || workflow === undefined || workflowRun === undefined) return [];
  const ends = runs.map(({ transaction }) => transaction.finished ?? transaction.started);
  const last = new Date(Math.max(...ends.map((end) => end.getTime())));
  const span = spanOf({
    ids: { traceId: traceIdOf(first.transaction, parent), spanId: spanIdOf(workflowRun) },
    parentSpanId: parent?.spanId,
    name: `workflow ${workflow}`,
    ...{ start: first.transaction.started, end: last },
    hasFailed: firstUnsuccessful(runs) !== undefined,
    attributes: { "polycrate.workflow": workflow, "polycrate.workflow_run.id": workflowRun },
  });
  return [span];
}

function runSpans(run: ReportedRun, parent: TraceParent | undefined): readonly OtlpSpan[] {
  const { transaction, spans } = run;
  const { id, workflowRun, block, action, status, started, finished, step, attempt } = transaction;
  const traceId = traceIdOf(transaction, parent);
  const spanId = spanIdOf(id);
  const hasFailed = status !== "succeeded";
  const whole = spanOf({
    ids: { traceId, spanId },
    parentSpanId: workflowRun === undefined ? parent?.spanId : spanIdOf(workflowRun),
    name: `run ${block} ${action}`,
    ...{ start: started, end: finished ?? started, hasFailed },
    attributes: {
      ...{ "polycrate.transaction.id": id, "polycrate.block": block, "polycrate.action": action },
      ...{ "polycrate.workflow": transaction.workflow, "polycrate.step": stepNameOf(run) },
      ...(step === undefined ? {} : { "polycrate.attempt": attempt }),
      ...{ "polycrate.status": status, "polycrate.exit_code": transaction.exitCode },
      "container.image.name": transaction.image,
    },
  });
  const parts = spans.flatMap(({ name, start, end }, index) => {
    if (name === "prepare") return [];
    const isLast = index === spans.length - 1;
    const part = spanOf({
      ids: { traceId, spanId: sha256(Buffer.from(`${id} ${index}`)).slice(0, 16) },
      parentSpanId: spanId,
      name: name === "build" ? "build image" : "run container",
      ...{ start, end, hasFailed: hasFailed && isLast },
      attributes: { "container.image.name": transaction.image },
    });
    return [part];
  });
  return [whole, ...parts];
}

type SpanFacts = {
  readonly ids: Pick<OtlpSpan, "traceId" | "spanId">;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly start: Date;
  readonly end: Date;
  readonly hasFailed: boolean;
  readonly attributes: Attributes;
};

function spanOf({ ids, parentSpanId, name, start, end, hasFailed, attributes }: SpanFacts): OtlpSpan {
  return {
    ...ids,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    flags: sampled,
    name,
    kind: internal,
    startTimeUnixNano: nanoseconds(start),
    endTimeUnixNano: nanoseconds(end),
    attributes: attributesOf(attributes),
    status: hasFailed ? { code: failed } : {},
  };
}

const sampled = 1;
/** SPAN_KIND_INTERNAL and STATUS_CODE_ERROR of opentelemetry-proto. */
const internal = 1;
const failed = 2;

function nanoseconds(time: Date): string {
  return `${time.getTime()}000000`;
}

function attributesOf(attributes: Attributes): readonly Attribute[] {
  return Object.entries(attributes).flatMap(([key, value]): readonly Attribute[] => {
    if (value === undefined) return [];
    return [{ key, value: typeof value === "number" ? { intValue: `${value}` } : { stringValue: value } }];
  });
}
