import { expect, test } from "bun:test";
import fc from "fast-check";
import { argValue, isInert, quote, toShell } from "../../../src/host/arg.ts";

test.each([
  ["a", "a"],
  ["/a/b.c_d-e:f@g%h+i,j0", "/a/b.c_d-e:f@g%h+i,j0"],
  ["-x=y", "-x=y"],
  ["=x", "'=x'"],
  ["a=b", "a=b"],
  ["", "''"],
  ["a b", "'a b'"],
  ["it's", "'it'\\''s'"],
  ["'", `''\\'''`],
  ['$x `y` "z" \\', "'$x `y` \"z\" \\'"],
  ["~", "'~'"],
  ["#a", "'#a'"],
  ["ä", "'ä'"],
  ["a\nb\tc", "'a\nb\tc'"],
  ["\u001b[2J", `"$(printf '\\033')"'[2J'`],
  ["a\u202eb", `'a'"$(printf '\\342\\200\\256')"'b'`],
  ["\r", `"$(printf '\\015')"`],
])("%j is quoted as %s", (word, expected) => {
  expect(quote(word)).toBe(expected);
});

test("a shell reads back what was quoted", () => {
  const text = fc.string({
    unit: fc.constantFrom(..."ab '\"$`\\~#=\n\t\u001b\u202e\ufeffä-!*"),
    maxLength: 12,
  });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 5 }), (words) => {
      const { stdout } = Bun.spawnSync(["sh", "-c", `printf '%s|' ${words.map(quote).join(" ")}`]);
      expect(stdout.toString()).toBe(words.length === 0 ? "|" : words.map((word) => `${word}|`).join(""));
    }),
    { numRuns: 60 },
  );
});

test.each([
  ["--env=NAME=some value", "--env=NAME='some value'"],
  ["--env=NAME=", "--env=NAME="],
  ["--env=NAME=it's", "--env=NAME='it'\\''s'"],
  ["--label=a b", "--label='a b'"],
  ["--label=", "--label="],
  ["--label=1a=b c", "--label='1a=b c'"],
  ["--Label=a b", "'--Label=a b'"],
  ["x--label=a b", "'x--label=a b'"],
  ["-l=a b", "'-l=a b'"],
])("of the flag %s only the value is quoted: %s", (word, expected) => {
  expect(toShell([word])).toEqual([expected]);
});

test("what a shell computes is written so, and what is written as nothing is left out", () => {
  const words = ["a b", { value: "7", written: '"$(id -u)"' }, { value: "secret", written: "" }];
  expect(toShell(words)).toEqual(["'a b'", '"$(id -u)"']);
  expect(words.map(argValue)).toEqual(["a b", "7", "secret"]);
});

test.each([
  ["a\nb\tc ä", true],
  ["", true],
  ["a\u0007", false],
  ["\u202e", false],
  ["\u009b", false],
])("%j can be shown on a terminal as it is: %p", (text, expected) => {
  expect(isInert(text)).toBe(expected);
});
