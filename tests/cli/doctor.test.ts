import { expect, test } from "bun:test";
import { examine, healthyWorkspace } from "../support/doctor.ts";
import { makeFolder } from "../support/harness.ts";

test("no docker at all: 69", async () => {
  const { exitCode, find } = await examine(healthyWorkspace, { PATH: "/nowhere" });
  expect(exitCode).toBe(69);
  expect(find("client")?.level).toBe("error");
});

test("a key that others can read is an error with the chmod", async () => {
  const { exitCode, find } = await examine({ ...healthyWorkspace, id_rsa: "key" });
  expect(exitCode).toBe(69);
  expect(find("ssh key")).toEqual({
    check: "ssh key",
    level: "error",
    message: "WORKSPACE/id_rsa is readable by others (mode 0644), so ssh refuses it",
    cure: "`chmod 600 WORKSPACE/id_rsa`",
  });
});

test("a workspace that is broken is an error that points to `validate`", async () => {
  const { exitCode, find } = await examine({ "workspace.poly": "name: 1" });
  expect(exitCode).toBe(69);
  expect(find("workspace")).toMatchObject({
    level: "error",
    cure: "`polycrate validate` shows all problems",
  });
});

test("variables that the executable itself obeys are told", async () => {
  using folder = makeFolder(healthyWorkspace);
  const { stdout } = await folder.run(["doctor", "--output=json"], { env: { BUN_OPTIONS: "--smol" } });
  const { findings } = JSON.parse(stdout);
  expect(findings).toContainEqual({
    check: "runtime",
    level: "warning",
    message:
      "BUN_OPTIONS is set: it affects polycrate's executable, which may run files of the current folder",
    cure: "`unset BUN_OPTIONS`",
  });
  const without = await folder.run(["doctor", "--output=json"]);
  expect(without.stdout).not.toContain("runtime");
});

test("for people each line has its level, and what is wrong its cure below", async () => {
  using folder = makeFolder(healthyWorkspace);
  const { stdout } = await folder.run(["doctor"], {
    env: { DOCKER_HOST: "tcp://10.255.255.1:1", PATH: "/nowhere" },
  });
  expect(stdout).toStartWith(
    "error    client     `docker` was not found on PATH\n                    → install the docker client",
  );
});
