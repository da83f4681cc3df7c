import { expect, test } from "bun:test";
import schema from "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json";
import Ajv from "ajv";
import { sarifOf } from "../../../src/reports/sarif.ts";
import { problemCodes } from "../../../src/workspace/poly/problemCodes.ts";
import type { Problem } from "../../../src/workspace/poly/problems.ts";

// The schema is of draft 4, which differs in the name of `$id` from what is needed of it.
const { $schema: _, id: __, ...rules } = schema;
const isSarif = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(rules);

const problems: readonly Problem[] = [
  {
    ...{ severity: "error", code: "unknown-key", file: "blocks/a b#%é/block.poly", message: "unknown `x`" },
    ...{ position: { line: 3, column: 7 }, hint: "did you mean `y`?" },
  },
  { severity: "warning", code: "image-tag", file: "workspace.poly", message: "no tag" },
  { severity: "warning", code: "plain-secret", file: "/etc/x y", message: "outside" },
];

test("problems are results with their rule, level, place and hint", () => {
  const [run] = sarifOf(problems, { root: "/repo dir", workspace: "infra" }).runs;
  expect(run?.originalUriBaseIds).toEqual({ "%SRCROOT%": { uri: "file:///repo%20dir/" } });
  const rule = run?.tool.driver.rules?.[run.results?.[0]?.ruleIndex ?? -1];
  expect(rule).toEqual({ id: "unknown-key", shortDescription: { text: problemCodes["unknown-key"] } });
  expect(run?.results).toMatchObject([
    {
      ruleId: "unknown-key",
      level: "error",
      message: { text: "unknown `x`\nhint: did you mean `y`?" },
      locations: [
        {
          physicalLocation: {
            artifactLocation: {
              uri: "infra/blocks/a%20b%23%25%C3%A9/block.poly",
              uriBaseId: "%SRCROOT%",
            },
            region: { startLine: 3, startColumn: 7 },
          },
        },
      ],
    },
    {
      level: "warning",
      message: { text: "no tag" },
      locations: [{ physicalLocation: { artifactLocation: { uri: "infra/workspace.poly" } } }],
    },
    { locations: [{ physicalLocation: { artifactLocation: { uri: "file:///etc/x%20y" } } }] },
  ]);
});

test("the log has the form of SARIF's schema, and that is no schema that takes everything", () => {
  const root = { root: "/repo", workspace: "" };
  for (const list of [problems, []]) {
    isSarif(JSON.parse(JSON.stringify(sarifOf(list, root))));
    expect(isSarif.errors).toBe(null);
  }
  expect(isSarif({ ...sarifOf(problems, root), version: "2.0" })).toBe(false);
  expect(isSarif({ ...sarifOf(problems, root), runs: [{}] })).toBe(false);
});
