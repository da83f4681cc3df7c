import { expect, test } from "bun:test";
import { parsePolyFile } from "../../../../src/workspace/poly/polyFile.ts";
import { describeProblem } from "../../../../src/workspace/poly/problems.ts";
import { jsonOf } from "../../../../src/yaml/value.ts";

/** The problems of a `secrets.poly`, as a user sees them. */
function problemsOf(text: string): readonly string[] {
  return parsePolyFile("secrets", "secrets.poly", text).problems.map(describeProblem);
}

test("every value is hidden; names and references to where a secret is are not", () => {
  const { value, problems } = parsePolyFile(
    "secrets",
    "secrets.poly",
    `
name: shop
config: {container: {env: {TOKEN: s3cret, OTHER: {from_env: OTHER}}}, globals: {list: [1, true, ~, 1.5]}}
extraenv: [A=s3cret, "B=x=y"]
blocks:
  - {name: web, version: 1.2, config: {name: s3cret, text: "a\\nb"}, actions: [{name: run, env: {X: s3cret}}]}
workflows:
  - {name: release, steps: [{name: one, inputs: {token: s3cret}, env: {Y: {from_file: ./y}}}]}
`,
  );
  expect(problems).toEqual([]);
  expect(jsonOf(value)).toEqual({
    name: "shop",
    config: {
      container: { env: { TOKEN: "***", OTHER: { from_env: "OTHER" } } },
      globals: { list: ["***", "***", null, "***"] },
    },
    extraenv: ["A=***", "B=***"],
    blocks: [
      {
        name: "web",
        version: 1.2,
        config: { name: "***", text: "***" },
        actions: [{ name: "run", env: { X: "***" } }],
      },
    ],
    workflows: [
      {
        name: "release",
        steps: [{ name: "one", inputs: { token: "***" }, env: { Y: { from_file: "./y" } } }],
      },
    ],
  });
  expect(Bun.inspect(value)).not.toContain("s3cret");
  expect(JSON.stringify([...value.values()])).not.toContain("s3cret");
});

test.each([
  ["config: {container: {image: s3cret}}", "1:22: `config.container.image`"],
  ["config: {dockerfile: s3cret}", "1:10: `config.dockerfile`"],
  ["extramounts: [s3cret:/x]", "1:1: `extramounts`"],
  ["blocks: [{name: b, from: s3cret}]", "1:20: `blocks[0].from`"],
  ["blocks: [{name: b, actions: [{name: a, script: [s3cret]}]}]", "1:40: `blocks[0].actions[0].script`"],
  [
    "workflows: [{name: w, steps: [{name: s, arguments: [s3cret]}]}]",
    "1:41: `workflows[0].steps[0].arguments`",
  ],
])("what decides what runs cannot be secret: %s", (text, expected) => {
  expect(problemsOf(text)).toEqual([
    `secrets.poly:${expected} cannot be secret: it decides what runs\n` +
      "hint: move it to `workspace.poly`; `polycrate help secrets` says what can be secret",
  ]);
});

test.each([
  ["config: s3cret", "`config`: expected a mapping, found `***`"],
  ["s3cret", "expected a mapping, found something else"],
  ["blocks: {name: s3cret}", "`blocks`: expected a list of blocks"],
  ["a: *s3cret", "alias `***` has no anchor before it"],
  ["a: 'x' s3cret", "unexpected `***` after the end of a value"],
  ["a: @s3cret", "an unquoted value cannot begin like `***`"],
  ['a: "`s3cret` \\q"', "unknown escape `***`"],
  ["a: !s3cret x", "unknown tag `***`"],
  ["a: b: s3cret", "the value `***` contains `: `"],
])("a problem is located and repeats nothing of the file: %s", (text, expected) => {
  const [problem = ""] = problemsOf(text);
  expect(problem).toStartWith("secrets.poly:1:");
  expect(problem.replace("`***` contains `: `", "`***`")).toContain(
    expected.replace("`***` contains `: `", "`***`"),
  );
  expect(problemsOf(text).join()).not.toContain("s3cret");
});

test("a key that no file has is a warning, as in `workspace.poly`", () => {
  expect(problemsOf("blocs: []")).toEqual([
    "secrets.poly:1:1: unknown key `blocs`\nhint: did you mean `blocks`?",
  ]);
});
