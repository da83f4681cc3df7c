import { expect, test } from "bun:test";
import { makeFolder, workspaceWith } from "../support/harness.ts";

const actions = `
- {name: trace, script: ['echo "[\${TRACEPARENT-unset}]"']}
- name: bad
  env: {TOKEN: {from_env: TOKEN}, PLAIN: plain-canary}
  script: ["echo output-canary $TOKEN $1", exit 3]
- {name: snapshot, script: ['grep -c "$TRACEPARENT" "$POLYCRATE_SNAPSHOT_FILE" || true']}`;

const files = {
  "workspace.poly": `${workspaceWith(actions)}workflows:
  - name: release
    steps: [{name: one, block: b, action: trace}, {name: two, block: b, action: trace}]
`,
};

type Span = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly status: { readonly code?: number };
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, string>> }[];
};

/** A collector on loopback that keeps what it gets. */
function openCollector() {
  const requests: { readonly path: string; readonly authorization: string | null; readonly text: string }[] =
    [];
  const server = Bun.serve({
    ...{ port: 0, hostname: "127.0.0.1" },
    fetch: async (request) => {
      const path = new URL(request.url).pathname;
      const authorization = request.headers.get("authorization");
      requests.push({ path, authorization, text: await request.text() });
      return Response.json({ partialSuccess: {} });
    },
  });
  return {
    endpoint: server.url.origin,
    requests,
    spans: (): readonly Span[] =>
      requests.flatMap(({ text }) => JSON.parse(text).resourceSpans[0].scopeSpans[0].spans),
    [Symbol.dispose]: () => void server.stop(true),
  };
}

const traceId = "0af7651916cd43dd8448eb211c80319c";
const given = `00-${traceId}-b7ad6b7169203331-01`;

/** Milliseconds in the nanoseconds of a span. */
const milliseconds = (nanoseconds = "") => Number(nanoseconds.slice(0, -6));

test("a run is sent as a span with the times of its record, and the action is a part of it", async () => {
  using folder = makeFolder(files);
  using collector = openCollector();
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20t",
    OTEL_SERVICE_NAME: "infra",
    TRACEPARENT: given,
  };
  const { stdout, stderr, exitCode } = await folder.run(["run", "b", "trace"], { env });
  expect(exitCode).toBe(0);
  expect(stderr).not.toContain("warning");
  expect(collector.requests).toMatchObject([{ path: "/v1/traces", authorization: "Bearer t" }]);
  expect(collector.requests[0]?.text).toContain('{"key":"service.name","value":{"stringValue":"infra"}}');
  const [run, container] = collector.spans();
  expect(run).toMatchObject({ traceId, parentSpanId: "b7ad6b7169203331", name: "run b trace" });
  expect(container).toMatchObject({ traceId, parentSpanId: run?.spanId, name: "run container" });
  expect(stdout).toBe(`[00-${traceId}-${run?.spanId}-01]\n`);
  const [record] = folder.records();
  expect(new Date(milliseconds(run?.startTimeUnixNano)).toISOString()).toBe(String(record?.started));
  expect(new Date(milliseconds(run?.endTimeUnixNano)).toISOString()).toBe(String(record?.finished));
  expect(JSON.stringify(run?.attributes)).toContain(String(record?.id));
});

