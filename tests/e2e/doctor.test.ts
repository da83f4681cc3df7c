import { expect, test } from "bun:test";
import { examine, healthyWorkspace } from "../support/doctor.ts";
import { busybox } from "../support/harness.ts";

test("a healthy machine: every check, and 0", async () => {
  const { healthy, exitCode, checks, find } = await examine(healthyWorkspace);
  expect({ healthy, exitCode }).toEqual({ healthy: true, exitCode: 0 });
  expect(checks.filter((check) => check !== "disk of docker")).toEqual([
    "client",
    "engine",
    "context",
    "files",
    "limits",
    "builder",
    "logins",
    "selinux",
    "disk",
    "workspace",
    "ssh key",
    "lock",
    "trust",
    "image",
    "old images",
    "self-test",
    "leftovers",
  ]);
  expect(find("image")).toEqual({ check: "image", level: "ok", message: `${busybox} exists`, cure: null });
});

test("an engine that is down: 69, and the rest is examined all the same", async () => {
  const { healthy, exitCode, find, checks } = await examine(healthyWorkspace, {
    DOCKER_HOST: "unix:///nowhere.sock",
  });
  expect({ healthy, exitCode }).toEqual({ healthy: false, exitCode: 69 });
  expect(find("engine")?.cure).toBe("start it, or `unset DOCKER_HOST` to use the local engine");
  expect(checks).toContain("workspace");
});

test("an image that is missing is a warning with the command that shows why", async () => {
  const { exitCode, find } = await examine({
    "workspace.poly": "name: test\nconfig: {container: {image: 'ghcr.io/polycrate/none:1'}}",
  });
  expect(exitCode).toBe(0);
  expect(find("image")).toEqual({
    check: "image",
    level: "warning",
    message: "ghcr.io/polycrate/none:1 was not found locally; the next run pulls it",
    cure: "check with `docker pull ghcr.io/polycrate/none:1`, after `docker login ghcr.io` if it is private",
  });
});

test("in no workspace docker is examined alone", async () => {
  const { exitCode, find, checks } = await examine({});
  expect(exitCode).toBe(0);
  expect(find("workspace")).toMatchObject({
    level: "warning",
    cure: "change to a workspace, name one with `--workspace DIR`, or create one with `polycrate init`",
  });
  expect(checks).not.toContain("image");
});
