import { expect, test } from "bun:test";
import { join } from "node:path";
import { ciReaders, type EnvironmentOptions } from "../../../../src/cli/output/ciReaders.ts";
import { messagesTo } from "../../../../src/cli/output/messages.ts";
import { outputTo } from "../../../../src/host/output.ts";
import { emitTo, type RunEvent } from "../../../../src/run/events.ts";
import { beginTransaction } from "../../../../src/run/record.ts";
import { container, planIn, recordPlan } from "../../../support/execution.ts";
import { fakeStream } from "../../../support/fakes.ts";
import { makeFolder } from "../../../support/harness.ts";

using folder = makeFolder({});
const step = container(folder, "x");
const plan = planIn(folder, [step], { plan: { record: recordPlan() } });
const files = { record: "r", log: ".logs/1.log" };
const planned: RunEvent = {
  ...{ type: "planned", plan },
  record: { transaction: beginTransaction(plan, recordPlan(), new Date(0)), files },
};
const execution = { exitCode: 0, step, started: true, failedLine: undefined, tail: "", stopped: undefined };
const finished: RunEvent = {
  ...{ type: "finished", status: "succeeded", exitCode: 0, stopped: undefined, execution },
};

/** What a run in this environment writes on standard error. */
async function written(
  environment: EnvironmentOptions["environment"],
  changes: Partial<EnvironmentOptions> = {},
): Promise<string> {
  const stderr = fakeStream();
  const outputs = { stdout: outputTo(fakeStream()), stderr: outputTo(stderr) };
  const options = { environment, workspace: folder.path, quiet: false, ...changes };
  const { quiet } = options;
  {
    await using outer = ciReaders(messagesTo(outputs, { quiet }), options);
    const emit = emitTo(outer.readers, () => new Date(0));
    for (const event of [planned, { type: "starting" } as const, finished]) await emit(event);
  }
  return stderr.text();
}

test("outside of CI there are no readers", async () => {
  expect(await written({})).toBe("");
  expect(await written({ GITHUB_ACTIONS: "1", GITLAB_CI: "", GITHUB_STEP_SUMMARY: "/dev/null" })).toBe("");
});

test("GitHub's commands are stopped to the end", async () => {
  const text = await written({ GITHUB_ACTIONS: "true" });
  expect(text).toMatch(/^::stop-commands::([-0-9a-f]{36})\n(?:.*\n)*::\1::\n$/);
  expect(text.match(/::endgroup::/g)?.length).toBe(1);
});

test("with `--quiet` GitHub's commands are stopped all the same, and there are no groups or sections", async () => {
  expect(await written({ GITHUB_ACTIONS: "true" }, { quiet: true })).toMatch(
    /^::stop-commands::(.*)\n::\1::\n$/,
  );
  expect(await written({ GITLAB_CI: "true" }, { quiet: true })).toBe("");
});

test("GitLab gets a section", async () => {
  expect(await written({ GITLAB_CI: "true" })).toContain("section_start:0:polycrate_1_run_b_act\r");
});

test("a summary that cannot be written is warned of", async () => {
  const summary = join(folder.path, "none/summary.md");
  const text = await written({ GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary });
  expect(text).toContain("warning: cannot write the summary of the job: it does not exist\n");
});
