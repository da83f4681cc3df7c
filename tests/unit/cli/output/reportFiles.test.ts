import { expect, test } from "bun:test";
import { join } from "node:path";
import { messagesTo } from "../../../../src/cli/output/messages.ts";
import { reportFiles } from "../../../../src/cli/output/reportFiles.ts";
import { outputTo } from "../../../../src/host/output.ts";
import type { RunEvent } from "../../../../src/run/events.ts";
import { beginTransaction } from "../../../../src/run/record.ts";
import { planIn, recordPlan } from "../../../support/execution.ts";
import { fakeStream } from "../../../support/fakes.ts";
import { type Folder, makeFolder } from "../../../support/harness.ts";

/** The events of a run whose log is there. */
function runIn(folder: Folder): readonly RunEvent[] {
  const plan = planIn(folder, []);
  const record = recordPlan({ id: "1" });
  folder.write(".logs/1.log", "the output\n");
  const transaction = beginTransaction(plan, record, new Date(0));
  return [
    { type: "planned", plan, record: { transaction, files: { record: "r", log: ".logs/1.log" } } },
    { type: "finished", status: "succeeded", exitCode: 0, stopped: undefined, execution: undefined },
  ];
}

/** Reads the events, and returns what is printed; `file` is below the folder. */
function written(folder: Folder, file: string, events: readonly RunEvent[]): string {
  const stderr = fakeStream();
  const messages = messagesTo({ stdout: outputTo(fakeStream()), stderr: outputTo(stderr) });
  const requested = (["markdown", "junit", "html"] as const).map((kind) => {
    return { kind, file: join(folder.path, `${file}.${kind}`) };
  });
  const read = reportFiles(requested, folder.path, messages);
  for (const event of events) read({ ...event, time: new Date(1000) });
  return stderr.text();
}

test("each report is written at the end, with the log", () => {
  using folder = makeFolder({});
  expect(written(folder, "reports/x", runIn(folder))).toBe("");
  expect(folder.glob("reports/*")).toEqual(["reports/x.html", "reports/x.junit", "reports/x.markdown"]);
  for (const file of folder.glob("reports/*")) expect(folder.read(file)).toContain("the output");
});

test("a workflow is reported at its end, not before", () => {
  using folder = makeFolder({});
  const events: readonly RunEvent[] = [
    { type: "workflow", name: "w", id: "5", steps: ["one"] },
    { type: "step", index: 0, runs: "b act" },
    ...runIn(folder),
  ];
  written(folder, "x", events);
  expect(folder.glob("x.*")).toEqual([]);
  written(folder, "x", [...events, { type: "workflowFinished", exitCode: 0 }]);
  expect(folder.glob("x.*")).toHaveLength(3);
});

test("one that cannot be written is a warning each, and no error", () => {
  using folder = makeFolder({ file: "" });
  const lines = written(folder, "file/x", runIn(folder)).match(/^warning: .*$/gm) ?? [];
  expect(lines).toHaveLength(3);
  expect(lines[0]).toBe(
    `warning: the report \`${folder.path}/file/x.markdown\` was not written: \`${folder.path}/file\` is not a folder`,
  );
});
