import { expect, test } from "bun:test";
import { workspaceProblems } from "../../../../src/cli/commands/validate.ts";
import { loadWorkspaceLenient } from "../../../../src/workspace/load.ts";
import { problemLocation } from "../../../../src/workspace/poly/problems.ts";
import { makeFolder } from "../../../support/harness.ts";

/** The problems of a workspace, each as `line:column code: message`. */
async function problemsIn(text: string): Promise<readonly string[]> {
  using folder = makeFolder({ "workspace.poly": text });
  const problems = await workspaceProblems(loadWorkspaceLenient({ named: folder.path }));
  return problems
    .filter(({ code }) => code !== "missing-gitignore")
    .map((one) => `${problemLocation(one).replace("workspace.poly:", "")} ${one.code}: ${one.message}`);
}

/** A workspace whose action has these inputs, which begin at line 7, column 17. */
const withInputs = (inputs: string) => `name: test
blocks:
  - name: web
    actions:
      - name: install
        script: x
        inputs: ${inputs}
`;

test.each([
  ["{a: {typ: integer}}", ["7:22 unknown-key: unknown key `blocks[0].actions[0].inputs.a.typ`"]],
  [
    "{a: {type: int}}",
    [
      "7:28 wrong-value: `blocks[0].actions[0].inputs.a.type`: expected `string`, `integer`, `number` or `boolean`, found `int`",
    ],
  ],
  [
    "{a: [eu, us]}",
    [
      "7:21 wrong-value: `blocks[0].actions[0].inputs.a`: expected a mapping, for example `{type: integer, required: true}`, found a list",
    ],
  ],
  [
    "{a: eu}",
    [
      "7:21 wrong-value: `blocks[0].actions[0].inputs.a`: expected a mapping, for example `{type: integer, required: true}`, found `eu`",
    ],
  ],
  [
    "{a: {type: integer, default: many}}",
    ["7:46 wrong-input: default of the input `a`: expected an integer in decimal digits, found `many`"],
  ],
  [
    "{a: {type: integer, default: 0x10}}",
    ["7:46 wrong-input: default of the input `a`: expected an integer in decimal digits, found `0x10`"],
  ],
  [
    "{a: {choices: [eu, us], default: as}}",
    ["7:50 wrong-input: default of the input `a`: expected one of `eu`, `us`, found `as`"],
  ],
  [
    "{a: {type: integer, choices: [1, two]}}",
    ["7:50 wrong-input: choice of the input `a`: expected an integer in decimal digits, found `two`"],
  ],
  ["{a: {choices: []}}", ["7:31 wrong-input: the choices of the input `a` are empty"]],
  [
    "{a: {type: boolean, choices: [true]}}",
    ["7:46 wrong-input: the input `a` is a boolean, which has no choices"],
  ],
  ["{a: {secret: true, default: x}}", ["7:45 wrong-input: the secret input `a` has a default"]],
  ["{a-b: {}, A_B: {}}", ["7:27 wrong-input: the inputs `a-b` and `A_B` both set `INPUT_A_B`"]],
  ["{1a: {}}", ["7:18 wrong-input: `1a` is not a valid name of an input"]],
  [
    "{constructor: 5}",
    [
      "7:31 wrong-value: `blocks[0].actions[0].inputs.constructor`: expected a mapping, for example `{type: integer, required: true}`, found `5`",
    ],
  ],
  [
    "{timeout: {}}",
    ["7:18 input-flag: `--timeout` is a flag of polycrate, so it does not set the input `timeout`"],
  ],
  ["{x: {}}\n        env: {INPUT_X: a}", ["7:18 wrong-input: the input `x` and `env` both set `INPUT_X`"]],
  ["{x: {}}\n        env: {INPUT_Y: a}", []],
  [
    "{a: {type: integer, default: 3, choices: [3]}, b: {type: boolean, default: yes}, c: {default: true}}",
    [],
  ],
])("the inputs %j give %j", async (inputs, problems) => {
  expect(await problemsIn(withInputs(inputs))).toEqual(problems);
});

test("a default is judged by the choices of the parent, where each is written, and once for all heirs", async () => {
  const text = (choices: string) => `name: test
blocks:
  - name: base
    actions: [{name: install, script: x, inputs: {region: {choices: ${choices}, default: eu}}}]
  - {name: one, from: base}
  - {name: two, from: base, actions: [{name: install, inputs: {region: {default: us}}}]}
`;
  expect(await problemsIn(text("[eu, us]"))).toEqual([]);
  expect(await problemsIn(text("[eu]"))).toEqual([
    "6:82 wrong-input: default of the input `region`: expected one of `eu`, found `us`",
  ]);
  expect(await problemsIn(text("[us]"))).toEqual([
    "4:84 wrong-input: default of the input `region`: expected one of `us`, found `eu`",
  ]);
});
