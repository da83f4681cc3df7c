import { expect, test } from "bun:test";
import { isAlive, thisOwner } from "../../../src/host/owner.ts";
import { makeZombie } from "../../zombie.ts";

test("a process that runs is alive; a zombie, and one that started at another time, is not", async () => {
  using zombie = await makeZombie();
  expect(isAlive(thisOwner())).toBe(true);
  expect(isAlive(zombie.owner)).toBe(false);
  expect(isAlive({ ...thisOwner(), start: "00000000-1" })).toBe(false);
});
