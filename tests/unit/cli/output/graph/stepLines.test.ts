import { expect, test } from "bun:test";
import fc from "fast-check";
import { lineCutter, prefixedLines } from "../../../../../src/cli/output/graph/stepLines.ts";

const [red, bold, off] = ["\u001b[31m", "\u001b[1m", "\u001b[0m"];

/** The lines as they are printed, with `> ` before each. */
function printed(lines: readonly string[], isTerminal = false): string {
  const format = prefixedLines("> ", { isTerminal });
  return lines.map((line) => format(Buffer.from(line)).toString()).join("");
}

test("a colour that a line leaves on is off before the next prefix, and on again after it", () => {
  expect(printed([`a ${red}b`, "c", `${bold}d`, `e${off} f`, "g"])).toBe(
    [
      `> a ${red}b${off}`,
      `> ${red}c${off}`,
      `> ${red}${bold}d${off}`,
      `> ${red}${bold}e${off} f`,
      "> g",
      "",
    ].join("\n"),
  );
});

test("an endless series of colours is not kept", () => {
  const lines = Array.from({ length: 1000 }, (_, index) => `\u001b[38;5;${index % 256}m`);
  expect(printed(lines).length / lines.length).toBeLessThan(400);
});

test("elsewhere than at a terminal, the bytes of a line are what they were", () => {
  const line = Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0d, 0x1b, 0x5b, 0x41]);
  expect(prefixedLines("", { isTerminal: false })(line)).toEqual(Buffer.concat([line, Buffer.from("\n")]));
});

test.each([
  [`${red}a${off}`, `${red}a${off}`],
  ["up\u001b[2A and\u001b[2J clear", "up and clear"],
  ["10 %\r20 %\rdone\r", "done"],
  ["a title\u001b]0;x\u0007 and\u001b]8;;http://x\u001b\\ a link\u001b]8;;\u001b\\", "a title and a link"],
  ["a\u001bc\u0008b\u0007\tc", "ab\tc"],
])("at a terminal %j cannot leave its line: %j", (line, expected) => {
  expect(printed([line], true)).toBe(`> ${expected}\n`);
});

test("however a stream is cut, its lines are whole and in order", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), fc.array(fc.nat({ max: 20 })), (texts, cuts) => {
      const lines = texts.map((text) => text.replaceAll("\n", ""));
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
      const taken: string[] = [];
      const cutter = lineCutter((line) => void taken.push(line.toString()));
      let start = 0;
      for (const cut of cuts) {
        cutter.pass(bytes.subarray(start, start + cut));
        start += cut;
      }
      cutter.pass(bytes.subarray(start));
      expect(cutter.isInLine()).toBe(false);
      cutter.end();
      expect(taken).toEqual(lines.map((line) => Buffer.from(line).toString()));
    }),
  );
});

test("what is no line at the end becomes one", () => {
  const taken: string[] = [];
  const cutter = lineCutter((line) => void taken.push(line.toString()));
  cutter.pass(Buffer.from("a\nb"));
  expect([taken, cutter.isInLine()]).toEqual([["a"], true]);
  cutter.end();
  expect(taken).toEqual(["a", "b"]);
});

test("a line without an end does not fill the memory", () => {
  let most = 0;
  const cutter = lineCutter((line) => {
    most = Math.max(most, line.length);
    return undefined;
  });
  for (let count = 0; count < 100; count += 1) cutter.pass(Buffer.alloc(65_536, "x"));
  expect(most).toBeGreaterThan(1_000_000);
  expect(most).toBeLessThan(1_200_000);
});
