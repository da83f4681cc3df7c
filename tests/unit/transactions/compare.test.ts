import { expect, test } from "bun:test";
import fc from "fast-check";
import { compareRecords, compareSnapshots, type Difference } from "../../../src/transactions/compare.ts";
import { readYaml } from "../../../src/yaml/read.ts";
import { isYamlMap, jsonOf, type YamlMap } from "../../../src/yaml/value.ts";

function mapOf(text: string): YamlMap {
  const { value } = readYaml(text);
  return isYamlMap(value) ? value : new Map();
}

/** The differences, a line each. */
const lines = (differences: readonly Difference[]) =>
  differences.map(({ path, before, after }) => {
    const [old, now] = [before, after].map((value) =>
      value === undefined ? "nothing" : JSON.stringify(jsonOf(value)),
    );
    return `${path.join(".")}: ${old} → ${now}`;
  });

const compared = (before: string, after: string) => lines(compareSnapshots(mapOf(before), mapOf(after)));

test.each([
  ["env: {A: x, B: y}", "env: {A: x, B: z}", ['env.B: "y" → "z"']],
  ["env: {A: x}", "env: {B: x}", ['env.A: "x" → nothing', 'env.B: nothing → "x"']],
  ["a: {80: x}", 'a: {"80": x}', ['a.80: "x" → nothing', 'a.80: nothing → "x"']],
  ["a: null", "a: {b: 1}", ['a: null → {"b":1}']],
  ["a: [1, 2]", "a: [1, 3]", ["a: [1,2] → [1,3]"]],
  ["a: 1", 'a: "1"', ['a: 1 → "1"']],
  ["a: 1.0", "a: 1", ["a: 1 → 1"]],
  ["a: {x: 1, y: 2}", "a: {y: 2, x: 1}", []],
  ["a: [{x: 1}, {x: 2}]", "a: [{x: 1}, {x: 3}]", ["a.1.x: 2 → 3"]],
  [
    "a: [{name: p, x: 1}]",
    "a: [{name: q}, {name: p, x: 2}]",
    ["a.p.x: 1 → 2", 'a.q: nothing → {"name":"q"}'],
  ],
  ["a: [{name: p}, {name: p, x: 1}]", "a: [{name: p}, {name: p, x: 2}]", ["a.1.x: 1 → 2"]],
])("%s and %s differ in %j", (before, after, expected) => {
  expect(compared(before, after)).toEqual(expected);
});

test("the value of an input is compared in the records, its declaration in the snapshots", () => {
  const snapshot = (value: string, preset: string) => `env: {INPUT_A_B: ${value}, INPUT_C: ${value}}
block: {name: b, actions: [{name: act, inputs: {a-b: {default: ${preset}}}}]}
action: {name: act, inputs: {a-b: ${value}}}`;
  expect(compared(snapshot("x", "p"), snapshot("y", "q"))).toEqual([
    'env.INPUT_C: "x" → "y"',
    'block.actions.act.inputs.a-b.default: "p" → "q"',
  ]);
  const records = [mapOf("inputs: {a: 1, b: x}"), mapOf("inputs: {a: 2, b: x}")] as const;
  expect(lines(compareRecords(...records))).toEqual(["inputs.a: 1 → 2"]);
});

test("the block that ran and its action are compared once", () => {
  const snapshot = (replicas: number, script: string, other: number) => {
    const block = `{name: b, config: {replicas: ${replicas}}, actions: [{name: act, script: ${script}}]}`;
    return `workspace: {blocks: [${block}, {name: c, config: {x: ${other}}}]}
block: ${block}
action: {name: act, script: ${script}}`;
  };
  expect(compared(snapshot(3, "x", 1), snapshot(5, "y", 2))).toEqual([
    "workspace.blocks.c.config.x: 1 → 2",
    "block.config.replicas: 3 → 5",
    'action.script: "x" → "y"',
  ]);
});

test("the workflow and its step are compared once", () => {
  const snapshot = (timeout: number) => {
    const step = `{name: s, timeout: ${timeout}}`;
    const workflow = `{name: w, steps: [${step}]}`;
    return `{workspace: {workflows: [${workflow}]}, workflow: ${workflow}, step: ${step}}`;
  };
  expect(compared(snapshot(1), snapshot(2))).toEqual(["step.timeout: 1 → 2"]);
});

test("whether a run belongs to a workflow, and the names of what ran, are the records' to tell", () => {
  const alone = "{block: {name: b}, workflow: null, step: null}";
  const inWorkflow = "{block: {name: c}, workflow: {name: w}, step: {name: s}}";
  expect(compared(alone, inWorkflow)).toEqual([]);
});

test("a snapshot does not differ from itself", () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  fc.assert(
    fc.property(json, (value) => {
      const text = `a: ${JSON.stringify(value)}`;
      expect(compared(text, text)).toEqual([]);
    }),
  );
});

const counts = "unreachable: 0, skipped: 0, rescued: 0, ignored: 0";
const record = `id: 1
started: "2026-01-01T00:00:00Z"
status: succeeded
image: a
image_id: "sha256:1"
git_commit: null
arguments: []
hosts: [{host: web, ok: 2, changed: 0, failed: 0, ${counts}}, {host: db, ok: 2, changed: 0, failed: 0, ${counts}}]
artifacts: [{path: x, sha256: "1"}]
`;

test.each([
  ["id: 1", "id: 2", []],
  ["00:00:00Z", "00:00:01Z", []],
  ['sha256: "1"', 'sha256: "2"', []],
  ["status: succeeded", "status: failed", ['status: "succeeded" → "failed"']],
  ["sha256:1", "sha256:2", ['image_id: "sha256:1" → "sha256:2"']],
  ["git_commit: null", "git_commit: abc", ['git_commit: null → "abc"']],
  ["arguments: []", "arguments: [--x]", ['arguments: [] → ["--x"]']],
  ["image: a\n", "", []],
  ["hosts:", "unknown:", []],
])("a record with %j and one with %j in its place differ in %j", (part, other, expected) => {
  expect(lines(compareRecords(mapOf(record), mapOf(record.replace(part, other))))).toEqual(expected);
});

test("a host is one value, with all of its counts", () => {
  const after = record.replace("db, ok: 2, changed: 0, failed: 0", "db, ok: 1, changed: 0, failed: 1");
  const [difference, ...more] = compareRecords(mapOf(record), mapOf(after));
  expect(more).toEqual([]);
  expect(difference?.path).toEqual(["hosts", "db"]);
  expect(jsonOf(difference?.before ?? null)).toMatchObject({ ok: 2, failed: 0 });
  expect(jsonOf(difference?.after ?? null)).toMatchObject({ ok: 1, failed: 1 });
  const gone = record.replace(/hosts: .*/, "hosts: []");
  expect(compareRecords(mapOf(record), mapOf(gone)).map(({ path, after }) => [path[1], after])).toEqual([
    ["web", undefined],
    ["db", undefined],
  ]);
});
