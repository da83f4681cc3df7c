import { expect, test } from "bun:test";
import fc from "fast-check";
import { plain, screenLines, type TextStyle } from "../../../../src/reports/html/ansi.ts";
import { terminalColor } from "../../../../src/reports/html/colors.ts";

/** The lines as text, and the styles of what is not plain. */
function seen(output: string) {
  return screenLines(output).map((line) => line.map(({ text }) => text).join(""));
}

function stylesIn(output: string): readonly (readonly [string, Partial<TextStyle>])[] {
  return screenLines(output)
    .flat()
    .filter(({ style }) => style !== plain)
    .map(({ text, style }) => [text, differences(style)]);
}

function differences(style: TextStyle): Partial<TextStyle> {
  return Object.fromEntries(
    Object.entries(style).filter(
      ([key, value]) => Object.entries(plain).find(([name]) => name === key)?.[1] !== value,
    ),
  );
}

const esc = "\x1b[";

test.each<readonly [string, readonly (readonly [string, Partial<TextStyle>])[]]>([
  [`${esc}31mred${esc}0m no`, [["red", { foreground: terminalColor(1) }]]],
  [`${esc}0;92mok${esc}m no`, [["ok", { foreground: terminalColor(10) }]]],
  [
    `${esc}44mback${esc}49mnone`,
    [
      ["back", { background: terminalColor(4) }],
      ["none", {}],
    ],
  ],
  [`${esc}103mback`, [["back", { background: terminalColor(11) }]]],
  [`${esc}38;5;208morange`, [["orange", { foreground: 0xff8700 }]]],
  [`${esc}48;5;21;1mboth`, [["both", { background: 0x0000ff, bold: true }]]],
  [`${esc}38;2;1;2;3;4mrgb`, [["rgb", { foreground: 0x010203, underline: true }]]],
  [`${esc}38:2::1:2:3mcolons`, [["colons", { foreground: 0x010203 }]]],
  [`${esc}38:5:208mcolons`, [["colons", { foreground: 0xff8700 }]]],
  [`${esc}38;2;999;2;3mtoo much`, [["too much", { foreground: 0xff0203 }]]],
  [`${esc}38mnothing`, [["nothing", {}]]],
  [
    `${esc}1;2;3;4;7;9mall${esc}22;23;24;27;29mnone`,
    [
      ["all", { bold: true, faint: true, italic: true, underline: true, inverse: true, strike: true }],
      ["none", {}],
    ],
  ],
  [
    `${esc}31mred\nstill`,
    [
      ["red", { foreground: terminalColor(1) }],
      ["still", { foreground: terminalColor(1) }],
    ],
  ],
  [`${esc}8mnot hidden`, [["not hidden", {}]]],
])("%p is painted", (output, styles) => {
  expect(stylesIn(output)).toEqual([...styles]);
});

test.each([
  ["a\r\nb\r\n", ["a", "b"]],
  ["a\n\nb", ["a", "", "b"]],
  ["", []],
  ["10 %\r 55 %\r100 %", ["100 %"]],
  ["long line\rshort", ["shortline"]],
  ["long line\rshort\x1b[K!", ["short!"]],
  ["long line\r\x1b[2Kshort", ["short"]],
  ["first\x1b[1Gf\x1b[GF", ["First"]],
  ["abc\b\bX", ["aXc"]],
  ["\b\ba", ["a"]],
  ["a\rb\nc", ["b", "c"]],
  ["äöü😀\rx", ["xöü😀"]],
])("%p is shown as by a terminal", (output, lines) => {
  expect(seen(output)).toEqual([...lines]);
});

test("what was written over keeps the style of what is left", () => {
  expect(stylesIn(`${esc}31mabc${esc}0m\rX`)).toEqual([["bc", { foreground: terminalColor(1) }]]);
});

test.each([
  ["clear the screen", "a\x1b[2Jb"],
  ["move up", "a\x1b[1Ab"],
  ["private modes", "a\x1b[?25lb"],
  ["a title", "a\x1b]0;owned\x07b"],
  ["a title with ST", "a\x1b]0;owned\x1b\\b"],
  ["a device string", "a\x1bPowned\x1b\\b"],
  ["a reset", "a\x1bcb"],
  ["a character set", "a\x1b(0b"],
])("other sequences are removed: %s", (_, output) => {
  expect(seen(output)).toEqual(["ab"]);
});

test("a link is its text", () => {
  expect(seen("\x1b]8;;http://x/\x1b\\text\x1b]8;;\x1b\\")).toEqual(["text"]);
});

test("a string without an end hides nothing", () => {
  expect(seen("\x1b]0;rest of the line\nnext")).toEqual(["0;rest of the line", "next"]);
  expect(seen("a\x1b")).toEqual(["a"]);
  expect(seen("a\x1b[31")).toEqual(["a"]);
});

test("no escape is left, whatever comes, and text without control characters is kept", () => {
  const piece = fc.constantFrom(
    "\x1b[",
    "\x1b]",
    "\x1b",
    "\r",
    "\b",
    "\n",
    "m",
    "1",
    ";",
    "K",
    "a",
    "\x07",
    "é",
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      expect(seen(pieces.join("")).join("")).not.toMatch(/[\x1b\r\n\b]/);
    }),
  );
  fc.assert(fc.property(fc.stringMatching(/^[ -~]*$/), (text) => expect(seen(text).join("")).toBe(text)));
});

test.each([
  ["carriage returns", "\r"],
  ["carriage returns over text", "a\r"],
  ["backspaces", "ab\b"],
  ["unfinished strings", "\x1b]"],
  ["unfinished sequences", "\x1b[1;1"],
  ["erasures", "ab\r\x1b[2K"],
  ["colours", "\x1b[31ma"],
])("a megabyte of %s takes no time", (_, piece) => {
  const started = performance.now();
  screenLines(piece.repeat(1_000_000 / piece.length));
  expect(performance.now() - started).toBeLessThan(3000);
});