test("a workflow is one trace", async () => {
  using folder = makeFolder(files);
  using collector = openCollector();
  const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.endpoint}/own/path` };
  const { stdout } = await folder.run(["run", "release"], { env });
  expect(collector.requests.map(({ path }) => path)).toEqual(["/own/path"]);
  const [workflow, ...rest] = collector.spans();
  expect(workflow?.parentSpanId).toBe(undefined);
  const runs = rest.filter(({ name }) => name === "run b trace");
  expect(runs.map(({ parentSpanId }) => parentSpanId)).toEqual([workflow?.spanId, workflow?.spanId]);
  expect(stdout).toBe(runs.map(({ spanId }) => `[00-${workflow?.traceId}-${spanId}-01]\n`).join(""));
});

test("spans have no values, arguments or output", async () => {
  using folder = makeFolder(files);
  using collector = openCollector();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, TOKEN: "token-canary" };
  const { exitCode } = await folder.run(["run", "b", "bad", "--", "argument-canary"], { env });
  expect(exitCode).toBe(3);
  expect(collector.spans().map(({ status }) => status.code)).toEqual([2, 2]);
  expect(collector.requests[0]?.text).not.toContain("canary");
});

test("without an endpoint nothing is sent, and a trace is passed on as it came", async () => {
  using folder = makeFolder(files);
  using collector = openCollector();
  const none = await folder.run(["run", "b", "trace"], { env: { OTEL_SERVICE_NAME: "x" } });
  expect(none.stdout).toBe("[unset]\n");
  const passed = await folder.run(["run", "b", "trace"], { env: { TRACEPARENT: given } });
  expect(passed.stdout).toBe(`[${given}]\n`);
  const wrong = await folder.run(["run", "b", "trace"], { env: { TRACEPARENT: "00-junk" } });
  expect(wrong.stdout).toBe("[unset]\n");
  const disabled = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_SDK_DISABLED: "true" };
  await folder.run(["run", "b", "trace"], { env: disabled });
  await folder.run(["run", "b", "trace", "--dry-run"], {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint },
  });
  expect(collector.requests).toEqual([]);
});

test("the snapshot does not depend on it", async () => {
  using folder = makeFolder(files);
  const { stdout } = await folder.run(["run", "b", "snapshot"], { env: { TRACEPARENT: given } });
  expect(stdout).toBe("0\n");
});

test("a collector that is not there, or does not answer, is warned of once and delays no run for long", async () => {
  using folder = makeFolder(files);
  const dead = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" };
  const refused = await folder.run(["run", "b", "trace"], { env: dead });
  expect(refused.exitCode).toBe(0);
  expect(refused.stderr.match(/warning: .*/g)).toEqual([
    "warning: the spans of the run were not sent: the connection was refused",
  ]);
  using silent = Bun.serve({
    ...{ port: 0, hostname: "127.0.0.1" },
    fetch: async () => {
      await Bun.sleep(30_000);
      return new Response("");
    },
  });
  const before = performance.now();
  const slow = await folder.run(["run", "b", "trace"], {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: silent.url.origin },
  });
  expect(performance.now() - before).toBeLessThan(10_000);
  expect(slow.exitCode).toBe(0);
  expect(slow.stderr).toContain("warning: the spans of the run were not sent: no answer after 2 s\n");
  await silent.stop(true);
});

test("spans, events, all reports and the record of one run have the same id, times and exit code", async () => {
  using folder = makeFolder(files);
  using collector = openCollector();
  const reports = ["junit=j.xml", "html=h.html", "markdown=m.md"].map((report) => `--report=${report}`);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, TOKEN: "token-canary" };
  const words = ["run", "b", "bad", "--output=events", ...reports, "--", "argument"];
  const { stdout, exitCode } = await folder.run(words, { env });
  const [record] = folder.records();
  const id = String(record?.id);
  const [started, finished] = [String(record?.started), String(record?.finished)];
  expect([exitCode, record?.exit_code]).toEqual([3, 3]);
  const events = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(new Set(events.map(({ transaction }) => transaction))).toEqual(new Set([id]));
  expect(events.at(-1)).toMatchObject({ type: "finished", exit_code: 3, time: finished });
  const [run] = collector.spans();
  const times = [run?.startTimeUnixNano, run?.endTimeUnixNano];
  expect(times.map((time) => new Date(milliseconds(time)).toISOString())).toEqual([started, finished]);
  const attributes = JSON.stringify(run?.attributes);
  expect(attributes).toContain(`"${id}"`);
  expect(attributes).toContain('{"key":"polycrate.exit_code","value":{"intValue":"3"}}');
  for (const report of ["j.xml", "h.html", "m.md"]) expect(folder.read(report)).toContain(id);
  expect(folder.read("m.md")).toContain(started);
  const all = [stdout, ...["j.xml", "h.html", "m.md"].map(folder.read), collector.requests[0]?.text];
  expect(all.filter((text) => text?.includes("token-canary"))).toEqual([]);
});
