import { expect, test } from "bun:test";
import { checkDocker, type DoctorContext } from "../../../src/doctor/checkDocker.ts";
import type { DockerFacts } from "../../../src/doctor/dockerFacts.ts";

const engine = {
  version: "28.2.2",
  api: "1.50",
  minApi: "1.24",
  system: "Debian GNU/Linux 12",
  rootless: false,
  remapped: false,
  root: "/var/lib/docker",
};

const facts: DockerFacts = {
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
    "warning files: what actions write belongs to the image's user, which mostly is root → set `config.container.user: host` in workspace.poly, and it is yours",
  ]);
});

const down = { engine: undefined };

test.each([
  [
    "no client",
    { client: undefined, engine: undefined },
    "error client: there is no `docker` on the PATH → install docker's command line client (docs.docker.com/engine/install), or add its folder to PATH",
  ],
  [
    "an engine that is down",
    { ...down, refusal: "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?" },
    "error engine: it does not answer at unix:///var/run/docker.sock → start it: `sudo systemctl start docker`, or Docker Desktop; `docker context ls` shows the engines you have",
  ],
  [
    "an engine that hangs",
    { ...down, refusal: "no answer within 10 s" },
    "error engine: it does not answer at unix:///var/run/docker.sock: no answer within 10 s → start it: `sudo systemctl start docker`, or Docker Desktop; `docker context ls` shows the engines you have",
  ],
  [
    "no permission",
    { ...down, refusal: "permission denied while trying to connect to the docker API at unix:///x" },
    "error engine: you may not talk to it (uid 1000, unix:///var/run/docker.sock) → `sudo usermod -aG docker $USER`, then log in again; or use a rootless engine",
  ],
  [
    "a client that is too old",
    { ...down, refusal: "Error response from daemon: client version 1.22 is too old. Minimum is 1.24" },
    "error engine: Error response from daemon: client version 1.22 is too old. Minimum is 1.24 → update the older one of docker's client and engine",
  ],
  [
    "an old engine",
    { engine: { ...engine, version: "19.03.1" } },
    "warning engine: docker 19.03.1, API 1.24 to 1.50, Debian GNU/Linux 12, which is older than 20.10 → update docker: some of polycrate's flags are unknown to it",
  ],
  [
    "an engine behind ssh",
    { context: { name: "prod", endpoint: "ssh://root@prod.example.com" } },
    "error context: prod, ssh://root@prod.example.com: the engine is on another machine, where the workspace is not → use an engine of this machine: `docker context use default`, and no DOCKER_HOST",
  ],
  [
    "an engine behind TCP",
    { context: { name: "default", endpoint: "tcp://10.0.0.5:2376" } },
    "error context: default, tcp://10.0.0.5:2376: the engine is on another machine, where the workspace is not → use an engine of this machine: `docker context use default`, and no DOCKER_HOST",
  ],
  [
    "an engine behind a local port",
    { context: { name: "default", endpoint: "tcp://localhost:2375" } },
    "warning context: default, tcp://localhost:2375: through TCP, so it may see other files than you do → see that it has the workspace at the same path, as a CI service may arrange",
  ],
  [
    "an engine that maps users",
    { engine: { ...engine, remapped: true } },
    "warning files: the engine maps root to a subordinate user, who owns what actions write → set `config.container.user: host`, or give the engine no `userns-remap`",
  ],
  [
    "a builder that is not installed",
    { builder: "broken" as const },
    "warning builder: DOCKER_BUILDKIT=1 asks for buildx, which is not installed: no image can be built → install docker's buildx plugin, or `unset DOCKER_BUILDKIT`",
  ],
  [
    "a credential helper that is gone",
    { logins: { registries: ["ghcr.io"], helpers: ["desktop"] } },
    "warning logins: docker asks `docker-credential-desktop` for passwords, which is not on the PATH: pulls fail → install it, or take `desktop` out of ~/.docker/config.json",
  ],
])("%s", (_, changed: Partial<DockerFacts>, expected) => {
  expect(
    complaints(changed, { uid: 1000, has: () => false }).filter((line) => !line.includes("mostly is root")),
  ).toEqual([expected]);
});

test("an engine that is down, and that somebody chose, comes with the way back", () => {
  const [line = ""] = complaints({ ...down }, { dockerHost: "tcp://localhost:1" });
  expect(line).toEndWith("→ start it, or `unset DOCKER_HOST` to use the engine of this machine");
});
