import { expect, test } from "bun:test";
import { inParallel } from "../../../src/registry/inParallel.ts";

test("results are in the order of the items, and no more than the limit are worked on at once", async () => {
  let running = 0;
  let most = 0;
  const results = await inParallel([3, 1, 2, 0, 4], 2, async (item) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
    running -= 1;
    return item * 2;
  });
  expect(results).toEqual([6, 2, 4, 0, 8]);
  expect(most).toBe(2);
  expect(await inParallel([], 2, async () => 1)).toEqual([]);
});

test("after the first error nothing new is begun, and what runs is waited for", async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const work = inParallel([0, 1, 2, 3], 2, async (item) => {
    begun.push(item);
    if (item === 0) throw new Error("no");
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    ended.push(item);
  });
  await expect(work).rejects.toThrow("no");
  expect([begun, ended]).toEqual([[0, 1], [1]]);
});
