import { expect, test } from "bun:test";
import { killAt } from "../support/chaos.ts";

test.each([20, 150, 500, 900, 1300])(
  "nothing is lost when polycrate is killed after %d ms",
  async (milliseconds) => {
    expect(await killAt(milliseconds)).toEqual([]);
  },
  60_000,
);
