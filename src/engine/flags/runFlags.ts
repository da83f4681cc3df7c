/** `docker run` flags that take no value (docker 28.2). */
export const switches: ReadonlySet<string> = new Set([
  "detach",
  "disable-content-trust",
  "help",
  "init",
  "interactive",
  "no-healthcheck",
  "oom-kill-disable",
  "privileged",
  "publish-all",
  "quiet",
  "read-only",
  "rm",
  "sig-proxy",
  "tty",
  "use-api-socket",
]);

/** The long names of `docker run` flags by their letters (docker 28.2). */
export const longNames: Readonly<Record<string, string>> = {
  a: "attach",
  c: "cpu-shares",
  d: "detach",
  e: "env",
  h: "hostname",
  i: "interactive",
  l: "label",
  m: "memory",
  P: "publish-all",
  p: "publish",
  q: "quiet",
  t: "tty",
  u: "user",
  v: "volume",
  w: "workdir",
};

const ours = "polycrate sets it";
const useLog = "polycrate writes the log, with secrets masked; see `polycrate logs`";
const terminal = "use `interactive: true` on the action, or `--interactive`";

/** Why a workspace cannot set a flag, by the flag's name. */
export const refusedFlags: ReadonlyMap<string, string> = new Map([
  ["name", ours],
  ["entrypoint", "set `config.container.shell` instead"],
  ["workdir", "an action runs in the folder of its block"],
  ["cidfile", ours],
  ["detach", "polycrate waits for the action and returns its exit code"],
  ["detach-keys", "polycrate waits for the action and does not detach"],
  ["attach", ours],
  ["sig-proxy", "signals must reach the action"],
  ["restart", "an action runs once"],
  ["interactive", terminal],
  ["tty", terminal],
  ["pull", "use `polycrate run --pull`"],
  ["env-file", "set its variables in `config.container.env`"],
  ["help", "run `docker run --help` by hand"],
  ["log-driver", useLog],
  ["log-opt", useLog],
]);

/** Switches that every container has, so setting them changes nothing, and why they cannot be turned off. */
export const alwaysOn: ReadonlyMap<string, string> = new Map([
  ["rm", "polycrate removes the container when the action ends"],
  ["init", "without it a signal does not reach every process of the action"],
]);
