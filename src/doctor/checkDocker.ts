import { type CheckResult, error, ok, warning } from "./checkResult.ts";
import type { DockerFacts } from "./dockerFacts.ts";

/** The facts of machine and workspace that the checks of docker need. */
export type DoctorContext = {
  readonly uid: number;
  readonly dockerHost: string | undefined;
  /** The workspace's `config.container.user`; undefined for the image's own. */
  readonly user: string | undefined;
  /** True when a program of that name is on PATH. */
  readonly has: (program: string) => boolean;
};

/** Checks docker's client, context, engine, builder and logins. A pure function, so that tests need no engine of each kind. */
export function checkDocker(facts: DockerFacts, context: DoctorContext): readonly CheckResult[] {
  if (facts.client === undefined) {
    const fix =
      "install docker's command line client (docs.docker.com/engine/install), or add its folder to PATH";
    const message =
      facts.refusal === "" ? "there is no `docker` on the PATH" : `it does not work: ${facts.refusal}`;
    return [error("client", message, fix)];
  }
  const contextCheck = checkContext(facts);
  return [
    checkVersion("client", facts.client.version, clientText(facts.client)),
    ...(facts.engine === undefined
      ? [checkConnection(facts, context), ...(contextCheck.level === "ok" ? [] : [contextCheck])]
      : [
          checkVersion("engine", facts.engine.version, engineText(facts.engine)),
          contextCheck,
          checkFileOwner(facts.engine, context),
        ]),
    checkBuilder(facts),
    checkLogins(facts, context),
  ];
}

function clientText({ version, api }: NonNullable<DockerFacts["client"]>): string {
  return api === undefined ? `docker ${version}` : `docker ${version}, API ${api}`;
}

function engineText({ version, api, minApi, system, rootless }: NonNullable<DockerFacts["engine"]>): string {
  const range = minApi === "" ? api : `${minApi} to ${api}`;
  return [
    `docker ${version}`,
    `API ${range}`,
    ...(system === "" ? [] : [system]),
    ...(rootless ? ["rootless"] : []),
  ].join(", ");
}

/** 20.10 is the oldest docker that has all the flags polycrate uses. */
function checkVersion(check: string, version: string, message: string): CheckResult {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  if (Number.isNaN(major) || major > 20 || (major === 20 && minor >= 10)) return ok(check, message);
  return warning(
    check,
    `${message}, which is older than 20.10`,
    "update docker: some of polycrate's flags are unknown to it",
  );
}

function checkConnection({ refusal, context }: DockerFacts, { dockerHost, uid }: DoctorContext): CheckResult {
  const [reason = ""] = refusal.split("\n");
  if (/permission denied/i.test(refusal)) {
    const fix = "`sudo usermod -aG docker $USER`, then log in again; or use a rootless engine";
    return error("engine", `you may not talk to it (uid ${uid}, ${context.endpoint})`, fix);
  }
  if (/too (?:old|new)/i.test(refusal)) {
    return error("engine", reason, "update the older one of docker's client and engine");
  }
  const fix =
    dockerHost === undefined
      ? "start it: `sudo systemctl start docker`, or Docker Desktop; `docker context ls` shows the engines you have"
      : "start it, or `unset DOCKER_HOST` to use the engine of this machine";
  const isSilent = reason === "" || /^Cannot connect to the Docker daemon/.test(reason);
  const why = isSilent ? "" : `: ${reason.length > 160 ? `${reason.slice(0, 160)}…` : reason}`;
  return error("engine", `it does not answer at ${context.endpoint}${why}`, fix);
}

/** A remote engine looks for the workspace's folder on its own machine. */
function checkContext({ context: { name, endpoint } }: DockerFacts): CheckResult {
  const [, scheme = "", host = ""] = /^([a-z]+):\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)/.exec(endpoint) ?? [];
  const text = `${name}, ${endpoint}`;
  if (scheme === "" || scheme === "unix" || scheme === "npipe" || scheme === "fd") return ok("context", text);
  const fix = "use an engine of this machine: `docker context use default`, and no DOCKER_HOST";
  if (scheme === "tcp" && /^(?:localhost|127\..*|\[::1\]|)$/.test(host)) {
    const message = `${text}: through TCP, so it may see other files than you do`;
    return warning(
      "context",
      message,
      "see that it has the workspace at the same path, as a CI service may arrange",
    );
  }
  return error("context", `${text}: the engine is on another machine, where the workspace is not`, fix);
}

function checkFileOwner(
  engine: NonNullable<DockerFacts["engine"]>,
  { uid, user }: DoctorContext,
): CheckResult {
  if (user === "host") return ok("files", "actions run as you (`user: host`), and what they write is yours");
  if (engine.rootless || /Docker Desktop/.test(engine.system)) {
    return ok("files", "the engine makes what actions write as root yours");
  }
  if (engine.remapped) {
    const fix = "set `config.container.user: host`, or give the engine no `userns-remap`";
    return warning("files", "the engine maps root to a subordinate user, who owns what actions write", fix);
  }
  if (user !== undefined && user !== "image")
    return ok("files", `actions run as ${user}, who owns what they write`);
  if (uid === 0) return ok("files", "you are root, as actions are; what they write belongs to root");
  const fix = "set `config.container.user: host` in workspace.poly, and it is yours";
  return warning("files", "what actions write belongs to the image's user, which mostly is root", fix);
}

function checkBuilder({ builder }: DockerFacts): CheckResult {
  if (builder === "buildx") return ok("builder", "BuildKit, through buildx");
  if (builder === "engine") return ok("builder", "BuildKit, in the engine (DOCKER_BUILDKIT=1)");
  if (builder === "classic")
    return ok(
      "builder",
      "the classic one; `RUN --mount` and heredocs in a Dockerfile need BuildKit (buildx)",
    );
  return warning(
    "builder",
    "DOCKER_BUILDKIT=1 asks for buildx, which is not installed: no image can be built",
    "install docker's buildx plugin, or `unset DOCKER_BUILDKIT`",
  );
}

function checkLogins({ logins: { registries, helpers } }: DockerFacts, { has }: DoctorContext): CheckResult {
  const missing = helpers.find((name) => !has(`docker-credential-${name}`));
  if (missing !== undefined) {
    const message = `docker asks \`docker-credential-${missing}\` for passwords, which is not on the PATH: pulls fail`;
    return warning("logins", message, `install it, or take \`${missing}\` out of ~/.docker/config.json`);
  }
  if (registries.length === 0) return ok("logins", "at no registry, which public images do not need");
  return ok(
    "logins",
    registries.map((name) => name.replace("https://index.docker.io/v1/", "docker.io")).join(", "),
  );
}
