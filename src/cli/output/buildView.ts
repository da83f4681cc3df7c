import { printable } from "../../errors.ts";
import type { Output } from "../../host/output.ts";
import type { BuildOutput } from "../../image/image.ts";
import { clearLine } from "./progressLine.ts";

/** Returns how much of a build is shown: only failures, the current step (on a terminal), or everything. */
export function buildOutputOf(
  stderr: Pick<Output, "isTTY">,
  { quiet, verbose }: { readonly quiet: boolean; readonly verbose: boolean },
): BuildOutput {
  if (quiet) return "failure";
  return verbose || !stderr.isTTY ? "whole" : "step";
}

/** Shows a build's output. */
export type BuildView = {
  /** Takes output; returns a promise when it cannot take more. */
  readonly take: (bytes: Buffer) => Promise<void> | undefined;
  /** Removes the line of the current step, and shows no more of them. */
  readonly clear: () => void;
  readonly end: (failed: boolean) => void;
};

const linesOfFailure = 10;

/** An instruction may print without ever ending a line. */
const longestLine = 65_536;

/** Returns a view that writes to standard error. */
export function buildView(stderr: Output, output: BuildOutput): BuildView {
  if (output === "whole") return { take: stderr.write, clear: () => {}, end: () => {} };
  // The line of the current step leaves the cursor at its start, so the output must not count it as unfinished.
  const last: string[] = [];
  let unfinished = "";
  let isLive = output === "step";
  const takeLine = (line: string) => {
    if (line.trim() === "" || bookkeeping.test(line)) return;
    last.push(line);
    if (last.length > linesOfFailure) last.shift();
    const step = isLive ? stepOf(line) : undefined;
    if (step !== undefined) stderr.stream.write(`${clearLine}${step.slice(0, (stderr.columns || 80) - 1)}\r`);
  };
  const clear = () => {
    if (isLive) stderr.stream.write(clearLine);
    isLive = false;
  };
  return {
    take: (bytes) => {
      const lines = `${unfinished}${bytes.toString()}`.split("\n");
      unfinished = (lines.pop() ?? "").slice(-longestLine);
      for (const line of lines) takeLine(line);
      return undefined;
    },
    clear,
    end: (failed) => {
      clear();
      takeLine(unfinished);
      if (failed) void stderr.write(last.map((line) => `${line.replace(/\r+$/, "")}\n`).join(""));
    },
  };
}

/** What the classic builder prints about its containers and layers. */
const bookkeeping = /^(?: ---> |Removing intermediate container )/;

/** The step that a line of the classic builder or BuildKit begins (docker 20.10 to 28.2). */
function stepOf(line: string): string | undefined {
  const [, number, instruction = ""] =
    /^Step (\d+\/\d+) : (.*)/.exec(line) ?? /^#\d+ \[(?:\S+ )?(\d+\/\d+)\] (.*)/.exec(line) ?? [];
  return number === undefined ? undefined : `  step ${number}: ${printable(instruction.trim())}`;
}
