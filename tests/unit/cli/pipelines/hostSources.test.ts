import { expect, test } from "bun:test";
import { hostSourcesOf } from "../../../../src/cli/pipelines/hostSources.ts";
import { planWorkflow } from "../../../../src/plan/workflow/planWorkflow.ts";
import { findAction } from "../../../../src/run/findTarget.ts";
import { loadWorkspace } from "../../../../src/workspace/load.ts";
import { encryptedByAge } from "../../../support/ageKeys.ts";
import { makeFolder } from "../../../support/harness.ts";

const file = `name: test
blocks: [{name: web, env: {DB: {from_manager: "op://infra/db"}}, actions: [{name: act, script: x}]}]
workflows: [{name: release, steps: [{name: one, block: web, action: act}]}]
`;

/** What the only step of the workflow takes from its machine. */
function sourcesIn(files: Readonly<Record<string, string>>) {
  using folder = makeFolder({ "workspace.poly": file, ...files });
  const workspace = loadWorkspace({ named: folder.path });
  const [workflow] = workspace.settings.workflows;
  const [node] = workflow === undefined ? [] : planWorkflow(workflow).nodes;
  if (node === undefined) throw new Error("the workflow has no step");
  return hostSourcesOf(workspace, findAction(workspace, "web", "act"), node);
}

test("a job takes the identity that decrypts the workspace's secrets, and the user's file of managers", () => {
  const managers = "~/.config/polycrate/managers.toml";
  expect(sourcesIn({})).toEqual({ variables: [], files: [managers] });
  for (const encrypted of ["secrets.poly.age", "artifacts/secrets/key.age"]) {
    expect(sourcesIn({ [encrypted]: encryptedByAge })).toEqual({
      variables: ["POLYCRATE_AGE_KEY"],
      files: [managers],
    });
  }
});
