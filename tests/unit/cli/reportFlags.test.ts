import { expect, test } from "bun:test";
import { readReportFlags } from "../../../src/cli/reportFlags.ts";
import { messageOf } from "../../support/fakes.ts";

test("a report is its kind and its file, which may have any name", () => {
  expect(readReportFlags(["junit=out.xml", "markdown=a=b.md", "html=/tmp/x y.html"])).toEqual([
    { kind: "junit", file: "out.xml" },
    { kind: "markdown", file: "a=b.md" },
    { kind: "html", file: "/tmp/x y.html" },
  ]);
  expect(readReportFlags([])).toEqual([]);
});

test.each([
  ["junit", "64: missing file in `--report=junit`"],
  ["html=", "64: missing file in `--report=html=`"],
  ["pdf=out.pdf", "64: invalid value `pdf=out.pdf` for `--report`"],
  ["out.xml", "64: invalid value `out.xml` for `--report`"],
  ["=out.xml", "64: invalid value `=out.xml` for `--report`"],
])("`--report=%s` is refused", (value, message) => {
  expect(messageOf(() => readReportFlags([value]))).toBe(message);
});
