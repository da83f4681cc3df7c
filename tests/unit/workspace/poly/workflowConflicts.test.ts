import { expect, test } from "bun:test";
import { parsePolyFile } from "../../../../src/workspace/poly/polyFile.ts";
import { problemLocation } from "../../../../src/workspace/poly/problems.ts";

/** The problems of a workflow with these steps, as `line:column code: message`; the first step is in line 4. */
function problemsOf(steps: string, workflow = ""): readonly string[] {
  const lines = steps.trim().split("\n");
  const text = [
    "name: test-workspace",
    "workflows:",
    `  - {name: w, ${workflow}steps: [`,
    ...lines.map((line) => `    {block: b, action: act, ${line.trim()}},`),
    "    ]}",
  ].join("\n");
  return parsePolyFile("workspace", "f", text).problems.map(
    (problem) => `${problemLocation(problem).slice(2)} ${problem.code}: ${problem.message}`,
  );
}

test("a graph without a mistake has no problems", () => {
  const steps = `name: build, matrix: {arch: [amd64, arm64], size: [1, 2]}
    name: test, needs: build, retries: 2, timeout: 5m, arguments: [--all, 7, yes]
    name: deploy, needs: [build, test], env: {A: 1, B: {from_env: B}}
    name: roll-back, needs: [deploy], when: failure
    name: report, needs: [deploy, roll-back], when: always, allow_failure: true`;
  expect(problemsOf(steps)).toEqual([]);
});

test("a cycle is told once, with its path, at the step of it that is written first", () => {
  const steps = `name: start
    name: a, needs: [start, c]
    name: b, needs: [a]
    name: c, needs: [b]
    name: end, needs: [c]`;
  expect(problemsOf(steps)).toEqual(["5:53 needs-cycle: steps need each other in a cycle: a → c → b → a"]);
});

test("two cycles are two problems", () => {
  const steps = `name: a, needs: b
    name: b, needs: a
    name: c, needs: [d]
    name: d, needs: [c, a]`;
  expect(problemsOf(steps)).toEqual([
    "4:45 needs-cycle: steps need each other in a cycle: a → b → a",
    "6:46 needs-cycle: steps need each other in a cycle: c → d → c",
  ]);
});

test.each([
  ["name: a, needs: [a]", ["4:46 wrong-need: step `a` needs itself"]],
  ["name: a, needs: a", ["4:45 wrong-need: step `a` needs itself"]],
  [
    "name: a, needs: [bild]",
    ["4:46 wrong-need: step `a` needs `bild`, which is not a step of this workflow"],
  ],
  ["name: a\nname: c, needs: [a, a]", ["5:49 wrong-need: step `c` needs `a` twice"]],
  ["name: a, needs: []\nname: a", ["5:35 repeated-name: two steps have the name `a`"]],
  [
    "name: a, needs: {b: c}",
    ["4:45 wrong-value: `workflows[0].steps[0].needs`: expected a list of steps, found a mapping"],
  ],
])("the needs of %j: %p", (steps, expected) => {
  expect(problemsOf(steps)).toEqual(expected);
});

test.each([
  ["matrix: {}", "4:46 wrong-matrix: the matrix of step `a` is empty"],
  ["matrix: {region: []}", "4:55 wrong-matrix: `region` of the matrix has no values"],
  ["matrix: {region: [eu, us, eu]}", "4:64 wrong-matrix: `region` of the matrix has the value `eu` twice"],
  ["matrix: {n: [1.0, '1.0']}", "4:56 wrong-matrix: `n` of the matrix has the value `1.0` twice"],
  ["matrix: {a-b: [1], A_B: [2]}", "4:57 wrong-matrix: `a-b` and `A_B` have the same variable `MATRIX_A_B`"],
  ["matrix: {n: [a]}, context: {from_matrix: m}", "4:79 wrong-matrix: step `a` has no `m` in its matrix"],
  ["context: {from_matrix: m}", "4:61 wrong-matrix: step `a` has no `m` in its matrix"],
  ["matrix: {9: [1]}", "4:47 wrong-matrix: `9` is not a name for a matrix"],
  [
    "matrix: {n: eu}",
    "4:50 wrong-value: `workflows[0].steps[0].matrix.n`: expected a list of values, found `eu`",
  ],
  [
    `matrix: {a: [${numbers(20)}], b: [${numbers(20)}]}`,
    "4:46 wrong-matrix: the matrix of step `a` has 400 combinations; at most 256 are allowed",
  ],
])("the matrix of `name: a, %s`: %s", (matrix, expected) => {
  expect(problemsOf(`name: a, ${matrix}`)).toEqual([expected]);
});

function numbers(count: number): string {
  return Array.from({ length: count }, (_, index) => index).join(", ");
}

test.each([
  [
    "without needs",
    "name: a, needs: []\nname: b, when: failure",
    ["5:44 wrong-condition: step `b` never runs: it needs no step"],
  ],
  [
    "as the first of a list",
    "name: a, when: failure\nname: b",
    ["4:44 wrong-condition: step `a` never runs: it is the first step"],
  ],
  [
    "after steps that may fail",
    "name: a, allow_failure: true\nname: b, needs: a, when: failure",
    ["5:54 wrong-condition: step `b` never runs: the failure of every step it needs is allowed"],
  ],
  [
    "of a list after steps that may fail",
    "name: a, allow_failure: true\nname: b, when: failure",
    ["5:44 wrong-condition: step `b` never runs: the failure of every step before it is allowed"],
  ],
  [
    "after both a step and what runs if it failed",
    "name: a\nname: undo, needs: a, when: failure\nname: b, needs: [a, undo]",
    [
      "6:45 wrong-condition: step `b` never runs: it needs a step that only runs after the failure of another one that must succeed",
    ],
  ],
  [
    "after one that runs if another failed",
    "name: a\nname: undo, needs: a, when: failure\nname: b, needs: [undo]",
    [],
  ],
  [
    "after one of two failures",
    "name: a\nname: b\nname: u, needs: [a, b], when: failure\nname: c, needs: [a, u]",
    [],
  ],
  ["in a list, after a step of a failure", "name: a\nname: u, when: failure\nname: b", []],
])("a `when` that never holds, %s", (_, steps, expected) => {
  expect(problemsOf(steps)).toEqual(expected);
});

test("where the workflow allows every failure, `when: failure` never holds", () => {
  expect(problemsOf("name: a\nname: b, when: failure", "allow_failure: yes, ")).toEqual([
    "5:44 wrong-condition: step `b` never runs: the failure of every step before it is allowed",
  ]);
});

test("in a list two steps may have one name, as ever; it is a warning", () => {
  const { problems } = parsePolyFile(
    "workspace",
    "f",
    "name: w\nworkflows: [{name: w, steps: [{name: a, block: b, action: c}, {name: a, block: b, action: c}]}]",
  );
  expect(problems.map(({ severity, code }) => `${severity} ${code}`)).toEqual(["warning repeated-name"]);
});
