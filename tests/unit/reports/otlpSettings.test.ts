import { expect, test } from "bun:test";
import { otlpSettings } from "../../../src/reports/otlpSettings.ts";
import { version } from "../../../src/version.ts";

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c" };

test("without an endpoint there are no settings", () => {
  expect(otlpSettings({ OTEL_SERVICE_NAME: "x" })).toBe(undefined);
});

test("the defaults are polycrate's name and version, and two seconds", () => {
  expect(otlpSettings(endpoint)).toEqual({
    ...{ url: "http://c/v1/traces", headers: {}, timeout: 2000, parent: undefined },
    resource: { "service.name": "polycrate", "service.version": version },
  });
});

test("headers and resource attributes are lists of percent-encoded values; what is none is left out", () => {
  const settings = otlpSettings({
    ...endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Basic%20YTpi, x = 1,=2,none,bad=%zz",
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: "x=2",
    OTEL_RESOURCE_ATTRIBUTES: "service.name=ci,a=b%2Cc",
  });
  expect(settings?.headers).toEqual({ authorization: "Basic YTpi", x: "2" });
  expect(settings?.resource).toMatchObject({ "service.name": "ci", a: "b,c" });
  const named = { ...endpoint, OTEL_RESOURCE_ATTRIBUTES: "service.name=ci", OTEL_SERVICE_NAME: "infra" };
  expect(otlpSettings(named)?.resource["service.name"]).toBe("infra");
});

test.each([
  ["500", 500],
  ["10000", 2000],
  ["-1", 2000],
  ["soon", 2000],
])("a timeout of %s is one of %i ms", (OTEL_EXPORTER_OTLP_TIMEOUT, timeout) => {
  expect(otlpSettings({ ...endpoint, OTEL_EXPORTER_OTLP_TIMEOUT })?.timeout).toBe(timeout);
});
