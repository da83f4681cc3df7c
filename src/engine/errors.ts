import { exitCodes, PolycrateError } from "../errors.ts";
import type { BuildOutput, Image } from "../image/image.ts";
import { type ClientFailure, type EngineError, explainBuildFailure, lockHint } from "./buildErrors.ts";

/** A command that the engine rejected: its purpose, its image, and the shell that it runs. */
export type RefusedCommand = {
  readonly isBuild: boolean;
  readonly image: Image;
  readonly shell: string;
};

/**
 * Returns what docker's error means; `shown` is how much of a build's output was shown. The texts are those of docker 20.10
 * to 28.2.
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
  if (failure.exitCode === 0) {
    return {
      message: `\`${shell}\` of image \`${image.reference}\` ended without running the script`,
      hint: "set `config.container.shell` to a shell that it has, such as `/bin/sh`",
    };
  }
  return {
    message: "docker did not run the container; its error is above",
    hint: "`--dry-run` prints the command, to run it by hand",
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
      message: "permission denied while connecting to the docker engine",
      hint: "add your user to the group `docker` and log in again, or use a rootless engine",
    }),
  },
  {
    pattern:
      /Cannot connect to the Docker daemon|error during connect|failed to connect to the docker API|Is the docker daemon running/i,
    explain: () => ({
      message: "cannot connect to the docker engine",
      hint: "start it (`systemctl start docker`, Docker Desktop), or check `docker context ls` and `DOCKER_HOST`",
    }),
  },
];

const runCauses: readonly Cause[] = [
  {
    pattern: /bind source path does not exist: \S+\/polycrate\/[0-9a-f]{16}\//,
    explain: () => ({
      message: "the docker engine cannot access the folder `$XDG_RUNTIME_DIR`",
      hint: "unset the variable: polycrate then keeps the files of a run in the workspace",
    }),
  },
  {
    pattern: /error waiting for container|unexpected EOF/i,
    explain: () => ({
      message: "lost the connection to the docker engine during the run",
      hint: "check the log of the engine",
    }),
  },
  {
    pattern: /exec[ :].*(no such file|not found|executable file)|FATAL tini/i,
    explain: (image, shell) => ({
      message: `the image \`${image}\` has no \`${shell}\``,
      hint: "set `config.container.shell` to a shell that it has, such as `/bin/sh`",
    }),
  },
  {
    pattern:
      /Unable to find image|No such image|image not known|short-name .* did not resolve|unable to copy from source|pull access denied|manifest unknown|manifest for .* not found|repository does not exist/i,
    explain: (image, _, ours) =>
      ours
        ? {
            message: `image \`${image}\` is not built`,
            hint: "run without `--no-build`, or run `polycrate build` first",
          }
        : {
            message: `image \`${image}\` was not found locally and could not be pulled`,
            hint: isLocked(image)
              ? `the registry may no longer have it, or needs \`docker login\`: ${lockHint}`
              : "correct `config.container.image`, log in with `docker login`, or build it",
          },
  },
];

/** True for an image by its digest. */
function isLocked(image: string): boolean {
  return /@sha256:[0-9a-f]{64}$/.test(image);
}

/** docker's client reports this only on standard error; its exit code is 125, as for other errors (docker 20.10 to 28). */
export function engineIsGone(output: string): boolean {
  return /Cannot connect to the Docker daemon|permission denied while trying to connect|error during connect|error waiting for container|failed to connect to the docker API|Is the docker daemon running/i.test(
    output,
  );
}

/**
 * True when the engine does not see a file below that folder that it should mount: docker 20.10 to 28 name the path so, podman 4
 * begins with `statfs`.
 */
export function isMissingSource(output: string, folder: string): boolean {
  return [`bind source path does not exist: ${folder}/`, `statfs ${folder}/`].some((text) =>
    output.includes(text),
  );
}

/** True when sshd refused the connection of a client (OpenSSH 9.2), as it does when too many are not yet authenticated. */
export function isRefusedConnection(stderr: string): boolean {
  return /kex_exchange_identification|ssh_exchange_identification/.test(stderr);
}

/** True when the container or image of a command does not exist. */
export function isMissing(stderr: string): boolean {
  return /No such (?:container|image)|image not known/i.test(stderr);
}

/** Returns the error for a command that failed, with the first line of the client's output. */
export function engineError(stderr: string): PolycrateError {
  const [reason = "docker reported no reason"] = stderr.split("\n").filter((line) => line.trim() !== "");
  return new PolycrateError(engineIsGone(stderr) ? "cannot connect to the docker engine" : reason.trim(), {
    hint: "`polycrate doctor` checks the engine",
    exitCode: engineIsGone(stderr) ? exitCodes.noDocker : exitCodes.dockerRefused,
  });
}
