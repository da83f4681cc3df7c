import { expect, test } from "bun:test";
import { githubLog } from "../../../src/reports/github.ts";
import type { RunEvent } from "../../../src/run/events.ts";
import { actionSourceOf } from "../../../src/workspace/blocks/actionSource.ts";
import { resolveBlock } from "../../../src/workspace/blocks/resolveBlock.ts";
import { container, planIn, recordPlan } from "../../support/execution.ts";
import { obeyed } from "../../support/githubRunner.ts";
import { makeFolder } from "../../support/harness.ts";
import { workspaceOf } from "../../support/planning.ts";

using folder = makeFolder({});
const workspace = workspaceOf({
  "workspace.poly":
    "name: w\nblocks:\n  - name: b\n    actions:\n      - name: act\n        script:\n          - one\n          - two\n",
});
const source = actionSourceOf(resolveBlock(workspace, "b"), "act");
const step = container(folder, "x", { items: ["one", "two"], source });
const planned: RunEvent = {
  type: "planned",
  plan: planIn(folder, [step], { plan: { record: recordPlan() } }),
  record: undefined,
};
const execution = { exitCode: 7, step, started: true, failedLine: 2, tail: "", stopped: undefined };
const failed = { type: "finished", status: "failed", exitCode: 7, stopped: undefined, execution } as const;
const building = { type: "building", reason: "it is new" } as const;
const built = { type: "built", failed: false } as const;
const starting = { type: "starting" } as const;

/** What is written for these events, and at the end. */
function written(events: readonly RunEvent[], groups = true): readonly string[] {
  const log = githubLog({ token: "T", root: { root: "/repo", workspace: "infra" }, groups });
  return [...events.map((event) => log.linesAt({ ...event, time: new Date(0) })), log.end()];
}

test("commands are stopped from the first event, and resume for each of ours", () => {
  expect(written([planned, building, built, starting, { type: "started" }, failed])).toEqual([
    "::stop-commands::T\n",
    "::T::\n::group::build image image\n::stop-commands::T\n",
    "::T::\n::endgroup::\n::stop-commands::T\n",
    "::T::\n::group::run b act\n::stop-commands::T\n",
    "",
    "::T::\n::endgroup::\n::error file=infra/workspace.poly,line=8,col=13,title=b act::failed with exit code 7 (item 2, line 1)\n::stop-commands::T\n",
    "::T::\n",
  ]);
});

test("without groups there is the annotation alone, and without events nothing", () => {
  expect(obeyed(written([planned, starting, failed], false).join("")).commands).toMatchObject([
    { name: "error" },
  ]);
  expect(written([])).toEqual([""]);
});

test.each([
  ["timed_out", "timed out"],
  ["interrupted", "was interrupted"],
] as const)("a run that %s is annotated at its script", (status, message) => {
  const { commands } = obeyed(written([planned, { ...failed, status }]).join(""));
  expect(commands).toEqual([
    { name: "error", properties: "file=infra/workspace.poly,line=6,col=9,title=b act", data: message },
  ]);
});

test("a run that succeeded, or ended in an error of its own, is not annotated", () => {
  expect(obeyed(written([planned, { ...failed, status: "succeeded" }]).join("")).commands).toEqual([]);
  expect(obeyed(written([planned, { ...failed, execution: undefined }]).join("")).commands).toEqual([]);
});

test("an engine that refused is annotated without a line of the script", () => {
  const refused = { ...failed, exitCode: 125, execution: { ...execution, started: false, tail: "no\n" } };
  const [command] = obeyed(written([planned, refused]).join("")).commands;
  expect(command).toMatchObject({ name: "error", properties: "title=b act" });
});
