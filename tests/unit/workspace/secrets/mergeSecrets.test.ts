import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { mergeSecrets, pathInSecrets } from "../../../../src/workspace/secrets/mergeSecrets.ts";
import { valueAt } from "../../../../src/yaml/path.ts";
import { readYaml } from "../../../../src/yaml/read.ts";
import { isYamlMap, jsonOf, type YamlKey, type YamlMap, type YamlValue } from "../../../../src/yaml/value.ts";

function mapIn(text: string): YamlMap {
  const { value } = readYaml(text);
  if (!isYamlMap(value)) throw new Error("not a map");
  return value;
}

test.each([
  [
    "maps merge",
    "config: {a: 1, m: {x: 1}}",
    "config: {m: {y: 2}, b: 3}",
    { config: { a: 1, m: { x: 1, y: 2 }, b: 3 } },
  ],
  ["lists are replaced", "config: {l: [1, 2]}", "config: {l: [3]}", { config: { l: [3] } }],
  ["a scalar replaces a map", "config: {m: {x: 1}}", "config: {m: 1}", { config: { m: 1 } }],
  [
    "a variable is replaced as a whole",
    "config: {container: {env: {A: {from_env: A}, B: b}}}",
    "config: {container: {env: {A: {from_file: a}}}}",
    { config: { container: { env: { A: { from_file: "a" }, B: "b" } } } },
  ],
  ["a key with nothing after it changes nothing", "config: {a: 1}", "config:", { config: { a: 1 } }],
  [
    "steps merge by name, in the order that they have",
    "workflows: [{name: w, steps: [{name: a, block: b}, {name: c, block: d}]}]",
    "workflows: [{name: w, steps: [{name: c, env: {X: x}}, {name: other, env: {}}]}, {name: none}]",
    {
      workflows: [
        {
          name: "w",
          steps: [
            { name: "a", block: "b" },
            { name: "c", block: "d", env: { X: "x" } },
          ],
        },
      ],
    },
  ],
  ["name and blocks are left out", "name: w", "{name: x, blocks: [{name: b}]}", { name: "w" }],
])("%s", (_, workspace, secrets, expected) => {
  expect(jsonOf(mergeSecrets(mapIn(workspace), mapIn(secrets)))).toEqual(expected);
});

const key = fc.constantFrom("a", "b", "env", "workflows", "steps", "name");
const { tree } = fc.letrec<{ tree: YamlValue }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<YamlValue>("x", "y", null),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie("tree")), { maxLength: 4 }).map((entries) => new Map(entries)),
  ),
}));
const map = tree.filter(isYamlMap);

function pathsOf(value: YamlValue): readonly (readonly (YamlKey | number)[])[] {
  const entries = isYamlMap(value) ? [...value] : Array.isArray(value) ? [...value.entries()] : [];
  return entries.flatMap(([step, item]) => [[step], ...pathsOf(item).map((rest) => [step, ...rest])]);
}

test("a value is found where it is written: in the secrets if they have it, else at its path in the workspace", () => {
  fc.assert(
    fc.property(map, map, (workspace, secrets) => {
      const merged = mergeSecrets(workspace, secrets);
      for (const path of pathsOf(merged)) {
        const value = valueAt(merged, path);
        if (isYamlMap(value) || Array.isArray(value)) continue;
        const place = pathInSecrets(merged, secrets, path);
        const written = place === undefined ? undefined : valueAt(secrets, place);
        expect(written === value || valueAt(workspace, path) === value).toBe(true);
      }
    }),
  );
});
