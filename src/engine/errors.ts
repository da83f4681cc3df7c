import { exitCodes, PolycrateError } from "../errors.ts";
import type { BuildOutput, Image } from "../image/image.ts";
import { type ClientFailure, type EngineError, explainBuildFailure } from "./buildErrors.ts";

/** A command that the engine refused: what it was for, its image, and the shell that was to run in it. */
export type RefusedCommand = {
  readonly isBuild: boolean;
  readonly image: Image;
  readonly shell: string;
};

/**
 * Returns what docker's complaint means; `shown` is how much of a build's output was. Its texts are those of docker 20.10 to
 * 28.2.
 */
export function explainEngineError(
  failure: ClientFailure,
  { isBuild, image, shell }: RefusedCommand,
  shown: BuildOutput,
): EngineError {
  const causes = [...engineCauses, ...(isBuild ? [] : runCauses)];
  const known = causes.find(({ pattern }) => pattern.test(failure.tail));
  if (known !== undefined) return known.explain(image.reference, shell, image.build !== undefined);
  if (isBuild && image.build !== undefined) {
    return explainBuildFailure(failure, image.build.context, shown);
  }
  return {
    message: "docker did not run the container; its reason is above",
    hint: "`--dry-run` prints the command for trying it by hand",
  };
}

type Cause = {
  readonly pattern: RegExp;
  readonly explain: (image: string, shell: string, ours: boolean) => EngineError;
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

/** docker's client says so on its standard error; its exit code is the same 125 as for everything else (docker 20.10 to 28). */
export function engineIsGone(output: string): boolean {
  return /Cannot connect to the Docker daemon|permission denied while trying to connect|error during connect|error waiting for container|failed to connect to the docker API|Is the docker daemon running/i.test(
    output,
  );
}

/** True when what a command was about is not there any more. */
export function isMissing(stderr: string): boolean {
  return /No such (?:container|image)/i.test(stderr);
}

/** Returns the error for a command that was refused, with the client's first words. */
export function engineError(stderr: string): PolycrateError {
  const [reason = "docker gave no reason"] = stderr.split("\n").filter((line) => line.trim() !== "");
  return new PolycrateError(engineIsGone(stderr) ? "the docker engine does not answer" : reason.trim(), {
    hint: "`polycrate doctor` looks for the cause",
    exitCode: engineIsGone(stderr) ? exitCodes.noDocker : exitCodes.dockerRefused,
  });
}
