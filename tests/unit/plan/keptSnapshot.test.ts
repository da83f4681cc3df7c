import { expect, test } from "bun:test";
import { keptSnapshot } from "../../../src/plan/keptSnapshot.ts";
import { planAction } from "../../../src/plan/planAction.ts";
import { findAction } from "../../../src/run/findTarget.ts";
import { readYaml } from "../../../src/yaml/read.ts";
import { jsonOf } from "../../../src/yaml/value.ts";
import { docker } from "../../support/engines.ts";
import { factsOf, optionsOf, workspaceOf } from "../../support/planning.ts";

const ids = ["01a20e8a-0000-7000-8000-00c0ffee0001", "01a20e8a-0000-7000-8000-00c0ffee0002"];

/** What is kept of the run with that id. */
function keptOf(transaction: string, config = "a: 1", more = "") {
  const workspace = workspaceOf({
    "workspace.poly": `name: test
config: {container: {env: {TOKEN: {from_env: TOKEN}}}}
blocks: [{name: b, config: {${config}}, actions: [{name: act, script: [x]}]}]
${more}`,
  });
  const target = findAction(workspace, "b", "act");
  const facts = { ...factsOf(workspace, target), transaction };
  return planAction(workspace, docker, target, facts, optionsOf()).record.snapshot;
}

test("what is kept is the same for all runs that differ in nothing but their ids", () => {
  const [one = "", other = ""] = ids;
  const { content, sha256 } = keptOf(one);
  expect(keptOf(other)).toEqual({ content, sha256 });
  expect(content).toContain('POLYCRATE_TRANSACTION_ID: "ID"\n');
  expect(sha256).toBe(new Bun.CryptoHasher("sha256").update(content).digest("hex"));
  expect(keptOf(one, "a: 2").sha256).not.toBe(sha256);
});

test("it is the snapshot without the transaction and the mark of its file, in the same order", () => {
  const { value, problems } = readYaml(keptOf(ids[0] ?? "").content);
  expect(problems).toEqual([]);
  const roots = ["workspace", "block", "action", "workflow", "step", "env", "mounts"];
  expect(Object.keys(Object(jsonOf(value)))).toEqual(roots);
});

test("a value that looks like the transaction's stays", () => {
  const text = "a: |\n  transaction:\n    id: x\n\n  b\ntransaction:\n  id: ID7\nenv:\n  transaction: ID7\n";
  expect(keptSnapshot(`# mark\n${text}`, "ID7", []).content).toBe(
    "a: |\n  transaction:\n    id: x\n\n  b\nenv:\n  transaction: ID\n",
  );
});

test("the value of a secret is masked wherever it occurs", () => {
  const { content } = keptOf(ids[0] ?? "", "copied: s3cr3t value, x: 1");
  expect(content).toContain("copied: ***");
  expect(content).not.toContain("s3cr3t");
});
