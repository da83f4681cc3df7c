import { expect, test } from "bun:test";
import { parsePolyFile } from "../../../../src/workspace/poly/polyFile.ts";
import { versionProblem } from "../../../../src/workspace/poly/requiredVersion.ts";

const problemOf = (requires: string, version: string) =>
  versionProblem(parsePolyFile("workspace", "workspace.poly", `name: w\nrequires: ${requires}\n`), version);

test.each([
  ['">=0.2"', "0.2.0"],
  ["0.2", "0.2.7"],
  ["^1.4 || >=2", "3.0.0"],
  ['">= 0.2 <1"', "0.9.0"],
  ["1.x", "1.9.9"],
  ["~", "0.1.0"],
])("the requirement %s is met by %s", (requires, version) => {
  expect(problemOf(requires, version)).toBeUndefined();
});

test.each([
  ['">=0.2"', "0.1.9"],
  ["0.2", "0.3.0"],
  ["^1.4 || >=3", "2.0.0"],
  ['">=0.2 <1"', "1.0.0"],
])("the requirement %s is not met by %s", (requires, version) => {
  const problem = problemOf(requires, version);
  expect(problem).toMatchObject({ code: "required-version", position: { line: 2, column: 11 } });
  expect(problem?.message).toBe(
    `the workspace requires polycrate ${requires.replaceAll('"', "")}, and this is ${version}`,
  );
});

test.each(['"newest"', '">=0.2; rm -rf /"', '"$(id)"', "[0.2]", `"${"0.1 ".repeat(60)}0.1"`])(
  "%s is no range: a wrong value, and no requirement",
  (requires) => {
    const file = parsePolyFile("workspace", "workspace.poly", `name: w\nrequires: ${requires}\n`);
    expect(file.problems).toMatchObject([{ code: "wrong-value", position: { line: 2, column: 11 } }]);
    expect(versionProblem(file, "0.1.0")).toBeUndefined();
  },
);

test.each([
  ["a newer one", '">=0.2"', "0.1.0", "newest"],
  ["an older one", '"<0.1"', "0.1.0", "older"],
])("the hint is about %s", (_, requires, version, word) => {
  // The tests' own executable is bun, whose way of installation varies.
  expect(problemOf(requires, version)?.hint).toMatch(new RegExp(`${word}|install`));
});
