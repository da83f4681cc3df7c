import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseInput } from "../../../../src/workspace/inputs/values.ts";

/** The value that the text means, or what was expected instead. */
function meaning(type: "string" | "integer" | "number" | "boolean", text: string, choices: string[] = []) {
  const read = parseInput({ type, choices }, text);
  return "expected" in read ? `expected ${read.expected}` : read;
}

const number = (digits: string) => ({ text: digits, value: { digits, source: digits } });

test.each([
  ["string", "1.10", { text: "1.10", value: "1.10" }],
  ["string", "", { text: "", value: "" }],
  ["integer", "0", number("0")],
  ["integer", "-7", number("-7")],
  ["integer", "99999999999999999999", number("99999999999999999999")],
  ["number", "1.10", number("1.10")],
  ["number", "3", number("3")],
  ["number", "1e9", { text: "1e9", value: { digits: "1.0e+9", source: "1e9" } }],
  ["boolean", "true", { text: "true", value: true }],
  ["boolean", "No", { text: "false", value: false }],
] as const)("an input of type %s takes `%s`", (type, text, value) => {
  expect(meaning(type, text)).toEqual(value);
});

test.each([
  ["integer", "", "expected an integer in decimal digits"],
  ["integer", "007", "expected an integer in decimal digits"],
  ["integer", "0x10", "expected an integer in decimal digits"],
  ["integer", "1_000", "expected an integer in decimal digits"],
  ["integer", "1.0", "expected an integer in decimal digits"],
  ["integer", "3\n", "expected an integer in decimal digits"],
  ["number", ".5", "expected a number like `1.5`"],
  ["number", "1e999", "expected a number like `1.5`"],
  ["number", ".nan", "expected a number like `1.5`"],
  ["boolean", "1", "expected `true` or `false`"],
] as const)("an input of type %s does not take %j", (type, text, expected) => {
  expect(meaning(type, text)).toBe(expected);
});

test("only the choices are taken, by their type", () => {
  expect(meaning("integer", "3", ["1", "3"])).toEqual(number("3"));
  expect(meaning("string", "as", ["eu", "us"])).toBe("expected one of `eu`, `us`");
});

test("every integer keeps its digits", () => {
  fc.assert(
    fc.property(fc.bigInt(), (value) => {
      expect(meaning("integer", String(value))).toEqual(number(String(value)));
    }),
  );
});
