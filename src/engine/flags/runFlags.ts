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
