import { type Readable, Transform, Writable } from "node:stream";
import { printable } from "../errors.ts";
import type { BuildOutput } from "../image/image.ts";
import type { Target } from "./outputRelay.ts";

/** Returns how much is shown: on a terminal not everything, unless it is asked for; in a pipe or file all. */
export function buildOutputOf(
  stderr: NodeJS.WriteStream,
  { quiet, verbose }: { readonly quiet: boolean; readonly verbose: boolean },
): BuildOutput {
  if (quiet) return "failure";
  return verbose || !stderr.isTTY ? "whole" : "step";
}

/** Where a build's output goes. `end` tells whether the build failed; `letGo` that others are going to write. */
export type BuildView = {
  readonly target: Target;
  readonly letGo: () => void;
  readonly end: (failed: boolean) => void;
};

const linesOfFailure = 10;

/** An instruction may print without ever ending a line. */
const longestLine = 65_536;

/** Returns a view that writes to standard error. */
export function viewBuild(stderr: NodeJS.WriteStream, output: BuildOutput): BuildView {
  if (output === "whole") return { target: stderr, letGo: () => {}, end: () => {} };
  const last: string[] = [];
  let unfinished = "";
  let isLive = output === "step";
  const take = (line: string) => {
    if (line.trim() === "" || bookkeeping.test(line)) return;
    last.push(line);
    if (last.length > linesOfFailure) last.shift();
    const step = isLive ? stepOf(line) : undefined;
    // The cursor stays at the start, so that whatever is written next begins there.
    if (step !== undefined) stderr.write(`${clear}${step.slice(0, (stderr.columns || 80) - 1)}\r`);
  };
  const target = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      const lines = `${unfinished}${chunk.toString()}`.split("\n");
      unfinished = (lines.pop() ?? "").slice(-longestLine);
      for (const line of lines) take(line);
      done();
    },
  });
  const letGo = () => {
    if (isLive) stderr.write(clear);
    isLive = false;
  };
  return {
    target,
    letGo,
    end: (failed) => {
      letGo();
      take(unfinished);
      if (failed) stderr.write(last.map((line) => `${line.replace(/\r+$/, "")}\n`).join(""));
    },
  };
}

const clear = "\r\x1b[2K";

/** What the classic builder says of its containers and layers. */
const bookkeeping = /^(?: ---> |Removing intermediate container )/;

/** The step that a line of the classic builder or BuildKit begins (docker 20.10 to 28.2). */
function stepOf(line: string): string | undefined {
  const [, number, instruction = ""] =
    /^Step (\d+\/\d+) : (.*)/.exec(line) ?? /^#\d+ \[(?:\S+ )?(\d+\/\d+)\] (.*)/.exec(line) ?? [];
  return number === undefined ? undefined : `  step ${number}: ${printable(instruction.trim())}`;
}

/**
 * Returns a build's output without colours, which are for a terminal that no instruction has, and without the note that the
 * classic builder is deprecated, which is about nothing that a workspace could do.
 */
export function plainOutput(source: Readable): Readable {
  let held = "";
  let isHead = true;
  const pass = (text: string, isEnd: boolean): string => {
    held += text;
    if (isHead && !isEnd && isPartOfNote(held)) return "";
    if (isHead) held = held.replace(deprecationNote, "");
    isHead = false;
    const cut = isEnd ? -1 : held.search(/\x1b(?:\[[0-9;]*)?$/);
    const ready = cut < 0 ? held : held.slice(0, cut);
    held = held.slice(ready.length);
    return ready.replace(/\x1b\[[0-9;]*m/g, "");
  };
  const bytes = (text: string) => Buffer.from(text, "latin1");
  const plain = new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, bytes(pass(chunk.toString("latin1"), false))),
    flush: (done) => done(null, bytes(pass("", true))),
  });
  source.on("error", () => plain.end());
  return source.pipe(plain);
}

/** Its first line, lines that are indented below it, and an empty one (docker 23 to 28.2). */
const deprecationNote = /^DEPRECATED: The legacy builder.*\n?(?:[ \t]+.*\n?)*\n?/;

function isPartOfNote(text: string): boolean {
  const beginning = "DEPRECATED: The legacy builder";
  if (text.length < beginning.length) return beginning.startsWith(text);
  return text.startsWith(beginning) && !/\n(?:\n|[^ \t\n])/.test(text);
}
