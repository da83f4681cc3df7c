import type { YamlMap, YamlValue } from "../../yaml/value.ts";
import type { Pipeline, PipelineJob } from "./pipelineJobs.ts";
import {
  commandOfJob,
  headComments,
  mapOfPresent,
  pathInRepository,
  pipelineText,
  type Section,
} from "./pipelineText.ts";

/** GitLab runs at most so many jobs of one matrix. */
export const mostGitlabJobs = 200;

/** Returns the pipeline for GitLab CI, which needs version 14.2 or later: the jobs of one stage depend on each other. */
export function gitlabPipeline(pipeline: Pipeline, logsRoot: string): string {
  const { workflow, jobs } = pipeline;
  const names = jobs.map(({ step }) => jobName(step));
  const head: Section = {
    comments: [
      ...headComments(pipeline, "GitLab CI", "gitlab"),
      "Include it in `.gitlab-ci.yml`, or start it there as a pipeline of its own:",
      `  ${workflow}: { trigger: { include: FILE, strategy: depend } }`,
    ],
    keys: new Map<string, YamlValue>([["default", new Map([["before_script", [installation]]])]]),
  };
  const sections = jobs.map(
    (job, index): Section => ({
      comments: commentsOf(job),
      keys: new Map([[names[index] ?? "", gitlabJob(pipeline, job, names, logsRoot)]]),
    }),
  );
  return pipelineText([head, ...sections]);
}

/** Where polycrate is installed, nothing is done. */
const installation = `command -v polycrate >/dev/null || {
  ! command -v apk >/dev/null || apk add --no-cache libstdc++
  wget -qO- "$POLYCRATE_RELEASE_URL/install.sh" | sh -s -- --prefix /usr/local
}
`;

/** Keywords of GitLab are no names of jobs. */
function jobName(step: string): string {
  return keywords.has(step) ? `${step} step` : step;
}

const keywords: ReadonlySet<string> = new Set([
  ...["image", "services", "stages", "types", "before_script", "after_script", "variables", "cache"],
  ...["include", "default", "workflow", "pages", "spec", "true", "false", "nil", "null"],
]);

function gitlabJob(
  pipeline: Pipeline,
  job: PipelineJob,
  names: readonly string[],
  logsRoot: string,
): YamlMap {
  const { matrix, when, allowFailure, timeout, artifacts } = job;
  const isManual = asksFirst(job);
  const nameOf = (index: number) => names[index] ?? "";
  // Each job of a sequence has all artifacts of the one before.
  const kept = pipeline.isSequence ? pipeline.artifactsRoot : artifacts;
  const reads = pipeline.isSequence ? [] : job.reads;
  return mapOfPresent({
    needs: [...job.needs, ...reads].map(nameOf),
    parallel:
      matrix.length === 0
        ? undefined
        : new Map([
            ["matrix", [new Map(matrix.map(({ variable, values }) => [variable, values.map(escaped)]))]],
          ]),
    when: isManual ? "manual" : { success: undefined, failure: "on_failure", always: "always" }[when],
    allow_failure: isManual ? allowFailure : allowFailure ? true : undefined,
    timeout: timeout === undefined ? undefined : `${timeout} minutes`,
    script: [commandOfJob(pipeline, job)],
    artifacts: new Map<string, YamlValue>([
      ["when", "always"],
      ["paths", [kept, logsRoot].map((path) => `${pathInRepository(pipeline, path)}/`)],
    ]),
  });
}

/** GitLab expands variables in values. */
function escaped(value: string): string {
  return value.replaceAll("$", "$$$$");
}

/** A question becomes a button; a job that runs after a failure cannot have one. */
function asksFirst({ questions, when }: PipelineJob): boolean {
  return questions.length > 0 && when === "success";
}

function commentsOf(job: PipelineJob): readonly string[] {
  const { runs, questions, sources } = job;
  return [
    runs,
    ...questions.map((question) =>
      asksFirst(job)
        ? `Runs when a person starts it: ${oneLineOf(question)}`
        : `Runs without the question: ${oneLineOf(question)}`,
    ),
    ...(sources.variables.length === 0 ? [] : [`Takes ${sources.variables.join(", ")}`]),
  ];
}

function oneLineOf(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}
