import { relative } from "node:path";
import { defineCommand } from "citty";
import { gitFoldersAbove } from "../../host/gitHead.ts";
import { stdout } from "../../host/output.ts";
import { findStep } from "../chooseTarget.ts";
import { findGraph } from "../findGraph.ts";
import { workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { messagesTo, warningLines } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";
import { githubPipeline, mostGithubJobs } from "../pipelines/githubPipeline.ts";
import { gitlabPipeline, mostGitlabJobs } from "../pipelines/gitlabPipeline.ts";
import { type Pipeline, pipelineOf } from "../pipelines/pipelineJobs.ts";

export default defineCommand({
  meta: {
    name: "workflow export",
    description: "Print a CI pipeline that runs the steps of a workflow as jobs, each by polycrate.",
  },
  args: {
    workflow: { type: "positional", required: true, description: "The name of the workflow." },
    ...workspaceFlags,
    to: {
      type: "enum",
      options: ["gitlab", "github"],
      required: true,
      description: "The CI system: GitLab CI or GitHub Actions.",
    },
  },
  run: ({ args, data }) => {
    const { outputs }: CommandData = data;
    const messages = messagesTo(outputs);
    const workspace = openWorkspace(messages, args.workspace);
    const { workflow, plan } = findGraph(workspace, args.workflow);
    const nodes = plan.nodes.map((node) => ({ node, target: findStep(workspace, workflow, node) }));
    const repository = gitFoldersAbove(workspace.path)?.top ?? workspace.path;
    const pipeline = pipelineOf(workspace, workflow, plan, nodes, relative(repository, workspace.path));
    const isGitlab = args.to === "gitlab";
    for (const message of tooLarge(pipeline, isGitlab ? mostGitlabJobs : mostGithubJobs)) {
      messages.notice(warningLines(message, "split the step, or its matrix"));
    }
    stdout.write(isGitlab ? gitlabPipeline(pipeline, workspace.layout.logsRoot) : githubPipeline(pipeline));
    return 0;
  },
});

function tooLarge({ jobs }: Pipeline, most: number): readonly string[] {
  return jobs.flatMap(({ step, matrix }) => {
    const count = matrix.reduce((product, { values }) => product * values.length, 1);
    return count > most
      ? [`step \`${step}\` has ${count} combinations; the CI system runs at most ${most}`]
      : [];
  });
}
