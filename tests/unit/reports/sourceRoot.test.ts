import { expect, test } from "bun:test";
import { sourceRootOf } from "../../../src/reports/sourceRoot.ts";

test.each([
  [{}, "/repo/infra", ""],
  [{ GITHUB_WORKSPACE: "/repo" }, "/repo", "infra"],
  [{ GITHUB_WORKSPACE: "/repo/infra" }, "/repo/infra", ""],
  [{ CI_PROJECT_DIR: "/repo/" }, "/repo/", "infra"],
  [{ GITHUB_WORKSPACE: "/elsewhere" }, "/repo/infra", ""],
  [{ GITHUB_WORKSPACE: "/repo/inf" }, "/repo/infra", ""],
  [{ GITHUB_WORKSPACE: "repo" }, "/repo/infra", ""],
])("with %j the root is %s and the workspace is in %j", (environment, root, workspace) => {
  expect(sourceRootOf("/repo/infra", environment)).toEqual({ root, workspace });
});
