import { expect, test } from "bun:test";
import { fuzz } from "../support/fuzz/fuzz.ts";

test("nothing that others can write makes a command or a parser hang, swell or break", async () => {
  const { commands, inputs, complaints } = await fuzz(10, Date.now() % 1_000_000);
  expect(complaints).toEqual([]);
  expect(commands).toBeGreaterThan(0);
  expect(inputs).toBeGreaterThan(0);
}, 60_000);
