import { expect, test } from "bun:test";
import { busybox, makeFolder } from "../support/harness.ts";
import { blocksOf } from "../support/readme.ts";

test("the workspace in ten lines runs, and prints what the README says", async () => {
  const [workspace = ""] = blocksOf("yaml");
  const [session = ""] = blocksOf("console");
  const [command = "", ...lines] = session.split("\n");
  using folder = makeFolder({ "workspace.poly": workspace.replace("debian:12-slim", busybox) });
  const words = command.replace("$ polycrate ", "").split(" ");
  const { stdout, stderr, exitCode } = await folder.run(words);
  const shown = (text: string) => text.replace(/\d+\.\d s$/m, "0.0 s");
  expect(shown(stdout + stderr)).toBe(shown(lines.join("\n")));
  expect(exitCode).toBe(0);
});
