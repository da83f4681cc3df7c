import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { call, makeFolder } from "../support/harness.ts";

const checkout = resolve(import.meta.dir, "../..");

test.if(process.getuid?.() === 0 && Bun.which("dockerd") !== null)(
  "an engine that a script started ends with the script, also when a signal ends that",
  async () => {
    using store = makeFolder({});
    const { stdout, exitCode } = await call(["sh", "-c", startEngineAndDie, "scripts/x.sh", store.path], {
      directory: checkout,
      env: { DOCKER_HOST: "unix:///nowhere/docker.sock" },
    });
    const [socket = "", processes = ""] = stdout.split("\n");
    expect(socket).toStartWith("unix:///run/polycrate-engine.");
    expect(existsSync(new URL(socket.replace("unix:", "file:")))).toBe(false);
    expect(processes.split(" ").filter((id) => existsSync(`/proc/${id}`))).toEqual([]);
    expect(exitCode).toBe(143);
  },
  60_000,
);

const startEngineAndDie = `
  . scripts/setup.sh
  engine_store=$1
  clean_up() { :; }
  ensure_engine
  docker version >/dev/null
  echo "$DOCKER_HOST"
  echo "$engine_process $engine_network"
  kill -TERM $$
`;
