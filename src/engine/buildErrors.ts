import type { BuildContext } from "../image/buildContext.ts";
import type { DockerfileInstruction } from "../image/dockerfile/lines.ts";
import type { BuildOutput } from "../image/image.ts";

/** How a command of the client ended: its exit code, and the end of its output. */
export type ClientFailure = { readonly exitCode: number; readonly tail: string };

/** Why the engine rejected a command, by default in docker's own words, and what to do. */
export type EngineError = { readonly message: string; readonly hint: string };

/** Returns the instruction of a failed build with its line and the missing feature, and how to see more output. */
export function explainBuildFailure(
  { tail, exitCode }: ClientFailure,
  { dockerfile, parsed: { instructions } }: BuildContext,
  shown: BuildOutput,
): EngineError {
  const failed = failureIn(tail, instructions);
  const place = failed.line === undefined ? "" : `${dockerfile}:${failed.line}: `;
  return {
    message: `the image could not be built: ${place}${failed.reason} (docker exited with code ${exitCode})`,
    hint: failed.hint ?? goneHint(tail) ?? hints[shown],
  };
}

/** What to do about a digest that a registry no longer has. */
export const lockHint = "`polycrate lock --update` takes what the tag means today";

/** The hint for an image by its digest that its registry does not have. */
function goneHint(tail: string): string | undefined {
  const isGone = /@sha256:[0-9a-f]{64}\S*:? not found|manifest unknown/.test(tail);
  return isGone && tail.includes("@sha256:")
    ? `if its digest is in \`polycrate.lock\`: ${lockHint}`
    : undefined;
}

const atEnd = "the end of docker's output is above; `polycrate build --verbose` shows all of it";

const hints: Readonly<Record<BuildOutput, string>> = {
  whole: "docker's output is above; `polycrate build --dry-run | sh` runs it by hand",
  step: atEnd,
  failure: atEnd,
};

type Failure = {
  readonly line: number | undefined;
  readonly reason: string;
  readonly hint?: string | undefined;
};

function failureIn(output: string, instructions: readonly DockerfileInstruction[]): Failure {
  const [, number, refusal = ""] = /dockerfile parse error (?:on )?line (\d+): (.+)/i.exec(output) ?? [];
  if (number !== undefined) {
    const line = Number(number);
    return (
      missingIn(
        output,
        refusal,
        instructions.findLast((one) => one.line <= line),
      ) ?? { line, reason: refusal }
    );
  }
  const failed = failedInstruction(output, instructions);
  const [refused = ""] = /the --[a-z-]+ option requires BuildKit/.exec(output) ?? [];
  const missing = refused === "" ? undefined : missingIn(output, refused, failed);
  return missing ?? { line: failed?.line, reason: failed?.text ?? complaintOf(output) };
}

/**
 * A valid feature that the builder does not support: the classic builder lacks the features of BuildKit, and BuildKit has
 * only those of its Dockerfile frontend.
 */
function missingIn(
  output: string,
  refusal: string,
  instruction: DockerfileInstruction | undefined,
): Failure | undefined {
  if (instruction === undefined) return undefined;
  const { keyword, heredocs, line } = instruction;
  const [, flag = ""] = /(?:unknown flag: |the --)([a-z-]+)/i.exec(refusal) ?? [];
  const isHeredoc = flag === "" && heredocs.length > 0;
  if (!isHeredoc && !laterFlags.has(flag)) return undefined;
  const what = isHeredoc ? `a heredoc (\`${keyword} ${heredocs[0]}\`)` : `\`${keyword} --${flag}\``;
  if (/failed to solve/.test(output)) {
    return {
      line,
      reason: `${what} requires a newer BuildKit`,
      hint: "add `# syntax=docker/dockerfile:1` as its first line, or update docker",
    };
  }
  return {
    line,
    reason: `${what} requires BuildKit, but docker used the classic builder`,
    hint: "install the docker buildx plugin; before docker 23, run `export DOCKER_BUILDKIT=1`",
  };
}

/** Flags of `RUN`, `COPY` and `ADD` that the classic builder does not have, up to version 1.14 of the Dockerfile frontend. */
const laterFlags: ReadonlySet<string> = new Set(
  "mount network security device chmod link exclude parents checksum keep-git-dir unpack".split(" "),
);

/**
 * The classic builder counts its steps, and every instruction is one; BuildKit repeats the instruction's text after the
 * number of its stage's step (docker 20.10 to 28.2).
 */
function failedInstruction(
  output: string,
  instructions: readonly DockerfileInstruction[],
): DockerfileInstruction | undefined {
  const step = [...output.matchAll(/^Step (\d+)\/\d+ : /gm)].at(-1)?.[1];
  if (step !== undefined) return instructions[Number(step) - 1];
  const text = /^ > \[[^\]]*\d+\/\d+\] (.+?):?$/m.exec(output)?.[1];
  if (text === undefined) return undefined;
  const words = (line: string) => line.split(/\s+/).join(" ").trim();
  return instructions.find(({ keyword, rest }) => words(`${keyword} ${rest}`) === words(text));
}

/** The last line of docker's output is the reason. */
function complaintOf(output: string): string {
  const lines = output.split("\n").map((line) => line.trim());
  const last = lines.findLast((line) => line !== "" && !/^(?:Usage:|See '|Run 'docker)/.test(line));
  return (
    last?.replace(/^(?:Error response from daemon|ERROR|failed to [^:]*): (?:failed to [^:]*: )*/, "") ??
    "docker reported no reason"
  );
}
