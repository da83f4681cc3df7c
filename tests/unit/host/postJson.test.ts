import { expect, test } from "bun:test";
import { postJson } from "../../../src/host/postJson.ts";

const options = { headers: { x: "1" }, timeout: 300 };

test("a value is posted as JSON with the headers", async () => {
  const requests: unknown[] = [];
  using server = Bun.serve({
    ...{ port: 0, hostname: "127.0.0.1" },
    fetch: async (request) => {
      const { method, headers } = request;
      requests.push([method, headers.get("content-type"), headers.get("x"), await request.json()]);
      return new Response("{}");
    },
  });
  expect(await postJson({ a: "é" }, { ...options, url: server.url.href })).toBe(undefined);
  expect(requests).toEqual([["POST", "application/json", "1", { a: "é" }]]);
});

test.each([
  [() => new Response("", { status: 503 }), "the answer was 503"],
  [() => Response.redirect("http://127.0.0.1:1/", 302), "the answer was 302"],
  [() => Bun.sleep(2000).then(() => new Response("")), "no answer after 0.3 s"],
])("what the server answers is the reason: %p", async (fetch, reason) => {
  using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch });
  expect(await postJson({}, { ...options, url: server.url.href })).toBe(reason);
  await server.stop(true);
});

test.each([
  ["http://127.0.0.1:1/", "the connection was refused"],
  ["file:///dev/null", "the address does not begin with http: or https:"],
  ["nonsense", "the address is not a URL"],
  ["http://", "the address is not a URL"],
])("%s cannot be posted to: %s", async (url, reason) => {
  expect(await postJson({}, { ...options, url })).toBe(reason);
});

test("a header that is not one is a failed request", async () => {
  expect(await postJson({}, { url: "http://127.0.0.1:1/", headers: { "a b": "c" }, timeout: 300 })).toBe(
    "the request failed",
  );
});
