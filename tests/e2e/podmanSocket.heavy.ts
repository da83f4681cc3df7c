import { expect, test } from "bun:test";
import { makeFolder, workspaceWith } from "../support/harness.ts";

// `test.sh --engine=podman-socket` runs these where podman is older than 4.6, behind docker's client.

const files = { "workspace.poly": workspaceWith("- {name: fail, script: [touch ran; exit 42]}") };
const refusal = /^error: podman 4\.\S+ answers in docker's place: before 4\.6, docker's client reports/;

test.each([["run b fail"], ["exec -- touch ran"], ["shell"]])(
  "`polycrate %s` is refused before it starts, each time",
  async (command) => {
    using folder = makeFolder(files);
    for (let times = 0; times < 2; times += 1) {
      const { stderr, exitCode } = await folder.run(command.split(" "), { input: "touch ran\n" });
      expect(stderr).toMatch(refusal);
      expect([exitCode, folder.glob("ran")]).toEqual([69, []]);
    }
  },
);

test("a build is refused too", async () => {
  using folder = makeFolder({ "workspace.poly": "name: w\n", "Dockerfile.poly": "FROM scratch\n" });
  const { stderr, exitCode } = await folder.run(["build"]);
  expect([exitCode, stderr]).toEqual([69, expect.stringMatching(refusal)]);
});

test("a dry run asks nothing, and `doctor` says why", async () => {
  using folder = makeFolder(files);
  expect((await folder.run(["run", "b", "fail", "--dry-run"])).exitCode).toBe(0);
  const { stdout, exitCode } = await folder.run(["doctor", "--output=json"]);
  expect([exitCode, stdout]).toEqual([69, expect.stringContaining("answers in docker's place")]);
});
