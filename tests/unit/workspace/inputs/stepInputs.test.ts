import { expect, test } from "bun:test";
import { resolveAction, resolveBlock } from "../../../../src/workspace/blocks/resolveBlock.ts";
import { inputsOf } from "../../../../src/workspace/inputs/declarations.ts";
import {
  givenByStep,
  stepInputProblems,
  writtenInputs,
} from "../../../../src/workspace/inputs/stepInputs.ts";
import { problemsIn } from "../../../../src/workspace/poly/polyFile.ts";
import { problemLocation } from "../../../../src/workspace/poly/problems.ts";
import { messageOf } from "../../../support/fakes.ts";
import { workspaceOf } from "../../../support/planning.ts";

/** A step with this text in place of its inputs, on line 16, and the inputs of its action. */
function stepWith(inputs: string) {
  const workspace = workspaceOf({
    "workspace.poly": `name: test
blocks:
  - name: web
    actions:
      - name: install
        script: x
        inputs:
          region: {choices: [eu, us], default: eu}
          replicas: {type: integer, required: true}
          token: {secret: true}
workflows:
  - name: release
    steps:
      - name: deploy
        block: web
        action: install
        ${inputs}
`,
  });
  const declarations = inputsOf(resolveAction(resolveBlock(workspace, "web"), "install").value);
  return { workspace, declarations, written: writtenInputs(workspace, "release", 0) };
}

/** Each problem as `line:column: message`. */
function problemsOf(inputs: string): readonly string[] {
  const { workspace, declarations, written } = stepWith(inputs);
  return problemsIn(workspace.file, stepInputProblems(declarations, written)).map(
    (problem) => `${problemLocation(problem).replace("workspace.poly:", "")}: ${problem.message}`,
  );
}

test.each([
  ["", ["14:9: the step does not pass the required input `replicas`"]],
  ["inputs: {}", ["17:9: the step does not pass the required input `replicas`"]],
  ["inputs: {replicas: 3}", []],
  ["inputs: {replicas: '3', region: us, token: {from_env: TOKEN}}", []],
  ["inputs: {replicas: 3, regio: us}", ["17:31: the step's action has no input `regio`"]],
  [
    "inputs: {replicas: many}",
    ["17:28: input `replicas`: expected an integer in decimal digits, found `many`"],
  ],
  ["inputs: {replicas: 3, region: as}", ["17:39: input `region`: expected one of `eu`, `us`, found `as`"]],
  ["inputs: {replicas: 3, token: x}", ["17:38: the value of the secret input `token` is in the file"]],
  [
    "inputs: {replicas: {from_env: N}}",
    ["17:28: the input `replicas` is not a secret, so its value is written in the file"],
  ],
  ["matrix: {replicas: [1, 2], os: [a]}", []],
  [
    "matrix: {replicas: [1, two]}",
    ["17:32: input `replicas`: expected an integer in decimal digits, found `two`"],
  ],
  ["matrix: {replicas: [1], token: [x]}", ["17:41: the value of the secret input `token` is in the file"]],
])("a step with %j gives %j", (inputs, problems) => {
  expect(problemsOf(inputs)).toEqual(problems);
});

test("a combination passes the inputs of its names, unless the step's own inputs do", () => {
  const { workspace, declarations, written } = stepWith("inputs: {region: us}");
  const combination = [
    { name: "region", value: "eu" },
    { name: "replicas", value: "7" },
    { name: "os", value: "linux" },
  ];
  const inputs = givenByStep(workspace, declarations, written, combination, {});
  expect(inputs.map(({ variable }) => `${variable.name}=${variable.value}`)).toEqual([
    "INPUT_REGION=us",
    "INPUT_REPLICAS=7",
  ]);
});

test("a step passes values in the spelling of the file, and secrets from where it says", () => {
  const { workspace, declarations, written } = stepWith(
    "inputs: {replicas: 99999999999999999999, token: {from_env: PROD_TOKEN}}",
  );
  expect(givenByStep(workspace, declarations, written, [], { PROD_TOKEN: "s3cr3t" })).toEqual([
    {
      name: "replicas",
      value: { digits: "99999999999999999999", source: "99999999999999999999" },
      variable: { name: "INPUT_REPLICAS", value: "99999999999999999999" },
    },
    {
      name: "token",
      value: "***",
      variable: { name: "INPUT_TOKEN", value: "s3cr3t", secret: { variable: "PROD_TOKEN" } },
    },
  ]);
  expect(messageOf(() => givenByStep(workspace, declarations, written, [], {}))).toBe(
    "65: workspace.poly:17:57: the variable `PROD_TOKEN` is not set",
  );
});
