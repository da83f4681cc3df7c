import { expect, test } from "bun:test";
import { makeFolder, workspaceWith } from "../support/harness.ts";

test("an interactive action without a terminal is refused with 64", async () => {
  using folder = makeFolder({
    "workspace.poly": workspaceWith("- {name: ask, interactive: true, script: cat}"),
  });
  const { stderr, exitCode } = await folder.run(["run", "b", "ask"], { input: "x" });
  expect(stderr).toBe(
    "error: an interactive action requires a terminal\nhint: run it at a terminal, without redirecting input or output\n",
  );
  expect(exitCode).toBe(64);
});
