import { expect, test } from "bun:test";
import { thisOwner, writeOwner } from "../../../src/host/owner.ts";
import { lockHolder, tryLock } from "../../../src/host/tryLock.ts";
import { makeFolder } from "../../support/harness.ts";

const dead = writeOwner({ ...thisOwner(), start: "00000000-1" });

test("one has the lock until it is released, and others see its note", () => {
  using folder = makeFolder({});
  const lock = tryLock(folder.path, "a/lock", "my note");
  expect(lock?.isTakenOver).toBe(false);
  expect(tryLock(folder.path, "a/lock", "other")).toBeUndefined();
  expect(lockHolder(folder.path, "a/lock")).toEqual({ owner: thisOwner(), note: "my note" });
  lock?.release();
  expect(lockHolder(folder.path, "a/lock")).toBeUndefined();
  expect(tryLock(folder.path, "a/lock", "")?.isTakenOver).toBe(false);
});

test("the lock of a dead process is taken over, which its new holder is told", () => {
  using folder = makeFolder({ lock: `${dead}\nnote\n` });
  expect(tryLock(folder.path, "lock", "mine")?.isTakenOver).toBe(true);
  expect(lockHolder(folder.path, "lock")).toEqual({ owner: thisOwner(), note: "mine" });
  expect(folder.glob("*")).toEqual(["lock"]);
});

test("it is taken over also when another has died while it did that", () => {
  using folder = makeFolder({ lock: `${dead}\n\n`, "lock.next": dead });
  expect(tryLock(folder.path, "lock", "")?.isTakenOver).toBe(true);
  expect(folder.glob("*")).toEqual(["lock"]);
});

test("while another takes it over, and when it is no lock, it is not free", () => {
  using folder = makeFolder({ lock: `${dead}\n\n`, "lock.next": writeOwner(thisOwner()), odd: "what" });
  expect(tryLock(folder.path, "lock", "")).toBeUndefined();
  expect(tryLock(folder.path, "odd", "")).toBeUndefined();
  expect(folder.read("lock")).toBe(`${dead}\n\n`);
});
