import type { Outputs } from "../../../host/output.ts";
import { type LiveStep, liveFrame, liveLines } from "./liveLines.ts";

/** Both outputs, and below them at a terminal the lines of the steps that run. */
export type GraphScreen = {
  /** Whether there are such lines. */
  readonly isLive: boolean;
  /** Writes whole lines; returns a promise when the output takes no more. */
  readonly print: (stream: "stdout" | "stderr", lines: Buffer) => Promise<void> | undefined;
  /** Shows these steps from now on. */
  readonly show: (steps: readonly LiveStep[]) => void;
  /** Removes the lines, for good. */
  readonly close: () => void;
};

/** Returns the screen; the lines are drawn anew with each output, once a second, and when the terminal changes its size. */
export function graphScreen({ stdout, stderr }: Outputs, isLive: boolean, now: () => Date): GraphScreen {
  if (!isLive) {
    return {
      isLive,
      print: (stream, lines) => (stream === "stdout" ? stdout : stderr).write(lines),
      show: () => {},
      close: () => {},
    };
  }
  const { stream: terminal } = stderr;
  let steps: readonly LiveStep[] = [];
  let shown: readonly string[] = [];
  let isOpen = true;
  const draw = (output: Buffer) => {
    const columns = terminal.columns || 80;
    const lines = isOpen ? liveLines(steps, { rows: terminal.rows || 24, columns }, now()) : [];
    if (output.length === 0 && lines.length + shown.length === 0) return undefined;
    const frame = liveFrame(shown, output, lines, columns);
    shown = lines;
    return stderr.write(frame);
  };
  const redraw = () => void draw(Buffer.alloc(0));
  const clock = setInterval(redraw, 1000);
  terminal.on("resize", redraw);
  return {
    isLive,
    print: (stream, lines) => {
      // What goes elsewhere does not disturb the lines.
      if (stream === "stdout" && stdout.stream.isTTY !== true) return stdout.write(lines);
      return draw(lines);
    },
    show: (next) => {
      steps = next;
      redraw();
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      clearInterval(clock);
      terminal.off("resize", redraw);
      redraw();
    },
  };
}
