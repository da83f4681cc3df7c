import { githubPipeline } from "../../src/cli/pipelines/githubPipeline.ts";
import { gitlabPipeline } from "../../src/cli/pipelines/gitlabPipeline.ts";
import { type Pipeline, pipelineOf } from "../../src/cli/pipelines/pipelineJobs.ts";
import { planWorkflow } from "../../src/plan/workflow/planWorkflow.ts";
import { findAction } from "../../src/run/findTarget.ts";
import { findWorkflow } from "../../src/workspace/blocks/resolveWorkflow.ts";
import { workspaceOf } from "./planning.ts";

/** The workflow `release` of a workspace file as jobs of a CI system. */
export function pipelineIn(text: string, folder = ""): Pipeline {
  const workspace = workspaceOf({ "workspace.poly": text });
  const workflow = findWorkflow(workspace, "release");
  if (workflow === undefined) throw new Error("there is no workflow");
  const plan = planWorkflow(workflow);
  const nodes = plan.nodes.map((node) => ({
    node,
    target: findAction(workspace, node.step.block, node.step.action),
  }));
  return pipelineOf(workspace, workflow, plan, nodes, folder);
}

/** A workspace file with the blocks `web` and `db`, whose action is `act`, and a workflow `release` with these steps, one a line. */
export function releaseOf(steps: string, more = ""): string {
  const lines = steps.trim().split("\n");
  return `name: test
blocks:
  - {name: web, actions: [{name: act, script: x}]}
  - {name: db, actions: [{name: act, script: x}]}
${more}workflows:
  - name: release
    steps:
${lines.map((line) => `      - ${line.trim()}`).join("\n")}
`;
}

/** The pipeline as GitLab's, and as GitHub's. */
export const asGitlab = (pipeline: Pipeline) => gitlabPipeline(pipeline, ".logs");
export const asGithub = (pipeline: Pipeline) => githubPipeline(pipeline);
