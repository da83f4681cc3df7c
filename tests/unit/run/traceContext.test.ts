import { expect, test } from "bun:test";
import {
  spanEndpoint,
  spanIdOf,
  traceIdOf,
  traceParentOf,
  traceparentFor,
} from "../../../src/run/traceContext.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";
const given = `00-${traceId}-${spanId}-01`;

test.each([
  [given, true],
  [`01-${traceId}-${spanId}-00-more`, true],
  [`00-${traceId}-${spanId}-01-more`, false],
  [`ff-${traceId}-${spanId}-01`, false],
  [`00-${"0".repeat(32)}-${spanId}-01`, false],
  [`00-${traceId}-${"0".repeat(16)}-01`, false],
  [`00-${traceId.toUpperCase()}-${spanId}-01`, false],
  [`00-${traceId}-${spanId}-1`, false],
  [`00-${traceId}-${spanId}-01\n`, false],
  ["", false],
  [undefined, false],
])("the traceparent %j is valid: %p", (TRACEPARENT, isValid) => {
  expect(traceParentOf({ TRACEPARENT }) !== undefined).toBe(isValid);
});

const OTEL_EXPORTER_OTLP_ENDPOINT = "http://c:4318/";

test.each([
  [{}, undefined],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "" }, undefined],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT }, "http://c:4318/v1/traces"],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://c/base" }, "http://c/base/v1/traces"],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://t/x" }, "http://t/x"],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: "TRUE" }, undefined],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER: "none" }, undefined],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT, TRACEPARENT: given }, "http://c:4318/v1/traces"],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT, TRACEPARENT: given.replace(/1$/, "0") }, undefined],
])("with %j spans are sent to %j", (environment, url) => {
  expect(spanEndpoint(environment)).toBe(url);
});

const id = "01a20e8a-0000-7000-8000-00c0ffee0001";
const workflowRun = "01a20e8a-0000-7000-9000-00c0ffee0002";

test("without a caller's trace a run has one of its own, the same for all runs of a workflow", () => {
  expect(traceIdOf({ id, workflowRun: undefined }, undefined)).toBe("01a20e8a00007000800000c0ffee0001");
  expect(traceIdOf({ id, workflowRun }, undefined)).toBe("01a20e8a00007000900000c0ffee0002");
  expect(traceIdOf({ id, workflowRun }, traceParentOf({ TRACEPARENT: given }))).toBe(traceId);
  expect(spanIdOf(id)).toBe("800000c0ffee0001");
});

test.each([
  [{}, undefined],
  [{ TRACEPARENT: "junk" }, undefined],
  [{ TRACEPARENT: given }, given],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT }, "00-01a20e8a00007000900000c0ffee0002-800000c0ffee0001-01"],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT, TRACEPARENT: given }, `00-${traceId}-800000c0ffee0001-01`],
])("with %j the action's is %j", (environment, expected) => {
  expect(traceparentFor(id, { workflowRun, dryRun: false }, environment)).toBe(expected);
});

test("a dry run sends no span, so its action belongs to the caller's", () => {
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT, TRACEPARENT: given };
  expect(traceparentFor(id, { dryRun: true }, environment)).toBe(given);
  expect(traceparentFor(id, { dryRun: true }, { OTEL_EXPORTER_OTLP_ENDPOINT })).toBe(undefined);
});
