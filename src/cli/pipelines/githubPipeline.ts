import type { YamlMap, YamlValue } from "../../yaml/value.ts";
import type { Pipeline, PipelineJob } from "./pipelineJobs.ts";
import {
  commandOfJob,
  headComments,
  mapOfPresent,
  pathInRepository,
  pipelineText,
  wholeNumber,
} from "./pipelineText.ts";

/** GitHub runs at most so many jobs of one matrix. */
export const mostGithubJobs = 256;

/** Returns the pipeline as a workflow of GitHub Actions. */
export function githubPipeline(pipeline: Pipeline): string {
  const { workflow, jobs } = pipeline;
  const ids = jobIds(jobs.map(({ step }) => step));
  const asked = jobs.filter(({ questions }) => questions.length > 0);
  const environments = asked.map(({ step }) => `${workflow}-${step}`);
  const head = new Map<string, YamlValue>([
    ["name", workflow],
    [
      "on",
      new Map([
        ["workflow_dispatch", new Map()],
        ["workflow_call", new Map()],
      ]),
    ],
    ["permissions", new Map([["contents", "read"]])],
    ["jobs", new Map(jobs.map((job, index) => [ids[index] ?? "", githubJob(pipeline, job, index, ids)]))],
  ]);
  const comments = [
    ...headComments(pipeline, "GitHub Actions", "github"),
    "Save it in `.github/workflows`. It is started by hand, or called by another workflow (`secrets: inherit`).",
    ...(environments.length === 0
      ? []
      : [
          `polycrate would ask before some steps: protect the environments ${environments.join(", ")} by reviewers.`,
        ]),
  ];
  return pipelineText([{ comments, keys: head }]);
}

/** An id has ASCII letters, digits, `_` and `-`; different steps have different ones. */
function jobIds(steps: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return steps.map((step) => {
    const id = step.replace(/[^A-Za-z0-9_-]/g, "_").replace(/^[^A-Za-z_]/, "_");
    let free = id;
    for (let count = 2; taken.has(free.toLowerCase()); count += 1) free = `${id}_${count}`;
    taken.add(free.toLowerCase());
    return free;
  });
}

function githubJob(pipeline: Pipeline, job: PipelineJob, index: number, ids: readonly string[]): YamlMap {
  const { step, matrix, needs, timeout, allowFailure, questions } = job;
  return mapOfPresent({
    name: ids[index] === step || matrix.length > 0 ? undefined : plainText(step),
    needs: needs.length === 0 ? undefined : needs.map((need) => ids[need] ?? ""),
    if: jobCondition(pipeline, index),
    "runs-on": "ubuntu-latest",
    environment: questions.length === 0 ? undefined : plainText(`${pipeline.workflow}-${step}`),
    "timeout-minutes": timeout === undefined ? undefined : wholeNumber(timeout),
    "continue-on-error": allowFailure ? true : undefined,
    strategy:
      matrix.length === 0
        ? undefined
        : new Map<string, YamlValue>([
            ["fail-fast", false],
            ["matrix", new Map(matrix.map(({ name, values }) => [name, values.map(plainText)]))],
          ]),
    env: environmentOf(job),
    steps: stepsOfJob(pipeline, job, index, ids),
  });
}

/** Without a condition a job runs if all before it, also those before these, succeeded; a cancelled workflow starts nothing. */
function jobCondition({ jobs }: Pipeline, index: number): string | undefined {
  const { when, needs } = jobs[index] ?? { when: "success", needs: [] };
  if (when === "always") return "${{ !cancelled() }}";
  if (when === "failure") return "${{ !cancelled() && contains(needs.*.result, 'failure') }}";
  const hasOther = (one: number): boolean =>
    (jobs[one]?.needs ?? []).some((need) => jobs[need]?.when !== "success" || hasOther(need));
  if (needs.length === 0 || !hasOther(index)) return undefined;
  return "${{ !cancelled() && !contains(needs.*.result, 'failure') && !contains(needs.*.result, 'skipped') }}";
}

function environmentOf({ matrix, sources }: PipelineJob): YamlMap | undefined {
  const entries = [
    ...sources.variables.map((name) => [name, `\${{ secrets.${name} }}`] as const),
    ...matrix.map(({ name, variable }) => [variable, `\${{ matrix.${name} }}`] as const),
  ];
  return entries.length === 0 ? undefined : new Map(entries);
}

function stepsOfJob(
  pipeline: Pipeline,
  job: PipelineJob,
  index: number,
  ids: readonly string[],
): readonly YamlValue[] {
  const folders = [...job.needs, ...job.reads].map((one) => ({
    id: ids[one] ?? "",
    artifacts: pipeline.jobs[one]?.artifacts ?? "",
  }));
  return [
    mapOfPresent({ uses: "actions/checkout@v4" }),
    mapOfPresent({
      name: "Install polycrate",
      env: new Map([["POLYCRATE_RELEASE_URL", "${{ vars.POLYCRATE_RELEASE_URL }}"]]),
      run: installation,
    }),
    ...folders.map(({ id, artifacts }) =>
      mapOfPresent({
        name: `Get the artifacts of ${id}`,
        uses: "actions/download-artifact@v4",
        with: new Map<string, YamlValue>([
          ["pattern", `${id}.*`],
          ["path", plainText(pathInRepository(pipeline, artifacts))],
          ["merge-multiple", true],
        ]),
      }),
    ),
    mapOfPresent({ name: plainText(job.runs), run: commandOfJob(pipeline, job) }),
    mapOfPresent({
      name: "Keep the artifacts",
      if: "${{ always() }}",
      uses: "actions/upload-artifact@v4",
      with: new Map<string, YamlValue>([
        ["name", `${ids[index]}.\${{ strategy.job-index }}`],
        ["path", plainText(`${pathInRepository(pipeline, job.artifacts)}/`)],
        ["if-no-files-found", "ignore"],
        ["include-hidden-files", true],
      ]),
    }),
  ];
}

/** Where polycrate is installed, nothing is done. */
const installation = `command -v polycrate || {
  curl -fsSL "$POLYCRATE_RELEASE_URL/install.sh" | sh
  echo "$HOME/.local/bin" >>"$GITHUB_PATH"
}
`;

/** GitHub evaluates expressions in every text. */
function plainText(text: string): string {
  return text.replaceAll("${{", "${{ '${{' }}");
}
