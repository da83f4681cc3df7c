import { expect, test } from "bun:test";
import { type LiveStep, liveFrame, liveLines } from "../../../../../src/cli/output/graph/liveLines.ts";

const at = (seconds: number) => new Date(seconds * 1000);

const step = (name: string, started = 0, doing = ""): LiveStep => ({ name, doing, started: at(started) });

test("each running step has a line: its name, its time, what it does", () => {
  const steps = [step("build"), step("deploy (region=eu)", 60, "pulling the image"), step("x\u001b[2J", 61)];
  expect(liveLines(steps, { rows: 24, columns: 80 }, at(62))).toEqual([
    "  build               1 min 2 s",
    "  deploy (region=eu)      2.0 s  pulling the image",
    "  x\\u001b[2J              1.0 s",
  ]);
});

test("of 40 steps at once, what fits in half of the screen is shown, and the rest counted", () => {
  const steps = Array.from({ length: 40 }, (_, index) => step(`step-${index}`));
  const lines = liveLines(steps, { rows: 12, columns: 60 }, at(1));
  expect(lines).toHaveLength(6);
  expect(lines.at(-1)).toBe("  and 35 more");
  expect(liveLines(steps, { rows: 1, columns: 60 }, at(1))).toEqual(["  and 40 more"]);
});

test.each([60, 20, 10, 1])("in %d columns no line is wider", (columns) => {
  const name = "deploy (region=eu-central-1, size=extra-large, tier=日本語)";
  for (const line of liveLines([step(name, 0, "building the image")], { rows: 24, columns }, at(1))) {
    expect(Bun.stringWidth(line)).toBeLessThan(Math.max(2, columns));
  }
});

/** A terminal that knows what is used here: line feeds, moving up, erasing to the end. */
function screenAfter(frames: readonly Buffer[], columns: number): readonly string[] {
  const rows: string[] = [""];
  let row = 0;
  const write = (character: string) => {
    if (Bun.stringWidth(rows[row] ?? "") >= columns) rows[++row] = "";
    rows[row] = `${rows[row] ?? ""}${character}`;
  };
  const text = Buffer.concat([...frames]).toString();
  for (const [found, count] of text.matchAll(/\u001b\[\?2026[hl]|\u001b\[(\d+)A|\u001b\[2K|\r|\n|./gs)) {
    if (count !== undefined) row = Math.max(0, row - Number(count));
    else if (found === "\u001b[2K") rows[row] = "";
    else if (found === "\n") rows[++row] ??= "";
    else if (found.length === 1 && found !== "\r") write(found);
  }
  return rows.map((line) => line ?? "");
}

test("output goes above the lines, and the lines are never left behind", () => {
  const first = liveFrame([], Buffer.from("one\n"), ["  a", "  b"], 80);
  const second = liveFrame(["  a", "  b"], Buffer.from("two\nthree\n"), ["  b"], 80);
  const last = liveFrame(["  b"], Buffer.alloc(0), [], 80);
  expect(screenAfter([first], 80)).toEqual(["one", "  a", "  b", ""]);
  expect(screenAfter([first, second], 80)).toEqual(["one", "two", "three", "  b", ""]);
  expect(screenAfter([first, second, last], 80).filter((line) => line !== "")).toEqual([
    "one",
    "two",
    "three",
  ]);
});

test("a frame is one write between the marks of a synchronized update", () => {
  const frame = liveFrame(["  a"], Buffer.from("x\n"), ["  a"], 80).toString();
  expect(frame).toBe("\u001b[?2026h\r\u001b[1A\u001b[2Kx\n  a\u001b[?2026l\n");
});

test("lines that a narrower terminal has wrapped are erased in all of their rows", () => {
  const line = `  ${"n".repeat(50)}`;
  expect(liveFrame([line, "  b"], Buffer.alloc(0), [], 20).toString()).toContain(
    "\u001b[1A\u001b[2K".repeat(4),
  );
});
