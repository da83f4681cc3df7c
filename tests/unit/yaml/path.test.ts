import { expect, test } from "bun:test";
import { formatPath, valueAt } from "../../../src/yaml/path.ts";
import { readYaml } from "../../../src/yaml/read.ts";

const { value } = readYaml(
  "workflows:\n  - name: release\n    steps: [{name: build}]\n80: number\n'80': text\n",
);

test.each([
  [["workflows", 0, "name"], "release"],
  [["workflows", 0, "steps", 0, "name"], "build"],
  [[80], "number"],
  [["80"], "text"],
])("the value at %j", (path, expected) => {
  expect(valueAt(value, path)).toBe(expected);
});

test.each([[["none"]], [["workflows", 1]], [["workflows", "0"]], [["workflows", 0, "name", 0]]])(
  "there is no value at %j",
  (path) => {
    expect(valueAt(value, path)).toBeUndefined();
  },
);

test("the empty path leads to the whole value, and nothing has no values in it", () => {
  expect(valueAt(value, [])).toBe(value);
  expect(valueAt(undefined, ["name"])).toBeUndefined();
});

test.each([
  [[], ""],
  [["config", "container", "env"], "config.container.env"],
  [["workflows", 0, "steps"], "workflows[0].steps"],
  [["blocks", 2], "blocks[2]"],
])("%j is shown as `%s`", (path, expected) => {
  expect(formatPath(path)).toBe(expected);
});
