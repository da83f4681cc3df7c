import { expect, test } from "bun:test";
import { parse } from "yaml";
import { asGitlab, pipelineIn, releaseOf } from "../../../support/pipelines.ts";

const steps = `{name: build, block: web, action: act, prompt: {message: "Build\\nnow?"}}
  {name: test, block: db, action: act, needs: build, matrix: {os: [linux, "a $b"], n: [1.10]}, allow_failure: true}
  {name: deploy, block: web, action: act, needs: test, timeout: 5m}
  {name: pages, block: web, action: act, needs: [deploy, build], when: failure}
  {name: end, block: web, action: act, needs: deploy, when: always}`;

test("a step is a job of GitLab", () => {
  const text = asGitlab(pipelineIn(releaseOf(steps), "infra"));
  const { default: preset, ...jobs } = parse(text);
  const artifacts = (block: string) => ({
    when: "always",
    paths: [`infra/artifacts/blocks/${block}/`, "infra/.logs/"],
  });
  expect(Object.keys(preset)).toEqual(["before_script"]);
  const run = "polycrate run release";
  expect(jobs).toEqual({
    build: {
      ...{ needs: [], when: "manual", allow_failure: false, artifacts: artifacts("web") },
      script: [`${run} --step=build --workspace=infra --yes`],
    },
    test: {
      needs: ["build"],
      parallel: { matrix: [{ MATRIX_OS: ["linux", "a $$b"], MATRIX_N: ["1.10"] }] },
      allow_failure: true,
      script: [`${run} --step=test --workspace=infra --matrix=os="$MATRIX_OS" --matrix=n="$MATRIX_N"`],
      artifacts: artifacts("db"),
    },
    deploy: {
      ...{ needs: ["test", "build"], timeout: "16 minutes", artifacts: artifacts("web") },
      script: [`${run} --step=deploy --workspace=infra`],
    },
    "pages step": {
      ...{ needs: ["build", "deploy"], when: "on_failure", artifacts: artifacts("web") },
      script: [`${run} --step=pages --workspace=infra`],
    },
    end: {
      ...{ needs: ["deploy"], when: "always", artifacts: artifacts("web") },
      script: [`${run} --step=end --workspace=infra`],
    },
  });
  expect(text).toContain("\n# Runs when a person starts it: Build now?\n");
});

test("the jobs of a sequence pass all artifacts on", () => {
  const text = asGitlab(
    pipelineIn(releaseOf("{name: a, block: web, action: act}\n{name: b, block: db, action: act}")),
  );
  expect(parse(text).b).toMatchObject({ needs: ["a"], artifacts: { paths: ["artifacts/", ".logs/"] } });
});

test("what others wrote stays in its comment", () => {
  const hostile = releaseOf(
    `{name: a, block: web, action: act, prompt: {message: "x\\u2028y\\r\\nevil: 1"}}`,
  );
  const { default: _, ...jobs } = parse(asGitlab(pipelineIn(hostile)));
  expect(Object.keys(jobs)).toEqual(["a"]);
});
