import { expect, test } from "bun:test";
import { checkDocker, type DoctorContext } from "../../../src/doctor/checkDocker.ts";
import type { DockerFacts } from "../../../src/doctor/engineFacts.ts";

const engine = {
  podman: undefined,
  version: "28.2.2",
  api: "1.50",
  minApi: "1.24",
  system: "Debian GNU/Linux 12",
  rootless: false,
  remapped: false,
  mappedIds: undefined,
  root: "/var/lib/docker",
  cgroups: "v2, systemd",
  unlimited: [],
};

const facts: DockerFacts = {
  program: "docker",
  client: { version: "28.2.2", api: "1.50" },
  engine,
  refusal: "",
  context: { name: "default", endpoint: "unix:///var/run/docker.sock" },
  builder: "buildx",
  logins: { registries: [], helpers: [] },
};

const around: DoctorContext = { uid: 1000, dockerHost: undefined, user: undefined, has: () => true };

/** The findings that are not ok, as lines. */
function complaints(
  changed: Partial<DockerFacts>,
  surroundings: Partial<DoctorContext> = {},
): readonly string[] {
  return checkDocker({ ...facts, ...changed }, { ...around, ...surroundings })
    .filter(({ level }) => level !== "ok")
    .map(({ check, level, message, fix }) => `${level} ${check}: ${message} → ${fix}`);
}

test("a local engine whose files are the caller's is fine", () => {
  expect(complaints({}, { user: "host" })).toEqual([]);
  expect(complaints({}, { uid: 0 })).toEqual([]);
  expect(complaints({}, { user: "1000:1000" })).toEqual([]);
  expect(complaints({ engine: { ...engine, rootless: true } })).toEqual([]);
  expect(complaints({ engine: { ...engine, system: "Docker Desktop" } })).toEqual([]);
});

test("files that will belong to root come with the setting that helps", () => {
  expect(complaints({})).toEqual([
    "warning files: the image's user, usually root, owns the files that actions write → set `config.container.user: host` in workspace.poly to own them",
  ]);
});

test.each([
  [
    { cgroups: "v1, cgroupfs", unlimited: ["swap"] },
    "warning limits: cgroup v1, cgroupfs: the kernel does not count swap, so a container can use more than its `memory` → start Linux with `swapaccount=1`, or turn swap off",
  ],
  [
    { cgroups: "v2, none", rootless: true, unlimited: ["memory", "swap", "cpus", "pids"] },
    "warning limits: cgroup v2, none: the engine cannot enforce `memory`, `cpus`, `pids`, and ignores them → use cgroup v2 with systemd, which delegates the controllers to a user (docs.docker.com/engine/security/rootless)",
  ],
  [
    { cgroups: "v1, cgroupfs", unlimited: ["pids"] },
    "warning limits: cgroup v1, cgroupfs: the engine cannot enforce `pids`, and ignores them → mount the control groups for the engine, or use another engine where limits matter",
  ],
] as const)("an engine with %j does not keep all limits", (change, expected) => {
  expect(complaints({ engine: { ...engine, ...change } }, { user: "host" })).toEqual([expected]);
});

const down = { engine: undefined };

test.each([
  [
    "no client",
    { client: undefined, engine: undefined },
    "error client: `docker` was not found on PATH → install the docker client (docs.docker.com/engine/install), or add its folder to PATH",
  ],
  [
    "an engine that is down",
    { ...down, refusal: "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?" },
    "error engine: no answer at unix:///var/run/docker.sock → start it with `sudo systemctl start docker` or Docker Desktop; `docker context ls` lists your contexts",
  ],
  [
    "an engine that hangs",
    { ...down, refusal: "no answer within 10 s" },
    "error engine: no answer at unix:///var/run/docker.sock: no answer within 10 s → start it with `sudo systemctl start docker` or Docker Desktop; `docker context ls` lists your contexts",
  ],
  [
    "no permission",
    { ...down, refusal: "permission denied while trying to connect to the docker API at unix:///x" },
    "error engine: permission denied while connecting to unix:///var/run/docker.sock (uid 1000) → run `sudo usermod -aG docker $USER` and log in again, or use a rootless engine",
  ],
  [
    "a client that is too old",
    { ...down, refusal: "Error response from daemon: client version 1.22 is too old. Minimum is 1.24" },
    "error engine: Error response from daemon: client version 1.22 is too old. Minimum is 1.24 → update the docker client or the engine, whichever is older",
  ],
  [
    "an old engine",
    { engine: { ...engine, version: "19.03.1" } },
    "warning engine: docker 19.03.1, API 1.24 to 1.50, Debian GNU/Linux 12, which is older than 20.10 → update docker: it does not support all flags that polycrate uses",
  ],
  [
    "a podman that reports failures as successes",
    { engine: { ...engine, version: "4.3.1", podman: "4.3.1" } },
    "error engine: podman 4.3.1 answers in docker's place: before 4.6, docker's client reports actions that fail there as succeeded → pass `--engine podman` to use podman itself, or update it: `polycrate help engines`",
  ],
  [
    "an engine behind ssh",
    { context: { name: "prod", endpoint: "ssh://root@prod.example.com" } },
    "error context: prod, ssh://root@prod.example.com: the engine is on another machine, which does not have the workspace → use a local engine: `docker context use default`, and unset DOCKER_HOST",
  ],
  [
    "an engine behind TCP",
    { context: { name: "default", endpoint: "tcp://10.0.0.5:2376" } },
    "error context: default, tcp://10.0.0.5:2376: the engine is on another machine, which does not have the workspace → use a local engine: `docker context use default`, and unset DOCKER_HOST",
  ],
  [
    "an engine behind a local port",
    { context: { name: "default", endpoint: "tcp://localhost:2375" } },
    "warning context: default, tcp://localhost:2375: connected through TCP, so the engine may see different files → make sure that the engine has the workspace at the same path",
  ],
  [
    "an engine that maps users",
    { engine: { ...engine, remapped: true } },
    "warning files: the engine maps root to a subordinate user, which owns the files that actions write → set `config.container.user: host`, or disable the engine's `userns-remap`",
  ],
  [
    "a builder that is not installed",
    { builder: "broken" as const },
    "warning builder: DOCKER_BUILDKIT=1 requires buildx, which is not installed: images cannot be built → install the docker buildx plugin, or `unset DOCKER_BUILDKIT`",
  ],
  [
    "a credential helper that is gone",
    { logins: { registries: ["ghcr.io"], helpers: ["desktop"] } },
    "warning logins: the credential helper `docker-credential-desktop` was not found on PATH: pulls fail → install it, or remove `desktop` from ~/.docker/config.json",
  ],
])("%s", (_, changed: Partial<DockerFacts>, expected) => {
  expect(
    complaints(changed, { uid: 1000, has: () => false }).filter((line) => !line.includes("usually root")),
  ).toEqual([expected]);
});

test("an engine that is down, and that somebody chose, comes with the way back", () => {
  const [line = ""] = complaints({ ...down }, { dockerHost: "tcp://localhost:1" });
  expect(line).toEndWith("→ start it, or `unset DOCKER_HOST` to use the local engine");
});
