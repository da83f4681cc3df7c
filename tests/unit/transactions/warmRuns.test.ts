import { expect, test } from "bun:test";
import type { OwnedContainer } from "../../../src/engine/containers.ts";
import { thisOwner, writeOwner } from "../../../src/host/owner.ts";
import { idleLock, isUseless, lostWarmFiles, withWarmRun } from "../../../src/transactions/warmRuns.ts";
import { makeFolder } from "../../support/harness.ts";

const host = { environment: {} };
const dead = { ...thisOwner(), start: "00000000-1" };
const places = ".polycrate/run-warm";
const lockOf = (owner: typeof dead, note = '["id","b","act"]') => `${writeOwner(owner)}\n${note}\n`;

function warm(workspace: string, name: string, changes: Partial<OwnedContainer> = {}): OwnedContainer {
  return {
    ...{ name, workspace, transaction: "", block: "", action: "", owner: undefined, state: "running" },
    ...{ created: new Date(0), warm: 60, isCopied: false },
    ...changes,
  };
}

test("a warm container is in use while its lock is held, and then is that of the run", () => {
  using folder = makeFolder({
    [`${places}/w/snapshot.yml`]: "",
    [`${places}/w.lock`]: lockOf(thisOwner()),
    [`${places}/idle/snapshot.yml`]: "",
  });
  expect(withWarmRun(warm(folder.path, "w"), host)).toMatchObject({
    ...{ transaction: "id", block: "b", action: "act", owner: thisOwner(), lastUse: expect.any(Date) },
  });
  const idle = { transaction: "", block: "", owner: undefined, lastUse: expect.any(Date) };
  expect(withWarmRun(warm(folder.path, "idle"), host)).toMatchObject(idle);
  expect(withWarmRun(warm(folder.path, "idle", { transaction: "ended" }), host)).toMatchObject(idle);
  expect(withWarmRun(warm(folder.path, "x", { warm: undefined, block: "c" }), host)).toMatchObject({
    ...{ block: "c", lastUse: undefined },
  });
  expect(idleLock(warm(folder.path, "w"), host)?.path).toBe(`${places}/w.lock`);
  expect(idleLock(warm(folder.path, "nowhere"), host)).toBeUndefined();
});

test.each<[string, Partial<OwnedContainer>, boolean]>([
  ["idle", {}, false],
  ["in use", { owner: thisOwner() }, false],
  ["that of a run whose polycrate died", { owner: dead }, true],
  ["one that never began to run", { state: "created" }, true],
  ["about to be removed", { state: "exited" }, false],
  ["starting", { state: "created", owner: thisOwner() }, false],
  ["a person's own, which is not kept", { state: "created", warm: undefined }, false],
])("a container that is %s: of no use is %p", (_, changes, useless) => {
  expect(isUseless(warm("/w", "x", changes))).toBe(useless);
});

test("folders without a container and locks of dead processes are left over, others are not", () => {
  using folder = makeFolder({
    [`${places}/kept/snapshot.yml`]: "",
    [`${places}/gone/snapshot.yml`]: "",
    [`${places}/starting.lock`]: lockOf(thisOwner()),
    [`${places}/starting/snapshot.yml`]: "",
    [`${places}/died/snapshot.yml`]: "",
    [`${places}/died.lock`]: lockOf(dead),
    [`${places}/died.lock.next`]: writeOwner(dead),
  });
  const containers = [warm(folder.path, "kept"), withWarmRun(warm(folder.path, "died"), host)];
  expect(lostWarmFiles(folder.path, containers, host).map(({ file }) => file)).toEqual(
    ["died", "died.lock", "died.lock.next", "gone"].map((name) => `${places}/${name}`),
  );
});

test("a note that another wrote is no more than text", () => {
  using folder = makeFolder({ [`${places}/w.lock`]: lockOf(thisOwner(), '{"a":1}') });
  expect(withWarmRun(warm(folder.path, "w"), host)).toMatchObject({ transaction: "", block: "" });
});
