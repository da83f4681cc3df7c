import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { chownSync } from "node:fs";
import { join } from "node:path";
import { mapsRootToCaller } from "../../../src/engine/endpoint.ts";
import { makeFolder } from "../../harness.ts";

test("the engine is found as docker's client finds it, and maps root when its socket is the caller's", () => {
  using folder = makeFolder({ mine: "", roots: "" });
  chownSync(join(folder.path, "mine"), 1000, 1000);
  const host = (file: string) => `unix://${join(folder.path, file)}`;
  const context = (name: string, file: string) => {
    const id = createHash("sha256").update(name).digest("hex");
    folder.write(
      `.docker/contexts/meta/${id}/meta.json`,
      JSON.stringify({ Endpoints: { docker: { Host: host(file) } } }),
    );
  };
  context("rootless", "mine");
  context("other", "roots");
  const maps = (environment: Readonly<Record<string, string>>, uid = 1000) =>
    mapsRootToCaller({ environment, home: folder.path }, uid);
  expect(maps({ DOCKER_HOST: host("mine") })).toBe(true);
  expect(maps({ DOCKER_HOST: host("mine") }, 1001)).toBe(false);
  expect(maps({ DOCKER_HOST: host("roots") })).toBe(false);
  expect(maps({ DOCKER_HOST: host("none") })).toBe(false);
  expect(maps({ DOCKER_HOST: "tcp://127.0.0.1:1" })).toBe(false);
  expect(maps({ DOCKER_CONTEXT: "rootless" })).toBe(true);
  expect(maps({ DOCKER_CONTEXT: "rootless", DOCKER_HOST: host("roots") })).toBe(false);
  folder.write(".docker/config.json", '{"currentContext": "rootless"}');
  expect(maps({})).toBe(true);
  expect(maps({ DOCKER_CONTEXT: "other" })).toBe(false);
  expect(maps({ DOCKER_CONFIG: "/nowhere" })).toBe(false);
});
