import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { compilePattern } from "../../../../src/image/context/pattern.ts";

/** With an expression that is tried anew at every star, each of these takes longer than anybody waits. */
describe("a pattern with many stars and a long name end at once", () => {
  test.each([
    ["a/*x*x*x*x*x*xb", `a/${"x".repeat(200)}`],
    [`${"**/".repeat(30)}b`, "a/".repeat(200)],
    [`${"**x".repeat(30)}b`, "x".repeat(200)],
    [`${"*[a-z]".repeat(30)}1`, "x".repeat(200)],
    [`${"**/".repeat(2000)}b[a]`, "a/".repeat(2000)],
  ])("%s", (pattern, path) => {
    expect(compilePattern(pattern, { doubleStar: true })?.matches(path)).toBe(false);
  });
});

const piece = fc.constantFrom(
  ...[
    "a",
    "b",
    "/",
    "*",
    "**",
    "**/",
    "?",
    "[ab]",
    "[^a]",
    "[^/]",
    "[b-a]",
    "[a-",
    "[",
    "]",
    "\\",
    "\\/",
    "\\*",
  ],
  ...["ä", "😀", "[ä-ö]", "[\\]a]", ".", "-", "\n"],
);
const pattern = fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join(""));
const path = fc
  .array(fc.constantFrom("a", "b", "/", "ä", "😀", "*", "]", "-", ".", "\n"), { maxLength: 8 })
  .map((characters) => characters.join(""));

test("whatever pattern and path are, they match as the regular expression of the same meaning does", () => {
  fc.assert(
    fc.property(pattern, path, fc.boolean(), (text, name, doubleStar) => {
      const expression = expressionOf(text, doubleStar);
      expect(compilePattern(text, { doubleStar })?.matches(name)).toBe(expression?.test(name));
    }),
    { numRuns: 5000 },
  );
});

test.each([
  ["[^a]", true],
  ["a\\/b", true],
  ["[a]", false],
  ["a/b", false],
  ["*?", false],
])("of the parts of `%s` one may stand for a slash: %p", (text, crosses) => {
  expect(compilePattern(text, { doubleStar: false })?.crosses).toBe(crosses);
});

/** Go's filepath.Match and docker's `**` as an expression; undefined for a malformed pattern. */
function expressionOf(text: string, doubleStar: boolean): RegExp | undefined {
  const suffix = /^\*\*([^/*?[\]\\][^*?[\]\\]*)$/.exec(text)?.[1];
  if (doubleStar && suffix !== undefined) return new RegExp(`^.*${RegExp.escape(suffix)}$`, "su");
  const tokens = [
    ...(doubleStar ? [/\*\*\//, /\*\*/] : []),
    /\[\^?(?:(?:\\.|[^\\\]-])(?:-(?:\\.|[^\\\]-])(?!$))?)+\]/,
    /\\./,
    /[^[\\]/,
  ];
  const token = new RegExp(tokens.map(({ source }) => source).join("|"), "suy");
  let source = "";
  while (token.lastIndex < text.length) {
    const [found] = token.exec(text) ?? [];
    if (found === undefined) return undefined;
    source += meaningOf(found, doubleStar && token.lastIndex === text.length);
  }
  return new RegExp(`^${source}$`, "su");
}

function meaningOf(token: string, isLast: boolean): string {
  if (token === "**/" || token === "**") return isLast ? ".*" : "(?:.*/)?";
  if (token === "*") return "[^/]*";
  if (token === "?") return "[^/]";
  if (token.startsWith("\\")) return RegExp.escape(token.slice(1));
  if (!token.startsWith("[")) return RegExp.escape(token);
  const [, negation = "", body = ""] = /^\[(\^?)(.*)\]$/su.exec(token) ?? [];
  const ranges = [...body.matchAll(/(\\.|[^\\])(?:-(\\.|[^\\]))?/gsu)].map(([, low = "", high = low]) => [
    low.replace(/^\\/, ""),
    high.replace(/^\\/, ""),
  ]);
  const kept = ranges.filter(
    ([low = "", high = ""]) => (low.codePointAt(0) ?? 0) <= (high.codePointAt(0) ?? 0),
  );
  return `[${negation}${kept.map((range) => range.map(hex).join("-")).join("")}]`;
}

function hex(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
