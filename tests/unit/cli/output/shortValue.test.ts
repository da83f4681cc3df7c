import { expect, test } from "bun:test";
import { shortValue, shortValues } from "../../../../src/cli/output/shortValue.ts";

test.each([
  [null, "null"],
  [true, "true"],
  [{ digits: "420", source: "0644" }, "420"],
  ["a\u001bb\nc", "a\\u001bb\\u000ac"],
  ["x".repeat(41), `${"x".repeat(39)}…`],
  ["😀".repeat(41), `${"😀".repeat(39)}…`],
  [["a", new Map([["b", "c"]])], '["a",{"b":"c"}]'],
  [new Map([["a", "b"]]), "{}"],
])("%p is shown as %j", (value, expected) => {
  expect(shortValue(value)).toBe(expected);
});

test.each([
  ["a", "b", ["a", "b"]],
  [undefined, "b", ["", "b"]],
  [new Map([["a", "b"]]), undefined, ['{"a":"b"}', ""]],
  [`${"x".repeat(60)}1`, `${"x".repeat(60)}2`, [`…${"x".repeat(10)}1`, `…${"x".repeat(10)}2`]],
  ["x".repeat(60), "x".repeat(61), [`…${"x".repeat(10)}`, `…${"x".repeat(11)}`]],
  [`1${"x".repeat(60)}`, `2${"x".repeat(60)}`, [`1${"x".repeat(38)}…`, `2${"x".repeat(38)}…`]],
])("%p and %p are shown as %j", (before, after, expected) => {
  expect(shortValues(before, after)).toEqual([expected[0] ?? "", expected[1] ?? ""]);
});
