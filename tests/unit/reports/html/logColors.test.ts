import { expect, test } from "bun:test";
import fc from "fast-check";
import { plain } from "../../../../src/reports/html/ansi.ts";
import { contrast, leastContrast } from "../../../../src/reports/html/colors.ts";
import { colorClass, colorRules, logInk, logPaper } from "../../../../src/reports/html/logColors.ts";

test("plain text needs no class; painted text has one that says both colours", () => {
  expect(colorClass(plain)).toEqual([]);
  expect(colorClass({ ...plain, bold: true })).toEqual([]);
  expect(colorClass({ ...plain, foreground: 0xff8700 })).toEqual(["cff8700-14181d"]);
  expect(colorClass({ ...plain, inverse: true })).toEqual(["c14181d-e6eaef"]);
});

test("there is one rule for each class", () => {
  const orange = { ...plain, foreground: 0xff8700 };
  const onBlue = { ...plain, background: 0x000080 };
  expect(colorRules([plain, orange, { ...orange, bold: true }, onBlue])).toBe(
    ".ce6eaef-000080{color:#e6eaef;background:#000080}\n.cff8700-14181d{color:#ff8700;background:#14181d}",
  );
});

test("whatever a program paints can be read", () => {
  const color = fc.option(fc.integer({ min: 0, max: 0xffffff }), { nil: undefined });
  const style = fc.record({
    foreground: color,
    background: color,
    faint: fc.boolean(),
    inverse: fc.boolean(),
  });
  fc.assert(
    fc.property(style, (changes) => {
      const [name] = colorClass({ ...plain, ...changes });
      const colors = name
        ?.slice(1)
        .split("-")
        .map((hex) => Number.parseInt(hex, 16)) ?? [logInk, logPaper];
      expect(contrast(colors[0] ?? 0, colors[1] ?? 0)).toBeGreaterThanOrEqual(leastContrast);
    }),
  );
});
