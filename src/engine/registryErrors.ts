import { exitCodes, PolycrateError } from "../errors.ts";
import { lockHint } from "./buildErrors.ts";
import { engineIsGone } from "./errors.ts";

/** What a registry answered through docker: `missing` when it does not have the repository, the tag or the digest. */
export type RegistryFailure = "missing" | "denied" | "untrusted" | "unreachable" | "full" | "other";

/** Returns why a pull, push or save failed, by docker's own words (docker 20.10 to 28.2, podman 4). */
export function registryFailure(stderr: string): RegistryFailure {
  return patterns.find(([, pattern]) => pattern.test(stderr))?.[0] ?? "other";
}

const patterns: readonly (readonly [RegistryFailure, RegExp])[] = [
  ["full", /no space left on device|disk quota exceeded/i],
  ["untrusted", /x509:|certificate|server gave HTTP response to HTTPS client|tls:/i],
  [
    "denied",
    /pull access denied|unauthorized|authentication required|no basic auth credentials|denied: |incorrect username or password|401|403/i,
  ],
  ["missing", /manifest unknown|manifest for .* not found|name unknown|not found|no such image/i],
  [
    "unreachable",
    /connection refused|no such host|i\/o timeout|deadline exceeded|network is unreachable|no route to host|server misbehaving|connection reset|EOF|TLS handshake timeout|Client\.Timeout/i,
  ],
];

/** The error for an image that could not be exchanged with its registry, and why. */
export class RegistryError extends PolycrateError {
  readonly failure: RegistryFailure;

  constructor(failure: RegistryFailure, message: string, hint: string) {
    super(message, { hint, exitCode: exitCodes.dockerRefused });
    this.failure = failure;
  }
}

/** Returns the error for a command that failed; `verb` is what was tried, and the last line of docker's output is shown. */
export function registryError(
  verb: "pull" | "push" | "read",
  reference: string,
  stderr: string,
): PolycrateError {
  const [reason = "docker reported no reason"] = stderr
    .split("\n")
    .map((line) => line.trim().replace(/^Error(?: response from daemon)?: /, ""))
    .filter((line) => line !== "" && !/^Using default tag/.test(line))
    .slice(-1);
  if (engineIsGone(stderr)) {
    return new PolycrateError("cannot connect to the docker engine", {
      hint: "`polycrate doctor` checks the engine",
      exitCode: exitCodes.noDocker,
    });
  }
  const failure = registryFailure(stderr);
  const [message, hint] = explanations[failure](reference, registryOf(reference));
  return new RegistryError(
    failure,
    `cannot ${verb} \`${reference}\`: ${message ?? reason}`,
    message === undefined ? hint : `${hint}; docker's error: ${reason}`,
  );
}

type Explain = (reference: string, registry: string) => readonly [message: string | undefined, hint: string];

const explanations: Readonly<Record<RegistryFailure, Explain>> = {
  missing: (reference) => [
    reference.includes("@") ? "the registry no longer has this digest" : "the registry does not have it",
    reference.includes("@")
      ? lockHint
      : "check its name and version; an image that was only built here has to be pushed first",
  ],
  denied: (_, registry) => [
    "the registry denied access",
    `check \`docker login ${registry}\`, and that the user may access it`,
  ],
  untrusted: (_, registry) => [
    "the engine does not trust the registry's certificate, or the registry has none",
    `add its authority to \`/etc/docker/certs.d/${registry}/ca.crt\` on the engine's machine`,
  ],
  unreachable: (_, registry) => [
    `the registry \`${registry}\` is not reachable`,
    "check the network, the proxy of the engine and the registry's name",
  ],
  full: () => ["the engine's disk is full", "`docker system df` shows its usage"],
  other: () => [undefined, "docker's error is in the message; `polycrate doctor` checks the engine"],
};

/** Returns the host of an image's registry as `docker login` takes it. */
export function registryOf(reference: string): string {
  const [host = "docker.io"] = /^(?:localhost|[^/]*[.:][^/]*)(?=\/)/.exec(reference) ?? [];
  return host;
}
