import { falseSuccess, reportsFalseSuccess } from "../engine/server.ts";
import { checkPodman } from "./checkPodman.ts";
import { type CheckResult, error, ok, warning } from "./checkResult.ts";
import type { DockerFacts } from "./engineFacts.ts";

/** The facts about machine and workspace that the docker checks need. */
export type DoctorContext = {
  readonly uid: number;
  readonly dockerHost: string | undefined;
  /** The workspace's `config.container.user`; undefined for the image's own. */
  readonly user: string | undefined;
  /** True when a program with that name is on PATH. */
  readonly has: (program: string) => boolean;
};

/** Checks docker's client, context, engine, builder and logins. A pure function, so that tests do not need all kinds of engines. */
export function checkDocker(facts: DockerFacts, context: DoctorContext): readonly CheckResult[] {
  if (facts.program === "podman") return checkPodman(facts, context);
  if (facts.client === undefined) {
    const fix = "install the docker client (docs.docker.com/engine/install), or add its folder to PATH";
    const message =
      facts.refusal === "" ? "`docker` was not found on PATH" : `\`docker version\` failed: ${facts.refusal}`;
    return [error("client", message, fix)];
  }
  const contextCheck = checkContext(facts);
  return [
    checkVersion("client", facts.client.version, clientText(facts.client)),
    ...(facts.engine === undefined
      ? [checkConnection(facts, context), ...(contextCheck.level === "ok" ? [] : [contextCheck])]
      : [
          checkServerOf(facts.engine),
          contextCheck,
          checkFileOwner(facts.engine, context),
          checkLimits(facts.engine),
        ]),
    checkBuilder(facts),
    checkLogins(facts, context),
  ];
}

function clientText({ version, api }: NonNullable<DockerFacts["client"]>): string {
  return api === undefined ? `docker ${version}` : `docker ${version}, API ${api}`;
}

function engineText(engine: NonNullable<DockerFacts["engine"]>): string {
  return `docker ${engine.version}${of(engine)}`;
}

function of({ api, minApi, system, rootless }: NonNullable<DockerFacts["engine"]>): string {
  const range = minApi === "" ? api : `${minApi} to ${api}`;
  return ["", `API ${range}`, ...(system === "" ? [] : [system]), ...(rootless ? ["rootless"] : [])].join(
    ", ",
  );
}

function checkServerOf(engine: NonNullable<DockerFacts["engine"]>): CheckResult {
  const { version, podman } = engine;
  if (podman === undefined) return checkVersion("engine", version, engineText(engine));
  if (!reportsFalseSuccess(podman)) return ok("engine", `podman ${podman} in docker's place${of(engine)}`);
  const { message, hint } = falseSuccess(podman);
  return error("engine", message, hint);
}

/** 20.10 is the oldest docker version with all flags that polycrate uses. */
function checkVersion(check: string, version: string, message: string): CheckResult {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  if (Number.isNaN(major) || major > 20 || (major === 20 && minor >= 10)) return ok(check, message);
  return warning(
    check,
    `${message}, which is older than 20.10`,
    "update docker: it does not support all flags that polycrate uses",
  );
}

function checkConnection({ refusal, context }: DockerFacts, { dockerHost, uid }: DoctorContext): CheckResult {
  const [reason = ""] = refusal.split("\n");
  if (/permission denied/i.test(refusal)) {
    const fix = "run `sudo usermod -aG docker $USER` and log in again, or use a rootless engine";
    return error("engine", `permission denied while connecting to ${context.endpoint} (uid ${uid})`, fix);
  }
  if (/too (?:old|new)/i.test(refusal)) {
    return error("engine", reason, "update the docker client or the engine, whichever is older");
  }
  const fix =
    dockerHost === undefined
      ? "start it with `sudo systemctl start docker` or Docker Desktop; `docker context ls` lists your contexts"
      : "start it, or `unset DOCKER_HOST` to use the local engine";
  const isSilent = reason === "" || /^Cannot connect to the Docker daemon/.test(reason);
  const why = isSilent ? "" : `: ${reason.length > 160 ? `${reason.slice(0, 160)}…` : reason}`;
  return error("engine", `no answer at ${context.endpoint}${why}`, fix);
}

