import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { checkDocker, type DoctorContext } from "../src/doctor/checkDocker.ts";
import type { DockerFacts } from "../src/doctor/dockerFacts.ts";
import { busybox, makeFolder, workspaceWith } from "./harness.ts";

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

const context: DoctorContext = { uid: 1000, dockerHost: undefined, user: undefined, has: () => true };

/** The findings that are not ok, as lines. */
function complaints(
  changed: Partial<DockerFacts>,
  changedContext: Partial<DoctorContext> = {},
): readonly string[] {
  return checkDocker({ ...facts, ...changed }, { ...context, ...changedContext })
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

const good = { "workspace.poly": workspaceWith("- {name: greet, script: echo hi}") };

type Report = {
  healthy: boolean;
  findings: { check: string; level: string; message: string; cure: string | null }[];
};

async function examined(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  using folder = makeFolder(files);
  for (const key of folder.glob("id_rsa")) chmodSync(join(folder.path, key), 0o644);
  const { stdout, exitCode } = await folder.run(["doctor", "--output=json"], { env });
  const { healthy, findings }: Report = JSON.parse(stdout.replaceAll(folder.path, "WORKSPACE"));
  const find = (check: string) => findings.find((finding) => finding.check === check);
  return { healthy, exitCode, find, checks: findings.map(({ check }) => check) };
}

test("a healthy machine: every check, and 0", async () => {
  const { healthy, exitCode, checks, find } = await examined(good);
  expect({ healthy, exitCode }).toEqual({ healthy: true, exitCode: 0 });
  expect(checks.filter((check) => check !== "disk of docker")).toEqual([
    "client",
    "engine",
    "context",
    "files",
    "builder",
    "logins",
    "selinux",
    "disk",
    "workspace",
    "ssh key",
    "image",
    "old images",
    "leftovers",
  ]);
  expect(find("image")).toEqual({ check: "image", level: "ok", message: `${busybox} is here`, cure: null });
});

test("an engine that is down: 69, and the rest is examined all the same", async () => {
  const { healthy, exitCode, find, checks } = await examined(good, { DOCKER_HOST: "unix:///nowhere.sock" });
  expect({ healthy, exitCode }).toEqual({ healthy: false, exitCode: 69 });
  expect(find("engine")?.cure).toBe("start it, or `unset DOCKER_HOST` to use the engine of this machine");
  expect(checks).toContain("workspace");
});

test("no docker at all: 69", async () => {
  const { exitCode, find } = await examined(good, { PATH: "/nowhere" });
  expect(exitCode).toBe(69);
  expect(find("client")?.level).toBe("error");
});

test("an image that is missing is a warning with the command that shows why", async () => {
  const { exitCode, find } = await examined({
    "workspace.poly": "name: test\nconfig: {container: {image: 'ghcr.io/polycrate/none:1'}}",
  });
  expect(exitCode).toBe(0);
  expect(find("image")).toEqual({
    check: "image",
    level: "warning",
    message: "ghcr.io/polycrate/none:1 is not here; the next run pulls it",
    cure: "`docker pull ghcr.io/polycrate/none:1` shows whether it can, after `docker login ghcr.io` if it is not public",
  });
});

test("a key that others can read is an error with the chmod", async () => {
  const { exitCode, find } = await examined({ ...good, id_rsa: "key" });
  expect(exitCode).toBe(69);
  expect(find("ssh key")).toEqual({
    check: "ssh key",
    level: "error",
    message: "WORKSPACE/id_rsa can be read by others (mode 0644), so ssh refuses it",
    cure: "`chmod 600 WORKSPACE/id_rsa`",
  });
});

test("a workspace that is broken is an error that points to `validate`", async () => {
  const { exitCode, find } = await examined({ "workspace.poly": "name: 1" });
  expect(exitCode).toBe(69);
  expect(find("workspace")).toMatchObject({
    level: "error",
    cure: "`polycrate validate` shows all that is wrong",
  });
});

test("in no workspace docker is examined alone", async () => {
  const { exitCode, find, checks } = await examined({});
  expect(exitCode).toBe(0);
  expect(find("workspace")).toMatchObject({
    level: "warning",
    cure: "go to a workspace, name one with `--workspace DIR`, or make one: `polycrate init`",
  });
  expect(checks).not.toContain("image");
});

test("variables that the executable itself obeys are told", async () => {
  using folder = makeFolder(good);
  const { stdout } = await folder.run(["doctor", "--output=json"], { env: { BUN_OPTIONS: "--smol" } });
  const { findings } = JSON.parse(stdout);
  expect(findings).toContainEqual({
    check: "runtime",
    level: "warning",
    message:
      "BUN_OPTIONS is set: polycrate's executable obeys it, and may run files of the folder that you are in",
    cure: "`unset BUN_OPTIONS`",
  });
  const without = await folder.run(["doctor", "--output=json"]);
  expect(without.stdout).not.toContain("runtime");
});

test("for people each line has its level, and what is wrong its cure below", async () => {
  using folder = makeFolder(good);
  const { stdout } = await folder.run(["doctor"], {
    env: { DOCKER_HOST: "tcp://10.255.255.1:1", PATH: "/nowhere" },
  });
  expect(stdout).toStartWith(
    "error    client     there is no `docker` on the PATH\n                    → install docker's command line client",
  );
});
