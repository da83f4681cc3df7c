import type { Execution } from "../execution/attendance.ts";
import type { Image } from "../plan/image.ts";
import type { BuildContext } from "../workspace/context/buildContext.ts";

/** Why a container did not start, in docker's words where there is nothing better, and what to do. */
export type Refusal = { readonly message: string; readonly hint: string };

/** What docker refused. */
export type Refused = { readonly image: Image; readonly shell: string };

/** Returns what docker's complaint means. Its texts are those of docker 20.10 to 28.2. */
export function explainRefusal(
  { tail, step }: Pick<Execution, "tail" | "step">,
  { image, shell }: Refused,
): Refusal {
  const known = [...engineCauses, ...(step === "build" ? [] : runCauses)].find(({ pattern }) =>
    pattern.test(tail),
  );
  if (known !== undefined) return known.explain(image.reference, shell, image.build !== undefined);
  if (step === "build" && image.build !== undefined) return explainBuildFailure(tail, image.build.context);
  return {
    message: "docker did not run the container; its reason is above",
    hint: "`--dry-run` prints the command for trying it by hand",
  };
}

type Cause = {
  readonly pattern: RegExp;
  readonly explain: (image: string, shell: string, ours: boolean) => Refusal;
};

const engineCauses: readonly Cause[] = [
  {
    pattern: /permission denied while trying to connect/i,
    explain: () => ({
      message: "you may not talk to the docker engine",
      hint: "join the group `docker` and log in again, or use a rootless engine",
    }),
  },
  {
    pattern:
      /Cannot connect to the Docker daemon|error during connect|failed to connect to the docker API|Is the docker daemon running/i,
    explain: () => ({
      message: "the docker engine does not answer",
      hint: "start it (`systemctl start docker`, Docker Desktop), or see `docker context ls` and DOCKER_HOST",
    }),
  },
];

const runCauses: readonly Cause[] = [
  {
    pattern: /bind source path does not exist: \S+\/polycrate\/[0-9a-f]{16}\//,
    explain: () => ({
      message: "the docker engine does not see the folder `$XDG_RUNTIME_DIR`",
      hint: "unset the variable: polycrate then writes a run's files into the workspace",
    }),
  },
  {
    pattern: /error waiting for container|unexpected EOF/i,
    explain: () => ({
      message: "the docker engine went away during the run",
      hint: "see the engine's own log",
    }),
  },
  {
    pattern: /exec[ :].*(no such file|not found|executable file)|FATAL tini/i,
    explain: (image, shell) => ({
      message: `the image \`${image}\` has no \`${shell}\``,
      hint: "set `config.container.shell` to a shell that it has, for example `/bin/sh`",
    }),
  },
  {
    pattern:
      /Unable to find image|No such image|pull access denied|manifest unknown|manifest for .* not found|repository does not exist/i,
    explain: (image, _, ours) =>
      ours
        ? {
            message: `the image \`${image}\` is not built`,
            hint: "run without `--no-build`, or `polycrate build`",
          }
        : {
            message: `the image \`${image}\` is not here and cannot be pulled`,
            hint: "correct `config.container.image`, log in with `docker login`, or build it",
          },
  },
];

/** Names the instruction that failed and its line, and the command that repeats the build by hand. */
function explainBuildFailure(output: string, context: BuildContext): Refusal {
  const failed = failedInstruction(output, context.parsed.instructions);
  const place = failed === undefined ? "" : ` ${context.dockerfile}:${failed.line}: ${failed.text}`;
  return {
    message: `the image could not be built:${place === "" ? ` ${complaint(output)}` : place}`,
    hint: "docker's output is above; `polycrate build --dry-run | sh` repeats it by hand",
  };
}

/**
 * The classic builder counts its steps, and every instruction is one; BuildKit repeats the instruction's text behind the
 * number of its stage's step (docker 20.10 to 28.2).
 */
function failedInstruction(output: string, instructions: BuildContext["parsed"]["instructions"]) {
  const step = [...output.matchAll(/^Step (\d+)\/\d+ : /gm)].at(-1)?.[1];
  if (step !== undefined) return instructions[Number(step) - 1];
  const text = /^ > \[[^\]]*\d+\/\d+\] (.+?):?$/m.exec(output)?.[1];
  if (text === undefined) return undefined;
  const words = (line: string) => line.split(/\s+/).join(" ").trim();
  return instructions.find(({ keyword, rest }) => words(`${keyword} ${rest}`) === words(text));
}

/** docker's clients put their usage below what is wrong. */
function complaint(tail: string): string {
  const lines = tail.split("\n").map((line) => line.trim());
  return (
    lines.find((line) => line !== "" && !/^(?:Usage:|See '|Run 'docker)/.test(line)) ?? "it gave no reason"
  );
}
