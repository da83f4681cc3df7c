import { expect, test } from "bun:test";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { observeWarm } from "../../../src/run/observeWarm.ts";
import { makeFolder } from "../../support/harness.ts";
import { factsOf, targetOf, workspaceOf } from "../../support/planning.ts";

test("a mounted file that was replaced by another is noticed, and one that was written to is not", () => {
  using folder = makeFolder({ file: "1", other: "2" });
  const workspace = workspaceOf({ "workspace.poly": "name: test\n" });
  const source = join(folder.path, "file");
  const facts = {
    ...factsOf(workspace, targetOf(workspace, {})),
    extraMounts: [{ source, target: "/file", readonly: true }],
  };
  const observed = () => observeWarm(folder.path, facts).inodes;
  const before = observed();
  expect(before).toContainEqual(expect.stringMatching(new RegExp(`^${source} \\d+:\\d+$`)));
  folder.write("file", "longer");
  expect(observed()).toEqual(before);
  renameSync(join(folder.path, "other"), source);
  expect(observed()).not.toEqual(before);
});
