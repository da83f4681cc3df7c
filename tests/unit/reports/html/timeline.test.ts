import { expect, test } from "bun:test";
import { timesMarkup } from "../../../../src/reports/html/timeline.ts";
import { actionReport, at, reportedRun, workflowReport } from "../../../support/reports.ts";

/** The labels of the axis. */
function ticksOf(seconds: number): readonly string[] {
  const { markup } = timesMarkup(actionReport({ spans: [["run", 0, seconds]] }));
  return [...markup.matchAll(/<text class="tick"[^>]*>([^<]*)</g)].map(([, label = ""]) => label);
}

test.each<readonly [number, readonly string[]]>([
  [0.004, ["0 s", "0.001 s", "0.002 s", "0.003 s", "0.004 s"]],
  [2, ["0 s", "0.5 s", "1 s", "1.5 s", "2 s"]],
  [95, ["0 s", "30 s", "1 min", "1 min 30 s"]],
  [7000, ["0 s", "30 min", "1 h", "1 h 30 min"]],
  [3_000_000, ["0 s", "168 h", "336 h", "504 h", "672 h"]],
])("the axis of %d s has round times", (seconds, labels) => {
  expect(ticksOf(seconds)).toEqual([...labels]);
});

test("each run has a bar, whose parts are where they were on the common axis", () => {
  const { markup } = timesMarkup(workflowReport());
  const bars = [...markup.matchAll(/<rect class="(\w+)" x="([\d.]+)%" y="(\d+)" width="([\d.]+)%"/g)];
  expect(bars.map(([, name, x, y, width]) => [name, Number(x), Number(y), Number(width)])).toEqual([
    ["prepare", 0, 23, 1.579],
    ["build", 1.579, 23, 28.947],
    ["prepare", 30.526, 23, 2.105],
    ["run", 32.632, 23, 10.526],
    ["prepare", 44.211, 71, 1.053],
    ["run", 45.263, 71, 54.737],
  ]);
});

test("the picture is described in words too, and as a table", () => {
  const { markup } = timesMarkup(workflowReport());
  expect(markup).toContain(
    `<desc id="picture-text">check: web check succeeded, 41.0 s; deploy: web install failed, 53.0 s; notify not run.</desc>`,
  );
  expect(markup).toContain(
    `<tr><th scope="row">check: web check</th><td>succeeded</td><td>3.5 s</td><td>27.5 s</td><td>10.0 s</td><td>41.0 s</td></tr>`,
  );
});

test("a name that is too long for a phone is cut in the picture alone", () => {
  const block = "a-block-with-a-name-that-goes-on";
  const { markup } = timesMarkup(actionReport({ transaction: { block } }));
  expect(markup).toContain(">a-block-with-a-name-that-go…</text>");
  expect(markup).toContain(`<th scope="row">${block} install</th>`);
});

test("without times there is no picture, and a run without an end has none", () => {
  expect(timesMarkup(actionReport({ spans: [] })).markup).toBe("");
  const lost = reportedRun({ transaction: { status: "lost", finished: undefined } });
  expect(timesMarkup({ workflow: undefined, steps: [], runs: [lost] }).markup).toContain("? end not known");
});

test("a clock that was set back makes no bar of less than nothing", () => {
  const finished = at(-10);
  const { markup } = timesMarkup(actionReport({ transaction: { finished }, spans: [["run", 0, -10]] }));
  expect(markup).toContain('width="0%"');
  expect(markup).toContain("✓ 0.0 s");
  expect(markup).not.toMatch(/="-|NaN/);
});
