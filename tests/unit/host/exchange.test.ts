import { expect, test } from "bun:test";
import { exchange } from "../../../src/host/exchange.ts";
import { makeFolder } from "../../support/harness.ts";

test("two folders change places in one step, or nothing has changed", async () => {
  using folder = makeFolder({ "one/1": "", "other/2": "" });
  const done = await exchange(`${folder.path}/one`, `${folder.path}/other`);
  if (process.platform === "linux") expect(done).toBe(true);
  expect(folder.glob("*/*")).toEqual(done ? ["one/2", "other/1"] : ["one/1", "other/2"]);
});

test("a path that does not exist, and one with another character set, are no reason to throw", async () => {
  using folder = makeFolder({ "ä €/1": "", "b/2": "" });
  expect(await exchange(`${folder.path}/ä €`, `${folder.path}/none`)).toBe(false);
  const done = await exchange(`${folder.path}/ä €`, `${folder.path}/b`);
  expect(folder.glob("*/*")).toEqual(done ? ["b/1", "ä €/2"] : ["b/2", "ä €/1"]);
});
