import { expect, test } from "bun:test";
import { resolveAction, resolveBlock } from "../../../../src/workspace/blocks/resolveBlock.ts";
import { inputsOf } from "../../../../src/workspace/inputs/declarations.ts";
import { workspaceOf } from "../../../support/planning.ts";

/** The inputs of the action `web install` in a workspace with these blocks. */
function inputsIn(blocks: string) {
  const workspace = workspaceOf({ "workspace.poly": `name: test\nblocks:\n${blocks}` });
  return inputsOf(resolveAction(resolveBlock(workspace, "web"), "install").value);
}

test("an input has a variable, a type, and defaults in the spelling of the file", () => {
  const inputs = inputsIn(`
  - name: web
    actions:
      - name: install
        script: x
        inputs:
          api-version: {default: 1.10, description: Of the API.}
          replicas: {type: integer, required: true, choices: [1, 3]}
          drain: {type: boolean}
          sure: {type: boolean, required: true}
          plain:
          token: {secret: true}
          extra: {secret: yes, required: no}
`);
  const rest = { choices: [], description: undefined, default: undefined, required: false, secret: false };
  expect(inputs).toEqual([
    {
      ...rest,
      ...{ name: "api-version", variable: "INPUT_API_VERSION", type: "string" },
      ...{ default: "1.10", description: "Of the API." },
    },
    {
      ...rest,
      ...{
        name: "replicas",
        variable: "INPUT_REPLICAS",
        type: "integer",
        required: true,
        choices: ["1", "3"],
      },
    },
    { ...rest, name: "drain", variable: "INPUT_DRAIN", type: "boolean", default: "false" },
    { ...rest, name: "sure", variable: "INPUT_SURE", type: "boolean", required: true },
    { ...rest, name: "plain", variable: "INPUT_PLAIN", type: "string" },
    { ...rest, name: "token", variable: "INPUT_TOKEN", type: "string", secret: true, required: true },
    { ...rest, name: "extra", variable: "INPUT_EXTRA", type: "string", secret: true },
  ]);
});

test("a block inherits inputs by name, and changes single keys of them", () => {
  const [region, size, zone] = inputsIn(`
  - {name: web, from: base, actions: [{name: install, inputs: {region: {default: us}, zone: {}}}]}
  - name: base
    actions:
      - {name: install, script: x, inputs: {region: {choices: [eu, us], default: eu}, size: {default: s}}}
`).toSorted((a, b) => a.name.localeCompare(b.name));
  expect(region).toMatchObject({ name: "region", choices: ["eu", "us"], default: "us" });
  expect(size).toMatchObject({ name: "size", default: "s" });
  expect(zone).toMatchObject({ name: "zone", default: undefined });
});

test("an empty `inputs:` keeps those of the parent", () => {
  const names = inputsIn(`
  - {name: web, from: base, actions: [{name: install, inputs: }]}
  - {name: base, actions: [{name: install, script: x, inputs: {region: {}}}]}
`).map(({ name }) => name);
  expect(names).toEqual(["region"]);
});
