/** The kinds of engines that differ from docker on the same machine. */
export const engineKinds = {
  rootless: "docker, rootless",
  podman: "podman",
  "podman-socket": "docker's client at podman's socket",
  remote: "docker on another machine",
} as const;

export type EngineKind = keyof typeof engineKinds;

/** What an engine cannot keep of what docker does, as a sentence of the manual. */
export type EngineLimit = { readonly engines: readonly EngineKind[]; readonly text: string };

/** All known limits. The list of tests that do not hold on an engine (`scripts/engineTests.ts`) refers to them. */
export const engineLimits = {
  "the caller is root inside": {
    engines: ["rootless", "podman"],
    text: 'Your own number (`user: host`, `user: "1000:1000"`) is root in the container; files there are yours here. With podman as root it is not.',
  },
  "ids are mapped": {
    engines: ["rootless", "podman"],
    text: "A user beyond the ids of `/etc/subuid` cannot run an action; a warning says so before.",
  },
  "its own network": {
    engines: ["rootless"],
    text: "A registry on this machine's loopback is not reachable.",
  },
  "no caches": {
    engines: ["podman", "remote"],
    text: "`caches` are not used: podman cannot label their volumes where a container mounts them, and another machine's are not asked for.",
  },
  "no warm containers": { engines: ["podman", "remote"], text: "Every run has a new container." },
  "no digests": {
    engines: ["podman"],
    text: "`lock`, `install`, `block pull`, `block push` and `block outdated` need docker's client: podman prints no digests.",
  },
  "its own builder": {
    engines: ["podman"],
    text: "An error of a build is shown as podman prints it, without its line in the Dockerfile; `ONBUILD` of a base image is not looked for.",
  },
  "SIGINT is SIGTERM": {
    engines: ["podman"],
    text: "Where `config.container.shell` is not bash and there is no terminal, SIGINT reaches the action as SIGTERM.",
  },
  "no contexts": {
    engines: ["podman"],
    text: "`--context` and CONTAINER_HOST are refused: podman runs here.",
  },
  "false successes": {
    engines: ["podman-socket"],
    text: "Before podman 4.6 it is refused: docker's client reports actions that fail there as succeeded.",
  },
  "files are copies": {
    engines: ["remote"],
    text: "Files outside of the workspace, `docker_socket`, `ssh_agent` and `workspace: read-only` are refused.",
  },
} as const satisfies Readonly<Record<string, EngineLimit>>;

export type EngineLimitName = keyof typeof engineLimits;

/** Returns the rows of the manual's table: an engine, and what it cannot keep. */
export function limitRows(): readonly (readonly string[])[] {
  const limits: readonly EngineLimit[] = Object.values(engineLimits);
  return Object.entries(engineKinds).flatMap(([kind, name]) =>
    limits
      .filter(({ engines }) => engines.some((one) => one === kind))
      .map(({ text }, index) => [index === 0 ? name : "", text]),
  );
}
