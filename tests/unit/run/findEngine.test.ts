import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { argValue } from "../../../src/host/arg.ts";
import { type ContextWish, findEngine } from "../../../src/run/findEngine.ts";
import { messageOf } from "../../support/fakes.ts";
import { makeFolder } from "../../support/harness.ts";
import { workspaceOf } from "../../support/planning.ts";

const ids = ["far", "near"].map((name) => [name, createHash("sha256").update(name).digest("hex")] as const);
const contexts = makeFolder(
  Object.fromEntries(
    ids.map(([name, id]) => [
      `contexts/meta/${id}/meta.json`,
      JSON.stringify({ Name: name, Endpoints: { docker: { Host: addressOf(name) } } }),
    ]),
  ),
);
const settings = { DOCKER_CONFIG: contexts.path, DOCKER_HOST: undefined, DOCKER_CONTEXT: undefined };
const before = { ...process.env };

beforeAll(() => setVariables(settings));
afterAll(() => {
  setVariables(Object.fromEntries(Object.keys(settings).map((name) => [name, before[name]])));
  contexts[Symbol.dispose]();
});

function setVariables(values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

function addressOf(name: string): string {
  return name === "far" ? "ssh://anna:pw@far" : "unix:///run/near.sock";
}

const steps = `workflows: [{name: w, steps: [
  {name: one, block: b, action: a},
  {name: two, block: b, action: a, context: lost}]}]\n`;

/** The engine of a workspace with these settings of its container. */
function found(container: string, wish: ContextWish = {}) {
  return findEngine(
    workspaceOf({ "workspace.poly": `name: test\nconfig: {container: {${container}}}\n${steps}` }),
    wish,
  );
}

test("a flag wins over a step's context, that over the workspace's, and that over docker's own", () => {
  const of = { workflow: "w", name: "two", index: 1 };
  const nameOf = (container: string, wish?: ContextWish) => found(container, wish).endpoint.name;
  expect(nameOf("")).toBe("default");
  expect(nameOf("context: near")).toBe("near");
  expect(nameOf("context: near", { step: { context: "far", of } })).toBe("far");
  expect(nameOf("context: near", { step: { context: undefined, of } })).toBe("near");
  expect(nameOf("context: near", { flag: "default", step: { context: "far", of } })).toBe("default");
});

test("each command of the client names the context, and no password is kept", () => {
  const { endpoint, removeContainer, about } = found("context: far");
  expect(endpoint).toEqual({ context: "far", name: "far", address: "ssh://anna@far" });
  expect(removeContainer("a").map(argValue)).toEqual(["docker", "--context=far", "rm", "--force", "a"]);
  expect(about.version.slice(0, 2)).toEqual(["docker", "--context=far"]);
  expect(found("").about.version[1]).toBe("version");
});

test.each<[string, "local" | "remote"]>([
  ["", "local"],
  ["context: near", "local"],
  ["context: near, delivery: copy", "remote"],
  ["context: far", "remote"],
  ["context: far, delivery: mount", "local"],
])("with `%s` the engine is %s", (container, kind) => {
  expect(found(container).kind).toBe(kind);
});

test("podman has no contexts, and none of another machine", () => {
  expect(found("", { program: "podman" }).program).toBe("podman");
  expect(messageOf(() => found("", { program: "podman", flag: "near" }))).toBe(
    "64: `--context`: podman has no contexts",
  );
  expect(messageOf(() => found("context: near", { program: "podman" }))).toBe(
    "65: workspace.poly:2:31: podman has no contexts",
  );
  setVariables({ CONTAINER_HOST: "ssh://far" });
  expect(messageOf(() => found("", { program: "podman" }))).toStartWith("64: CONTAINER_HOST sends podman");
  setVariables({ CONTAINER_HOST: undefined });
});

test("a context that docker does not have is an error where it is named", () => {
  const wish = { step: { context: "lost", of: { workflow: "w", name: "two", index: 1 } } };
  expect(messageOf(() => found("", { flag: "fare" }))).toBe("64: `--context`: docker has no context `fare`");
  expect(messageOf(() => found("context: lost"))).toBe(
    "65: workspace.poly:2:31: docker has no context `lost`",
  );
  expect(messageOf(() => found("", wish))).toBe("65: workspace.poly:5:45: docker has no context `lost`");
});
