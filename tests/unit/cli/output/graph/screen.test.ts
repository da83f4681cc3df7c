import { expect, test } from "bun:test";
import { graphScreen } from "../../../../../src/cli/output/graph/screen.ts";
import { outputTo } from "../../../../../src/host/output.ts";
import { fakeStream } from "../../../../support/fakes.ts";

const step = (name: string) => ({ name, doing: "", started: new Date(0) });
const erased = "\u001b[1A\u001b[2K";

/** A screen whose standard error is a terminal, and standard output too or a pipe. */
function terminal(stdoutIsTTY: boolean) {
  const [stdout, stderr] = [
    fakeStream({ isTTY: stdoutIsTTY }),
    fakeStream({ isTTY: true, rows: 24, columns: 80 }),
  ];
  const screen = graphScreen({ stdout: outputTo(stdout), stderr: outputTo(stderr) }, true, () => new Date(0));
  return { screen, stdout, stderr, [Symbol.dispose]: screen.close };
}

test("each frame erases as many lines as the last one has shown, in one write", () => {
  using all = terminal(true);
  all.screen.show([step("a"), step("b")]);
  void all.screen.print("stdout", Buffer.from("out\n"));
  all.screen.show([step("b")]);
  all.screen.close();
  const frames = all.stderr.text().split("\u001b[?2026h").slice(1);
  expect(frames.map((frame) => frame.split(erased).length - 1)).toEqual([0, 2, 2, 1]);
  expect(frames[1]).toEndWith(`out\n  a  0.0 s\n  b  0.0 s\u001b[?2026l\n`);
  expect(all.stdout.text()).toBe("");
});

test("output for a pipe goes there, and does not touch the lines", () => {
  using all = terminal(false);
  all.screen.show([step("a")]);
  const before = all.stderr.text();
  void all.screen.print("stdout", Buffer.from("out\n"));
  expect([all.stdout.text(), all.stderr.text()]).toEqual(["out\n", before]);
});

test("when the terminal changes its size the lines are drawn anew, and after the end never again", () => {
  using all = terminal(true);
  all.screen.show([step("a")]);
  all.stderr.emit("resize");
  all.screen.close();
  const text = all.stderr.text();
  expect(text.split("\u001b[?2026h")).toHaveLength(4);
  all.stderr.emit("resize");
  void all.screen.print("stderr", Buffer.from("end\n"));
  expect(all.stderr.text()).toBe(`${text}\u001b[?2026hend\u001b[?2026l\n`);
});

test("without lines everything is passed on as it is", () => {
  const [stdout, stderr] = [fakeStream(), fakeStream()];
  const screen = graphScreen(
    { stdout: outputTo(stdout), stderr: outputTo(stderr) },
    false,
    () => new Date(0),
  );
  screen.show([step("a")]);
  void screen.print("stdout", Buffer.from("out\n"));
  void screen.print("stderr", Buffer.from("err\n"));
  screen.close();
  expect([stdout.text(), stderr.text()]).toEqual(["out\n", "err\n"]);
});
