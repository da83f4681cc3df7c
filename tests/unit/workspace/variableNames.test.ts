import { expect, test } from "bun:test";
import { isReserved, isVariableName } from "../../../src/workspace/variableNames.ts";

test.each(["A", "_", "a1", "_1_B"])("`%s` is the name of a variable", (name) => {
  expect(isVariableName(name)).toBe(true);
});

test.each(["", "1A", "A-B", "A B", "A=", "ä", "A\n"])("%j is not the name of a variable", (name) => {
  expect(isVariableName(name)).toBe(false);
});

test.each([
  ["POLYCRATE_BLOCK", true],
  ["POLYCRATE_STREAMS", true],
  ["POLYCRATE_ENV_TOKEN", true],
  ["IN_CI", true],
  ["POLYCRATE_OTHER", false],
  ["polycrate_block", false],
])("`%s` is set by polycrate: %p", (name, expected) => {
  expect(isReserved(name)).toBe(expected);
});
