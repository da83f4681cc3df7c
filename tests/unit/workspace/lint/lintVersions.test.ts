import { expect, test } from "bun:test";
import { lintDependencies, lintVersion } from "../../../../src/workspace/lint/lintVersions.ts";

test.each([
  ["r.io/web", true],
  ["r.io/web:latest", true],
  ["r:5000/web", true],
  ["r.io/web:1.0.0", false],
  ["r:5000/web:1", false],
  ["web", false],
  ["infra/web:latest", false],
])("%s without a version: %p", (reference, isFound) => {
  const found = lintVersion(reference, ["from"]);
  expect(found.map(({ code }) => code)).toEqual(isFound ? ["block-version"] : []);
  expect(lintDependencies(new Map([["dependencies", ["x", reference]]])).map(({ at }) => at)).toEqual(
    isFound ? [["dependencies", 1]] : [],
  );
});
