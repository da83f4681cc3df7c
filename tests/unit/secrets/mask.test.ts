import { expect, test } from "bun:test";
import fc from "fast-check";
import { isTooShortToMask, maskedTexts, maskOf } from "../../../src/secrets/mask.ts";

/** Returns what comes out when the chunks go in one after the other. */
function masked(secrets: readonly string[], chunks: readonly string[]): string {
  const mask = maskOf(maskedTexts(secrets));
  return chunks.map((chunk) => mask.pass(Buffer.from(chunk)).toString()).join("") + mask.end().toString();
}

test.each([
  ["a secret", ["s3cret"], ["password: s3cret!"], "password: ***!"],
  ["a secret cut in two", ["s3cret"], ["password: s3", "cret!"], "password: ***!"],
  ["a secret cut into letters", ["s3cret"], [..."a s3cret b"], "a *** b"],
  ["what only begins like one", ["s3cret"], ["s3cre", "ature"], "s3creature"],
  ["the beginning of one at the end of the output", ["s3cret"], ["s3c"], "s3c"],
  ["a secret within a longer one that comes in two chunks", ["abcd", "abcdefgh"], ["abcd", "efgh"], "***"],
  ["two secrets that overlap", ["abcdef", "efghij"], ["abcd", "efgh", "ij"], "***"],
  ["a secret that is the beginning of a longer one", ["abcd", "abcdefgh"], ["abcd", "x"], "***x"],
  ["one that repeats itself", ["abab"], ["abab", "ab"], "***"],
  ["two in a row", ["abcd"], ["abcdabcd"], "******"],
  ["a value shorter than 4 characters", ["abc"], ["abc"], "abc"],
  ["the lines of a certificate", ["-----BEGIN-----\nMIIabcdefgh\nxy\n"], ["MIIabc", "defgh\nxy"], "***\nxy"],
  ["several lines at a terminal", ["first line\nab\n"], ["first line\r", "\nab\r\n"], "***\r\n"],
  ["a value with the line feed of its file", ["s3cret\n"], ["s3cret."], "***."],
  ["one that goes on and on", ["aaaa"], [..."aaaaaaaaaab"], "***b"],
])("%s", (_, secrets, chunks, expected) => {
  expect(masked(secrets, chunks)).toBe(expected);
});

test.each([
  ["abc", true],
  ["abc\n", true],
  ["", true],
  ["abcd", false],
])("%j is too short to be masked: %p", (value, expected) => {
  expect(isTooShortToMask(value)).toBe(expected);
});

const letters = fc.string({ unit: fc.constantFrom("a", "b", "c", "\n"), maxLength: 60 });
const secret = fc.string({ unit: fc.constantFrom("a", "b", "c", "\n"), minLength: 1, maxLength: 10 });

test("however the output is cut, the same comes out, and no secret", () => {
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 4 }),
      letters,
      fc.array(fc.nat(60)),
      (secrets, text, cuts) => {
        const ends = [...new Set([...cuts.filter((cut) => cut < text.length), text.length])].sort(
          (a, b) => a - b,
        );
        const chunks = ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
        const result = masked(secrets, chunks);
        expect(result).toBe(masked(secrets, [text]));
        for (const hidden of maskedTexts(secrets)) expect(result).not.toContain(hidden.toString());
      },
    ),
    { numRuns: 2000 },
  );
});

test("a secret cut in the middle of a character is masked", () => {
  const mask = maskOf(maskedTexts(["größe"]));
  const chunks = [...Buffer.from("die größe")].map((byte) => mask.pass(Buffer.from([byte])));
  expect(Buffer.concat([...chunks, mask.end()]).toString()).toBe("die ***");
});

test("no more is kept back than a secret is long", () => {
  const mask = maskOf(maskedTexts(["aaaa"]));
  const passed = Array.from({ length: 100 }, () => mask.pass(Buffer.from("aaaaaaaaaa")).toString());
  expect(passed.join("")).toBe("***");
  expect(mask.pass(Buffer.from("b")).toString()).toBe("b");
});

test("what cannot be part of a secret is passed on at once", () => {
  const mask = maskOf(maskedTexts(["s3cret"]));
  expect(mask.pass(Buffer.from("Continue? ")).toString()).toBe("Continue? ");
  expect(mask.pass(Buffer.from("yes")).toString()).toBe("ye");
  expect(mask.pass(Buffer.from("!")).toString()).toBe("s!");
});

test.each([
  ["a line of 8 characters", "12345678\nx", ["12345678"]],
  ["a line of 7 characters", "1234567\nx", []],
  ["a line of 8 at the end", "x\n12345678", ["12345678"]],
  ["a line with a carriage return", "12345678\r\nx", ["12345678"]],
  ["one line", "1234567", []],
])("%s of a secret is masked by itself: %j", (_, value, lines) => {
  const texts = maskedTexts([value]).map((text) => text.toString());
  const whole = [value, value.replace(/\r?\n/g, "\r\n"), JSON.stringify(value).slice(1, -1)];
  expect(texts).toEqual([...new Set([...whole, ...lines])]);
});

test.each([
  ["JSON", JSON.stringify({ a: 'p"w\\d\n2' })],
  ["JSON in ASCII", '{"a": "gr\\u00f6\\u00dfe"}'],
  ["Python", `{'a': 'p"w\\\\d\\n2', 'b': 'it\\'s "it"', 'c': "it's"}`],
])("a secret is masked as %s prints it", (_, printed) => {
  const secrets = ['p"w\\d\n2', "größe", 'it\'s "it"', "it's"];
  expect(masked(secrets, [printed]).replaceAll("***", "")).toMatch(/^[{}'":, abc]+$/);
});
