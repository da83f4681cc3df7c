import { expect, test } from "bun:test";
import { makeFolder } from "../support/harness.ts";
import { readme } from "../support/readme.ts";
import { topicBlocks } from "../support/topics.ts";

test("the playbook of the README runs, and reads what its block inherits", async () => {
  const files = topicBlocks(readme).at(-1)?.files ?? {};
  const workspace = (files["workspace.poly"] ?? "").replace("debian:12-slim", "polycrate-test:debian");
  using folder = makeFolder({ ...files, "workspace.poly": workspace });
  const { stdout, exitCode } = await folder.run(["run", "web", "install"]);
  expect(stdout).toContain("3 replicas on 8080");
  expect(exitCode).toBe(0);
});
