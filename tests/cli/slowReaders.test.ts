import { expect, test } from "bun:test";
import { call, executable, makeFolder } from "../support/harness.ts";

test("a result arrives whole at a slow reader", async () => {
  const keys = Array.from({ length: 20_000 }, (_, index) => `  key${index}: ${"v".repeat(40)}`).join("\n");
  using folder = makeFolder({
    "workspace.poly": "name: test-workspace",
    "blocks/b/block.poly": `name: b\nconfig:\n${keys}\n`,
  });
  const { stdout } = await call(["sh", "-c", `${executable} snapshot b | sh -c 'sleep 0.5; cat'`], {
    directory: folder.path,
  });
  expect(stdout.length).toBeGreaterThan(1_000_000);
  expect(stdout).toMatch(/\nmounts:\n(?: {2}.*\n)+$/);
});

test("a reader of a result that goes away ends polycrate with 141 and no complaint", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: test-workspace\nconfig: {globals: "${"x".repeat(300_000)}"}`,
  });
  const { stdout, stderr } = await call(
    ["sh", "-c", `{ ${executable} snapshot; echo $? >code; } | head -n 1`],
    { directory: folder.path },
  );
  expect({ stdout, stderr }).toEqual({ stdout: "workspace:\n", stderr: "" });
  expect(folder.read("code")).toBe("141\n");
});
