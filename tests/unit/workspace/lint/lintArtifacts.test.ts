import { expect, test } from "bun:test";
import { lintArtifacts } from "../../../../src/workspace/lint/lintArtifacts.ts";
import { loadWorkspaceLenient } from "../../../../src/workspace/load.ts";
import { formatPath } from "../../../../src/yaml/path.ts";
import { makeFolder } from "../../../support/harness.ts";

/** The warnings about these steps, as `path: message`. */
function warnings(...steps: readonly string[]): readonly string[] {
  using folder = makeFolder({
    "workspace.poly": `name: test-workspace
blocks:
  - {name: web, alias: site, actions: [{name: act, script: x}]}
  - {name: db, actions: [{name: act, script: x}]}
workflows:
  - name: release
    steps: [${steps.map((step) => `{action: act, ${step}}`).join(", ")}]
`,
  });
  return lintArtifacts(loadWorkspaceLenient({ named: folder.path })).map(
    ({ at, message }) => `${formatPath(at)}: ${message}`,
  );
}

test("two steps of one block that may run at once are a warning, also by its alias", () => {
  expect(warnings("name: a, block: web, needs: []", "name: b, block: db", "name: c, block: site")).toEqual([
    "workflows[0].steps[2].block: steps `a` and `c` may write the artifacts of block `web` at the same time",
  ]);
});

test("steps of which one comes after the other, directly or not, are none", () => {
  expect(
    warnings("name: c, block: web, needs: b", "name: a, block: web", "name: b, block: db, needs: [a]"),
  ).toEqual([]);
});

test("neither are steps in order, the runs of one matrix, and blocks that do not exist", () => {
  expect(warnings("name: a, block: web", "name: b, block: web")).toEqual([]);
  expect(
    warnings("name: a, block: web, matrix: {n: [1, 2]}", "name: b, block: no", "name: c, block: no"),
  ).toEqual([]);
});
