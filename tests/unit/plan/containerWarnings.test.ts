import { expect, test } from "bun:test";
import { podmanClient } from "../../../src/engine/podman.ts";
import { docker } from "../../support/engines.ts";
import { planOf, workspaceOf } from "../../support/planning.ts";

function warnings(container: string, changes: { mappedIds?: number; podman?: boolean; warm?: boolean } = {}) {
  const workspace = workspaceOf({
    "workspace.poly": `name: test\nconfig: {container: {${container}}}\nblocks: [{name: b, actions: [{name: act, script: [x]}]}]\n`,
  });
  const { plan } = planOf(workspace, {
    ...{
      block: "b",
      action: "act",
      engine: changes.podman === true ? { ...docker, ...podmanClient } : docker,
    },
    facts: { mappedIds: changes.mappedIds },
    options: changes.warm === true ? { warm: { seconds: 60, isFlag: true } } : {},
    command: { canBeWarm: true },
  });
  return plan.warnings.map(({ message }) => message);
}

test.each([
  ['user: "65537:0"', ["the engine is rootless and maps 65537 ids, so it cannot run an action as 65537"]],
  ['user: "7:70000"', ["the engine is rootless and maps 65537 ids, so it cannot run an action as 70000"]],
  ['user: "65536:65536"', []],
  ["user: image", []],
])("on a rootless engine that maps 65537 ids, `%s` is warned of: %j", (user, expected) => {
  expect(warnings(user, { mappedIds: 65_537 })).toEqual(expected);
  expect(warnings(user)).toEqual([]);
});

test("what podman cannot keep is said where the workspace has it", () => {
  expect(warnings("caches: {pip: /cache}", { podman: true })).toEqual([
    "the action runs without the workspace's caches: podman cannot label their volumes",
  ]);
  expect(warnings("caches: {pip: /cache}")).toEqual([]);
  expect(warnings("user: image", { podman: true, warm: true })).toEqual([
    "the action runs in a new container: the engine is podman",
  ]);
});
