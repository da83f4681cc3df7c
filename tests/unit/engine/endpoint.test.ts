import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { chownSync } from "node:fs";
import { join } from "node:path";
import {
  contextNames,
  endpointIn,
  endpointOf,
  hasContext,
  isEngineHere,
  isFarAway,
  mapsRootToCaller,
} from "../../../src/engine/endpoint.ts";
import { makeFolder } from "../../support/harness.ts";

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
    mapsRootToCaller(endpointOf({ environment, home: folder.path }), uid);
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

/** Whether the engine of these settings is of this machine; `PATH` has no client unless it is given. */
function isHere(environment: Readonly<Record<string, string>>, home = "/nowhere"): boolean {
  const settings = { environment: { PATH: "", ...environment }, home };
  return isEngineHere(endpointOf(settings), settings);
}

test.each([
  ["the usual socket", {}, true],
  ["a variable that is empty", { DOCKER_HOST: "", DOCKER_CONTEXT: "", DOCKER_CONFIG: "" }, true],
  ["another socket", { DOCKER_HOST: "unix:///run/user/7/docker.sock" }, true],
  ["the context of the usual socket", { DOCKER_CONTEXT: "default" }, true],
  ["a context that nothing is known of", { DOCKER_CONTEXT: "nowhere" }, true],
  ["an engine behind TCP", { DOCKER_HOST: "tcp://127.0.0.1:2375" }, false],
  ["an engine behind ssh", { DOCKER_HOST: "ssh://user@host" }, false],
  ["a socket without a path", { DOCKER_HOST: "unix://" }, false],
  ["Docker Desktop", { DOCKER_HOST: "unix:///home/a/.docker/desktop/docker.sock" }, false],
])("%s is of this machine: %p", (_, environment, expected) => {
  expect(isHere(environment)).toBe(expected);
});

test("a context is looked up where docker's client keeps it, and one that is not readable counts as the usual", () => {
  using folder = makeFolder({ "conf/config.json": '{"currentContext": "far"}' });
  const id = createHash("sha256").update("far").digest("hex");
  const meta = `conf/contexts/meta/${id}/meta.json`;
  const environment = { DOCKER_CONFIG: join(folder.path, "conf") };
  expect(isHere(environment)).toBe(true);
  folder.write(meta, '{"Endpoints": {"docker": {"Host": "tcp://far:1"}}}');
  expect(isHere(environment)).toBe(false);
  expect(isHere({ ...environment, DOCKER_CONTEXT: "default" })).toBe(true);
  folder.write(meta, '{"Endpoints": {"docker": {"Host": 7}}}');
  expect(isHere(environment)).toBe(true);
  folder.write(meta, "no JSON");
  expect(isHere(environment)).toBe(true);
});

test.each([
  [{ Endpoints: { docker: { Host: "unix:///x" } } }, "unix:///x"],
  [{ Endpoints: { docker: {} } }, undefined],
  [{ Endpoints: null }, undefined],
  [[{ Endpoints: { docker: { Host: "unix:///x" } } }], undefined],
  ["text", undefined],
  [undefined, undefined],
])("the description %j names the engine %p", (context, expected) => {
  expect(endpointIn(context)).toBe(expected);
});

test("nothing of the caller's own is mapped when the caller is root", () => {
  using folder = makeFolder({ roots: "" });
  const environment = { DOCKER_HOST: `unix://${join(folder.path, "roots")}` };
  expect(mapsRootToCaller(endpointOf({ environment, home: folder.path }), 0)).toBe(false);
});

test.each([
  [{}, "chosen"],
  [{ DOCKER_CONFIG: "/nowhere" }, "default"],
  [{ DOCKER_CONTEXT: "other" }, "other"],
  [{ DOCKER_CONTEXT: "other", DOCKER_HOST: "tcp://a:1" }, "tcp://a:1"],
  [{ DOCKER_HOST: "ssh://anna:s3cret@host" }, "ssh://anna@host"],
  [{ DOCKER_HOST: "unix:///run/a:b@c" }, "unix:///run/a:b@c"],
])("the client's engine with %j is %s", (environment, expected) => {
  using folder = makeFolder({ ".docker/config.json": '{"currentContext": "chosen"}' });
  expect(endpointOf({ environment, home: folder.path }).name).toBe(expected);
});

test("a context that is named wins over all settings, and `default` is what DOCKER_HOST says", () => {
  const id = createHash("sha256").update("far").digest("hex");
  using folder = makeFolder({
    [`.docker/contexts/meta/${id}/meta.json`]:
      '{"Name": "far", "Endpoints": {"docker": {"Host": "ssh://anna:s3cret@far"}}}',
  });
  const environment = { DOCKER_HOST: "tcp://near:1", DOCKER_CONTEXT: "other" };
  const settings = { environment, home: folder.path };
  expect(endpointOf(settings, "far")).toEqual({ context: "far", name: "far", address: "ssh://anna@far" });
  expect(endpointOf(settings, "default").address).toBe("tcp://near:1");
  expect(endpointOf({ ...settings, environment: {} }, "default").address).toBe("unix:///var/run/docker.sock");
  expect(contextNames(settings)).toEqual(["default", "far"]);
  expect(["default", "far", "near"].map((name) => hasContext(settings, name))).toEqual([true, true, false]);
});

test.each([
  ["unix:///var/run/docker.sock", false],
  ["npipe:////./pipe/docker_engine", false],
  ["fd://", false],
  ["tcp://127.0.0.1:2375", true],
  ["ssh://far", true],
  ["https://far:2376", true],
])("an engine at %s is of another machine: %p", (address, expected) => {
  expect(isFarAway({ context: undefined, name: "", address })).toBe(expected);
});