/** A remote engine mounts folders of its own machine. */
function checkContext({ context: { name, endpoint } }: DockerFacts): CheckResult {
  const [, scheme = "", host = ""] = /^([a-z]+):\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)/.exec(endpoint) ?? [];
  const text = `${name}, ${endpoint}`;
  if (scheme === "" || scheme === "unix" || scheme === "npipe" || scheme === "fd") return ok("context", text);
  const fix = "use a local engine: `docker context use default`, and unset DOCKER_HOST";
  if (scheme === "tcp" && /^(?:localhost|127\..*|\[::1\]|)$/.test(host)) {
    const message = `${text}: connected through TCP, so the engine may see different files`;
    return warning("context", message, "make sure that the engine has the workspace at the same path");
  }
  return error(
    "context",
    `${text}: the engine is on another machine, which does not have the workspace`,
    fix,
  );
}

function checkFileOwner(
  engine: NonNullable<DockerFacts["engine"]>,
  { uid, user }: DoctorContext,
): CheckResult {
  if (user === "host")
    return ok("files", "actions run as you (`user: host`), so you own the files they write");
  if (engine.rootless || /Docker Desktop/.test(engine.system)) {
    return ok("files", "the engine maps root to you, so you own the files that actions write as root");
  }
  if (engine.remapped) {
    const fix = "set `config.container.user: host`, or disable the engine's `userns-remap`";
    return warning(
      "files",
      "the engine maps root to a subordinate user, which owns the files that actions write",
      fix,
    );
  }
  if (user !== undefined && user !== "image")
    return ok("files", `actions run as ${user}, which owns the files they write`);
  if (uid === 0) return ok("files", "you and the actions are root, which owns the files they write");
  const fix = "set `config.container.user: host` in workspace.poly to own them";
  return warning("files", "the image's user, usually root, owns the files that actions write", fix);
}

/** An engine runs containers without the limits that it cannot enforce. */
function checkLimits({ cgroups, unlimited, rootless }: NonNullable<DockerFacts["engine"]>): CheckResult {
  const kind = `cgroup ${cgroups}`;
  const keys = unlimited.filter((limit) => limit !== "swap").map((limit) => `\`${limit}\``);
  if (keys.length > 0) {
    const fix = rootless
      ? "use cgroup v2 with systemd, which delegates the controllers to a user (docs.docker.com/engine/security/rootless)"
      : "mount the control groups for the engine, or use another engine where limits matter";
    return warning("limits", `${kind}: the engine cannot enforce ${keys.join(", ")}, and ignores them`, fix);
  }
  if (!unlimited.includes("swap")) return ok("limits", `${kind}: memory, cpus and pids can be limited`);
  return warning(
    "limits",
    `${kind}: the kernel does not count swap, so a container can use more than its \`memory\``,
    "start Linux with `swapaccount=1`, or turn swap off",
  );
}

function checkBuilder({ builder }: DockerFacts): CheckResult {
  if (builder === "buildx") return ok("builder", "BuildKit, through buildx");
  if (builder === "engine") return ok("builder", "BuildKit, in the engine (DOCKER_BUILDKIT=1)");
  if (builder === "classic")
    return ok(
      "builder",
      "the classic builder; `RUN --mount` and heredocs in a Dockerfile require BuildKit (buildx)",
    );
  return warning(
    "builder",
    "DOCKER_BUILDKIT=1 requires buildx, which is not installed: images cannot be built",
    "install the docker buildx plugin, or `unset DOCKER_BUILDKIT`",
  );
}

function checkLogins({ logins: { registries, helpers } }: DockerFacts, { has }: DoctorContext): CheckResult {
  const missing = helpers.find((name) => !has(`docker-credential-${name}`));
  if (missing !== undefined) {
    const message = `the credential helper \`docker-credential-${missing}\` was not found on PATH: pulls fail`;
    return warning("logins", message, `install it, or remove \`${missing}\` from ~/.docker/config.json`);
  }
  if (registries.length === 0) return ok("logins", "none; public images do not require a login");
  return ok(
    "logins",
    registries.map((name) => name.replace("https://index.docker.io/v1/", "docker.io")).join(", "),
  );
}
