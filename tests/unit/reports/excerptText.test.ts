import { expect, test } from "bun:test";
import { excerptText } from "../../../src/reports/excerptText.ts";
import { shortLog } from "../../support/reports.ts";

test("a short log is its text, without colours", () => {
  expect(excerptText(shortLog("\u001b[31mred\u001b[0m\r\nplain\n"), "x.log")).toBe("red\nplain\n");
});

test("what is left out is a line of its own", () => {
  const parts = [
    { of: "beginning", omitted: 0, text: "one" },
    { of: "end", omitted: 4096, text: "end\n" },
  ] as const;
  expect(excerptText({ size: 5000, parts, problem: undefined }, "x.log")).toBe(
    "one\n[4096 bytes are left out; the whole log is x.log]\nend\n",
  );
});
