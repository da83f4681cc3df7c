import { expect, test } from "bun:test";
import { join } from "node:path";
import { ciReaders, type EnvironmentOptions } from "../../../../src/cli/output/ciReaders.ts";
import { graphView } from "../../../../src/cli/output/graph/graphView.ts";
import { graphScreen } from "../../../../src/cli/output/graph/screen.ts";
import { type OutputStyle, stepMessages } from "../../../../src/cli/output/graph/stepMessages.ts";
import { messagesTo } from "../../../../src/cli/output/messages.ts";
import { outputTo } from "../../../../src/host/output.ts";
import { emitTo, type RunEvent, readersOf } from "../../../../src/run/events.ts";
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

/** What two steps that run at the same time write on standard error in this environment. */
async function mixed(environment: EnvironmentOptions["environment"], style: OutputStyle): Promise<string> {
  const stderr = fakeStream();
  const messages = messagesTo({ stdout: outputTo(fakeStream()), stderr: outputTo(stderr) });
  const screen = graphScreen(messages.outputs, false, () => new Date(0));
  const steps = stepMessages(messages, screen, { style, quiet: false, names: ["one", "two"] });
  const view = graphView(messages, screen, steps, {
    output: undefined,
    quiet: false,
    verbose: false,
    mayFail: new Set(),
  });
  {
    await using outer = ciReaders(messages, { environment, workspace: folder.path, quiet: false, steps });
    const readers = [...outer.readers, view];
    const emitters = ["one", "two"].map((name, index) =>
      emitTo(readersOf({ index, name, step: name, matrix: [], attempt: 1 }, readers), () => new Date(0)),
    );
    const emit = emitTo(readers, () => new Date(0));
    emit({ type: "workflow", name: "w", id: "5", steps: ["one", "two"] });
    const failed: RunEvent = {
      ...{ type: "finished", status: "failed", exitCode: 7, stopped: undefined },
      execution: { ...execution, exitCode: 7 },
    };
    const output: RunEvent = {
      type: "output",
      source: "action",
      stream: "stderr",
      bytes: Buffer.from("hi\n"),
    };
    for (const event of [
      { type: "step", index: 0, runs: "b act" },
      planned,
      { type: "starting" },
      output,
      failed,
    ] as const)
      for (const one of emitters) one(event);
    await emit({ type: "workflowFinished", exitCode: 7 });
  }
  return stderr.text();
}

test("of steps that run at the same time, GitLab gets a section around each block, and none around mixed lines", async () => {
  const marks: readonly string[] | null = (await mixed({ GITLAB_CI: "true" }, "grouped")).match(
    /section_\w+:0:polycrate_\d|^hi$/gm,
  );
  expect([...(marks ?? [])]).toEqual([
    ...["section_start:0:polycrate_1", "hi", "section_end:0:polycrate_1"],
    ...["section_start:0:polycrate_2", "hi", "section_end:0:polycrate_2"],
  ]);
  expect(await mixed({ GITLAB_CI: "true" }, "prefix")).not.toContain("section_");
});

test("GitHub gets a group and an annotation with each block; of mixed lines the annotations come after all", async () => {
  const commands = (text: string) =>
    text.match(/^::(?:group|endgroup|error|stop-commands|[-0-9a-f]{36})|^(?:.*\| )?hi$/gm);
  const block = ["ID", "::group", "::stop-commands", "hi", "ID", "::endgroup", "::error", "::stop-commands"];
  const grouped = commands(await mixed({ GITHUB_ACTIONS: "true" }, "grouped"));
  expect(grouped?.map((line) => line.replace(/^::[-0-9a-f]{36}/, "ID"))).toEqual([
    "::stop-commands",
    ...block,
    ...block,
    "ID",
  ]);
  const prefix = commands(await mixed({ GITHUB_ACTIONS: "true" }, "prefix"));
  expect(prefix?.map((line) => line.replace(/^::[-0-9a-f]{36}/, "ID"))).toEqual([
    ...["::stop-commands", "one | hi", "two | hi", "ID", "::error", "::error"],
  ]);
});
