import type { RunOptions } from "../plan/runOptions.ts";

/** A span of another program, as a `traceparent` names it (W3C Trace Context, level 1): lower-case hex. */
export type TraceParent = { readonly traceId: string; readonly spanId: string; readonly flags: string };

type Environment = Readonly<Record<string, string | undefined>>;

/** Returns the span that polycrate was started in, by `TRACEPARENT`; undefined for none, and for one that is not valid. */
export function traceParentOf({ TRACEPARENT }: Environment): TraceParent | undefined {
  const parts = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(TRACEPARENT ?? "");
  const [, version, traceId = "", spanId = "", flags = "", more] = parts ?? [];
  const isValid = version !== "ff" && (version !== "00" || more === undefined);
  return isValid && /[^0]/.test(traceId) && /[^0]/.test(spanId) ? { traceId, spanId, flags } : undefined;
}

/**
 * Returns where spans are sent to; undefined when none are: without an endpoint, when OpenTelemetry is disabled, or when the
 * caller's trace is not sampled (OpenTelemetry 1.30: environment variables, OTLP exporter, parent-based sampler).
 */
export function spanEndpoint(environment: Environment): string | undefined {
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: exact, OTEL_EXPORTER_OTLP_ENDPOINT: base } = environment;
  if (environment.OTEL_SDK_DISABLED?.toLowerCase() === "true") return undefined;
  if (environment.OTEL_TRACES_EXPORTER === "none") return undefined;
  const parent = traceParentOf(environment);
  if (parent !== undefined && (Number.parseInt(parent.flags, 16) & 1) === 0) return undefined;
  return exact || (base ? `${base.replace(/\/+$/, "")}/v1/traces` : undefined);
}

/** The ids that a trace is made of: those of the run and, in a workflow, of the workflow's run. */
export type TracedRun = { readonly id: string; readonly workflowRun: string | undefined };

/** Returns the id of the trace that the run belongs to: the caller's, else one of its own, which is the run's id. */
export function traceIdOf({ id, workflowRun }: TracedRun, parent: TraceParent | undefined): string {
  return parent?.traceId ?? (workflowRun ?? id).replaceAll("-", "");
}

/** Returns the id of the span of a run or of a workflow's run: the second half of its id, which is random (RFC 9562, 5.7). */
export function spanIdOf(id: string): string {
  return id.replaceAll("-", "").slice(16);
}

/**
 * Returns the `TRACEPARENT` of the action: the run's span when that is sent, else what polycrate was given; undefined for
 * neither.
 */
export function traceparentFor(
  id: string,
  { workflowRun, dryRun }: Pick<RunOptions, "workflowRun" | "dryRun">,
  environment: Environment,
): string | undefined {
  const parent = traceParentOf(environment);
  if (!dryRun && spanEndpoint(environment) !== undefined) {
    return `00-${traceIdOf({ id, workflowRun }, parent)}-${spanIdOf(id)}-${parent?.flags ?? "01"}`;
  }
  return parent === undefined ? undefined : `00-${parent.traceId}-${parent.spanId}-${parent.flags}`;
}
