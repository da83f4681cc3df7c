import { spanEndpoint, type TraceParent, traceParentOf } from "../run/traceContext.ts";
import { version } from "../version.ts";
import type { Attributes } from "./otlp.ts";

/** How spans are sent. */
export type OtlpSettings = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timeout: number;
  readonly parent: TraceParent | undefined;
  readonly resource: Attributes;
};

/** No run ends later than that because of a collector, in milliseconds. */
const longestWait = 2000;

/** Returns the settings in the variables of OpenTelemetry's exporters; undefined when no spans are sent. */
export function otlpSettings(
  environment: Readonly<Record<string, string | undefined>>,
): OtlpSettings | undefined {
  const url = spanEndpoint(environment);
  if (url === undefined) return undefined;
  const resource = listOf(environment.OTEL_RESOURCE_ATTRIBUTES);
  const timeout = Number(
    environment.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT || environment.OTEL_EXPORTER_OTLP_TIMEOUT,
  );
  return {
    url,
    headers: {
      ...listOf(environment.OTEL_EXPORTER_OTLP_HEADERS),
      ...listOf(environment.OTEL_EXPORTER_OTLP_TRACES_HEADERS),
    },
    timeout: timeout > 0 ? Math.min(timeout, longestWait) : longestWait,
    parent: traceParentOf(environment),
    resource: {
      "service.name": "polycrate",
      "service.version": version,
      ...resource,
      ...(environment.OTEL_SERVICE_NAME ? { "service.name": environment.OTEL_SERVICE_NAME } : {}),
    },
  };
}

/** `name=value,name=value`, the values percent-encoded (W3C Baggage); what has another form is left out. */
function listOf(text: string | undefined): Readonly<Record<string, string>> {
  const entries = (text ?? "").split(",").flatMap((entry): readonly [string, string][] => {
    const at = entry.indexOf("=");
    const name = entry.slice(0, Math.max(0, at)).trim();
    const value = decoded(entry.slice(at + 1).trim());
    return name === "" || value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(entries);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
