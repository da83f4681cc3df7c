import { printable } from "../../errors.ts";
import { quote } from "../../host/arg.ts";
import type { YamlMap, YamlValue } from "../../yaml/value.ts";
import { writeYaml } from "../../yaml/write.ts";
import type { Pipeline, PipelineJob } from "./pipelineJobs.ts";

/** A part of a pipeline's file: comments, and keys below them. */
export type Section = { readonly comments: readonly string[]; readonly keys: YamlMap };

/** Returns the file of a pipeline. What is in comments is text of others too. */
export function pipelineText(sections: readonly Section[]): string {
  return sections
    .map(({ comments, keys }) => {
      const lines = comments.map((line) => `# ${printable(line)}`.trimEnd());
      return [...lines, ...(keys.size === 0 ? [] : [writeYaml(keys).trimEnd()]), ""].join("\n");
    })
    .join("\n");
}

/** Returns a mapping of those entries that have a value. */
export function mapOfPresent(entries: Readonly<Record<string, YamlValue | undefined>>): YamlMap {
  return new Map(
    Object.entries(entries).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  );
}

/** Returns a whole number as a YAML value. */
export function wholeNumber(value: number): YamlValue {
  return { digits: String(value), source: String(value) };
}

/** Returns the command of a job, for a shell; the values of a matrix come from variables. */
export function commandOfJob(
  { workflow, folder }: Pipeline,
  { step, matrix, questions }: PipelineJob,
): string {
  const words = [
    ...["polycrate", "run", workflow, `--step=${step}`],
    ...(folder === "" ? [] : [`--workspace=${folder}`]),
    // A job has nobody to ask.
    ...(questions.length === 0 ? [] : ["--yes"]),
  ];
  const values = matrix.map(({ name, variable }) => `--matrix=${name}="$${variable}"`);
  return [...words.map(quote), ...values].join(" ");
}

/** Returns a path of the workspace in its repository. */
export function pathInRepository({ folder }: Pipeline, path: string): string {
  return folder === "" ? path : `${folder}/${path}`;
}

/** Returns what a reader of the file has to know: how to make it again, and what jobs take from the project's settings. */
export function headComments(pipeline: Pipeline, system: string, target: string): readonly string[] {
  const { workflow, jobs } = pipeline;
  const variables = [...new Set(jobs.flatMap(({ sources }) => sources.variables))].sort();
  const files = [...new Set(jobs.flatMap(({ sources }) => sources.files))].sort();
  return [
    `The workflow \`${workflow}\` for ${system}. Do not edit it; when the workflow changes, make it again:`,
    `  polycrate workflow export ${workflow} --to=${target}`,
    "Each job needs docker, and polycrate or the variable POLYCRATE_RELEASE_URL: the page to install it from.",
    ...(variables.length === 0
      ? []
      : [`Secrets that the jobs take from the project's settings: ${variables.join(", ")}`]),
    ...(files.length === 0 ? [] : [`Files that the jobs read: ${files.join(", ")}`]),
    ...(jobs.some(({ retries }) => retries > 0)
      ? ["polycrate repeats a step that fails by itself, in its job, as often as the step's `retries` say."]
      : []),
  ];
}
