import { expect, test } from "bun:test";
import { gitlabLog } from "../../../src/reports/gitlab.ts";
import type { RunEvent } from "../../../src/run/events.ts";
import { container, planIn, recordPlan } from "../../support/execution.ts";
import { makeFolder } from "../../support/harness.ts";

using folder = makeFolder({});

/** What is written for these events, a second apart. */
function written(events: readonly RunEvent[], record = recordPlan()): readonly string[] {
  const log = gitlabLog();
  const plan = planIn(folder, [container(folder, "x")], { plan: { record } });
  const all: readonly RunEvent[] = [{ type: "planned", plan, record: undefined }, ...events];
  return [...all.map((event, index) => log.linesAt({ ...event, time: new Date(index * 1000) })), log.end()];
}

const finished: RunEvent = {
  ...{ type: "finished", status: "succeeded", exitCode: 0, stopped: undefined, execution: undefined },
};

test("a build is a collapsed section, a run an open one", () => {
  const events = [
    { type: "building", reason: "x" },
    { type: "built", failed: false },
    { type: "starting" },
    { type: "started" },
  ] as const;
  expect(written([...events, finished])).toEqual([
    "",
    "section_start:1:polycrate_1_build[collapsed=true]\r\u001b[0Kbuild image busybox\n",
    "section_end:2:polycrate_1_build\r\u001b[0K\n",
    "section_start:3:polycrate_2_run_b_act\r\u001b[0Krun b act\n",
    "",
    "section_end:5:polycrate_2_run_b_act\r\u001b[0K\n",
    "",
  ]);
});

test("a run that ended before its container has no section to end", () => {
  expect(written([finished])).toEqual(["", "", ""]);
});

test("a name of a section has letters, digits, `_`, `.` and `-` alone, and a title no control characters", () => {
  const [, line = ""] = written([{ type: "starting" }], recordPlan({ block: "a/é b:1", action: "x\r" }));
  expect(line).toBe("section_start:1:polycrate_1_run_a_b_1_x_\r\u001b[0Krun a/é b:1 x\\u000d\n");
});
