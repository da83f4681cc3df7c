import { expect, test } from "bun:test";
import { makeFolder, workspaceWith } from "../support/harness.ts";

test("an interactive action without a terminal is refused with 64", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: ask, interactive: true, script: cat}"),
  });
  const { stderr, exitCode } = await folder.run(["run", "b", "ask"], { input: "x" });
  expect(stderr).toBe(
    "error: an interactive action needs a terminal\nhint: run it from a terminal, with neither input nor output redirected\n",
  );
  expect(exitCode).toBe(64);
});
