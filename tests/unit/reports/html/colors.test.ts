import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  contrast,
  hexOf,
  leastContrast,
  mix,
  readableOn,
  terminalColor,
} from "../../../../src/reports/html/colors.ts";

const color = fc.integer({ min: 0, max: 0xffffff });

test("the contrast is the one of WCAG", () => {
  expect(contrast(0, 0xffffff)).toBeCloseTo(21, 5);
  expect(contrast(0x777777, 0xffffff)).toBeCloseTo(4.478, 3);
  expect(contrast(0xff0000, 0x0000ff)).toBeCloseTo(2.149, 3);
});

test("any colour can be read on any other afterwards, and stays when it could before", () => {
  fc.assert(
    fc.property(color, color, (background, foreground) => {
      const readable = readableOn(background, foreground);
      expect(contrast(readable, background)).toBeGreaterThanOrEqual(leastContrast);
      if (contrast(foreground, background) >= leastContrast) expect(readable).toBe(foreground);
    }),
  );
});

test.each([
  [1, 0xf4766b],
  [15, 0xffffff],
  [16, 0x000000],
  [21, 0x0000ff],
  [208, 0xff8700],
  [231, 0xffffff],
  [232, 0x080808],
  [255, 0xeeeeee],
])("colour %d of a terminal", (index, expected) => {
  expect(hexOf(terminalColor(index))).toBe(hexOf(expected));
});

test("a mixture is between its colours", () => {
  expect(hexOf(mix(0x000000, 0xff8000, 0.5))).toBe("#804000");
  expect(mix(0x123456, 0xffffff, 0)).toBe(0x123456);
});
