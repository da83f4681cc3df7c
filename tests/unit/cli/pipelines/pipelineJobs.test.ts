import { expect, test } from "bun:test";
import { messageOf } from "../../../support/fakes.ts";
import { pipelineIn, releaseOf } from "../../../support/pipelines.ts";

/** Each job with what it needs, and after a `+` what else it reads. */
function needsIn(steps: string): readonly string[] {
  const { jobs } = pipelineIn(releaseOf(steps));
  return jobs.map(({ step, needs, reads }) => {
    const names = (indexes: readonly number[]) => indexes.map((index) => jobs[index]?.step).join(" ");
    return `${step}: ${names(needs)}${reads.length === 0 ? "" : ` + ${names(reads)}`}`;
  });
}

test("a sequence is a chain of needs", () => {
  const steps = `{name: a, block: web, action: act}
    {name: b, block: web, action: act}
    {name: c, block: web, action: act}`;
  expect(needsIn(steps)).toEqual(["a: ", "b: a", "c: b"]);
});

test("in a sequence a step waits for all before it whose success no other proves, and for no step that only runs after a failure", () => {
  const steps = `{name: a, block: web, action: act}
    {name: undo, block: web, action: act, when: failure}
    {name: clean, block: web, action: act, when: always}
    {name: b, block: web, action: act}
    {name: tell, block: web, action: act, when: failure}`;
  expect(needsIn(steps)).toEqual(["a: ", "undo: a", "clean: undo", "b: a clean", "tell: a undo clean b"]);
});

test("a graph has the needs that are written", () => {
  const steps = `{name: a, block: web, action: act, matrix: {n: [1, 2]}}
    {name: b, block: db, action: act, needs: a}
    {name: c, block: web, action: act, needs: [b, a]}`;
  expect(needsIn(steps)).toEqual(["a: ", "b: a", "c: a b"]);
});

test("a job reads artifacts of earlier ones that must have succeeded, unless one that it needs passes them on", () => {
  const steps = `{name: a, block: web, action: act, needs: []}
    {name: b, block: db, action: act, needs: a}
    {name: c, block: db, action: act, needs: b}
    {name: d, block: web, action: act, needs: c}
    {name: e, block: web, action: act, needs: d}
    {name: f, block: db, action: act, needs: b, when: failure}`;
  expect(needsIn(steps)).toEqual(["a: ", "b: a", "c: b + a", "d: c + a", "e: d + c", "f: b"]);
});

test("what may not have run is not waited for", () => {
  const steps = `{name: a, block: web, action: act, needs: []}
    {name: undo, block: db, action: act, needs: a, when: failure}
    {name: tell, block: db, action: act, needs: undo}`;
  expect(needsIn(steps)).toEqual(["a: ", "undo: a", "tell: undo"]);
});

test("a job has time for all attempts of the step, and for stopping them", () => {
  const steps = `{name: a, block: web, action: act, timeout: 5m, retries: 2}
    {name: b, block: web, action: act}`;
  const { jobs } = pipelineIn(releaseOf(steps));
  expect(jobs.map(({ timeout }) => timeout)).toEqual([26, undefined]);
});

test("what a job takes from its machine is named, never read", () => {
  const text = `name: test
config:
  container:
    docker_flags: ["--add-host=x:$X_ADDRESS", "-v $HOME/a:/a"]
    env: {A: {from_env: ALPHA}, B: {from_env: BETA}, C: plain}
blocks:
  - name: web
    env: {B: plain, F: {from_file: ~/cert.pem}}
    actions:
      - {name: act, script: x, env: {D: {from_env: DELTA}}, inputs: {token: {secret: true}, key: {secret: true}, n: {}}}
workflows:
  - name: release
    steps:
      - {name: a, block: web, action: act, env: {E: {from_env: EPSILON}}, inputs: {key: {from_env: KEY}, n: 1}}
`;
  const { jobs } = pipelineIn(text);
  expect(jobs[0]?.sources).toEqual({
    variables: ["ALPHA", "DELTA", "EPSILON", "INPUT_TOKEN", "KEY", "X_ADDRESS"],
    files: ["~/cert.pem"],
  });
});

test("a question of the workflow belongs to the jobs that are first", () => {
  const text = releaseOf(`{name: a, block: web, action: act}
    {name: b, block: web, action: act, prompt: {message: Go on?}}`);
  const { jobs } = pipelineIn(text.replace("    steps:", "    prompt: {message: Release?}\n    steps:"));
  expect(jobs.map(({ questions }) => questions)).toEqual([["Release?"], ["Go on?"]]);
});

test("two steps of one name cannot be two jobs", () => {
  const steps = "{name: a, block: web, action: act}\n{name: a, block: db, action: act}";
  expect(messageOf(() => pipelineIn(releaseOf(steps)))).toBe(
    "65: two steps have the name `a`, so a job cannot name the second",
  );
});
