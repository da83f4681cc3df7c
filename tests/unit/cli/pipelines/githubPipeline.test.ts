import { expect, test } from "bun:test";
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
import { parse } from "yaml";
import { asGithub, pipelineIn, releaseOf } from "../../../support/pipelines.ts";

/** The problems that GitHub's own parser finds, and the jobs that it reads. */
async function readByGithub(content: string) {
  const read = parseWorkflow(
    { name: ".github/workflows/release.yml", content },
    new NoOperationTraceWriter(),
  );
  const problems = read.context.errors.getErrors().map(({ message }) => message);
  if (read.value === undefined) return { problems, jobs: [] };
  const { jobs, errors = [] } = await convertWorkflowTemplate(read.context, read.value);
  return { problems: [...problems, ...errors.map((one) => one.Message)], jobs };
}

const steps = `{name: build, block: web, action: act, prompt: {message: Build?}}
  {name: test, block: db, action: act, needs: build, matrix: {os: [linux, "\${{ x }}"], on-call: [1.10, true]}, allow_failure: true}
  {name: bauen/üben, block: web, action: act, needs: test, timeout: 5m, env: {T: {from_env: TOKEN}}}
  {name: tell, block: web, action: act, needs: bauen/üben, when: failure}
  {name: end, block: web, action: act, needs: tell, when: always}
  {name: last, block: web, action: act, needs: end}`;

test("GitHub's own parser reads the jobs as they are meant", async () => {
  const { problems, jobs } = await readByGithub(asGithub(pipelineIn(releaseOf(steps))));
  expect(problems).toEqual([]);
  expect(jobs.map((job) => [job.id.value, job.needs?.map(({ value }) => value) ?? []])).toEqual([
    ["build", []],
    ["test", ["build"]],
    ["bauen__ben", ["test"]],
    ["tell", ["bauen__ben"]],
    ["end", ["tell"]],
    ["last", ["end"]],
  ]);
});

test("a wrong pipeline does not pass that parser", async () => {
  const { problems } = await readByGithub(
    asGithub(pipelineIn(releaseOf(steps))).replace("- build\n", "- nothing\n"),
  );
  expect(problems.join()).toContain("nothing");
});

test("a step is a job of GitHub", () => {
  const { jobs } = parse(asGithub(pipelineIn(releaseOf(steps), "infra")));
  expect(jobs.build).toMatchObject({ "runs-on": "ubuntu-latest", environment: "release-build" });
  expect(jobs.test).toMatchObject({
    "continue-on-error": true,
    strategy: {
      "fail-fast": false,
      matrix: { os: ["linux", "${{ '${{' }} x }}"], "on-call": ["1.10", "true"] },
    },
    env: { MATRIX_OS: "${{ matrix.os }}", MATRIX_ON_CALL: "${{ matrix.on-call }}" },
  });
  const [, , artifacts, run, kept] = jobs.test.steps;
  expect(artifacts.with).toEqual({
    pattern: "build.*",
    path: "infra/artifacts/blocks/web",
    "merge-multiple": true,
  });
  expect(run.run).toBe(
    'polycrate run release --step=test --workspace=infra --matrix=os="$MATRIX_OS" --matrix=on-call="$MATRIX_ON_CALL"',
  );
  expect(kept.with.path).toBe("infra/artifacts/blocks/db/");
  expect(jobs.bauen__ben).toMatchObject({
    name: "bauen/üben",
    env: { TOKEN: "${{ secrets.TOKEN }}" },
    "timeout-minutes": 16,
  });
});

test("a job that is not for a success alone says when it runs, and so do those after it", () => {
  const { jobs } = parse(asGithub(pipelineIn(releaseOf(steps))));
  expect(Object.values<{ if?: string }>(jobs).map((job) => job.if)).toEqual([
    undefined,
    undefined,
    undefined,
    "${{ !cancelled() && contains(needs.*.result, 'failure') }}",
    "${{ !cancelled() }}",
    "${{ !cancelled() && !contains(needs.*.result, 'failure') && !contains(needs.*.result, 'skipped') }}",
  ]);
});
