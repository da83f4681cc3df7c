import { printable } from "../../../errors.ts";
import type { Outputs } from "../../../host/output.ts";
import type { StepRun } from "../../../run/events.ts";
import { type Messages, messagesTo } from "../messages.ts";
import { paintName } from "../table.ts";
import type { GraphScreen } from "./screen.ts";
import { stepGroups } from "./stepGroups.ts";
import { type LineFormat, lineCutter, prefixedLines } from "./stepLines.ts";

/** How the output of steps that run at once is told apart: each line by the step's name, or each step as a block. */
export type OutputStyle = "prefix" | "grouped";

/** Where what is printed of steps goes. */
export type StepMessages = {
  readonly style: OutputStyle;
  /** The messages and outputs of a step's run; those of the workflow outside of one. */
  readonly messagesOf: (of: StepRun | undefined) => Messages;
  /** Nothing more of the step is printed before the promise is settled; only blocks can wait. */
  readonly wait: (of: StepRun, until: () => Promise<void>) => void;
  /** Prints what the step has left unfinished; nothing more of it comes. */
  readonly close: (of: StepRun) => void;
  readonly abandon: () => void;
  /** Resolves when everything is printed. */
  readonly printed: () => Promise<void>;
};

export type StepMessagesOptions = {
  readonly style: OutputStyle;
  readonly quiet: boolean;
  /** The names of all steps, for prefixes of one width. */
  readonly names: readonly string[];
};

/** Returns the messages of the steps of a graph. `messages` are those of the workflow. */
export function stepMessages(
  messages: Messages,
  screen: GraphScreen,
  { style, quiet, names }: StepMessagesOptions,
): StepMessages {
  const groups = stepGroups(screen.print);
  const known = new Map<string, Messages & { readonly end: () => void }>();
  const print = (of: StepRun, stream: "stdout" | "stderr", lines: Buffer) =>
    style === "grouped" ? groups.add(keyOf(of), stream, lines) : screen.print(stream, lines);
  const make = (of: StepRun) => {
    const format = (stream: "stdout" | "stderr"): LineFormat => {
      if (style === "grouped") return (line) => Buffer.concat([line, Buffer.from("\n")]);
      const { stream: terminal } = messages.outputs[stream];
      const prefix = prefixOf(of, names, messages.outputs, stream);
      return prefixedLines(prefix, { isTerminal: terminal.isTTY === true });
    };
    return messagesOfStep(messages, quiet, format, (stream, lines) => print(of, stream, lines));
  };
  return {
    style,
    messagesOf: (of) => {
      if (of === undefined) return messages;
      const made = known.get(keyOf(of)) ?? make(of);
      known.set(keyOf(of), made);
      return made;
    },
    wait: (of, until) => {
      if (style === "grouped") groups.wait(keyOf(of), until);
    },
    close: (of) => {
      known.get(keyOf(of))?.end();
      known.delete(keyOf(of));
      if (style === "grouped") groups.close(keyOf(of));
    },
    abandon: groups.abandon,
    printed: groups.printed,
  };
}

/** An attempt is a block of its own. */
function keyOf({ index, attempt }: StepRun): string {
  return `${index} ${attempt}`;
}

/** Names have one width, at a terminal at most a third of it; colours tell neighbours apart. */
function prefixOf(
  { name, index }: StepRun,
  names: readonly string[],
  outputs: Outputs,
  stream: "stdout" | "stderr",
): string {
  const { stream: terminal } = outputs[stream];
  const widest = Math.max(...names.map((one) => Bun.stringWidth(printable(one))));
  const most = terminal.isTTY === true ? Math.max(8, Math.floor((terminal.columns || 80) / 3)) : widest;
  const shown = Bun.sliceAnsi(printable(name), 0, Math.min(widest, most), "…");
  const padding = " ".repeat(Math.min(widest, most) - Bun.stringWidth(shown));
  return `${paintName(terminal, index, `${shown}${padding} |`)} `;
}

/** Messages and outputs whose lines go to `print`; what is not a whole line yet waits. */
function messagesOfStep(
  { outputs }: Messages,
  quiet: boolean,
  format: (stream: "stdout" | "stderr") => LineFormat,
  print: (stream: "stdout" | "stderr", lines: Buffer) => Promise<void> | undefined,
) {
  const outputOf = (stream: "stdout" | "stderr") => {
    const formatted = format(stream);
    const lines: Buffer[] = [];
    const cutter = lineCutter((line) => void lines.push(formatted(line)));
    const flush = () => {
      const all = Buffer.concat(lines.splice(0));
      return all.length === 0 ? undefined : print(stream, all);
    };
    let isAbandoned = false;
    let full: PromiseWithResolvers<void> | undefined;
    const output = {
      ...outputs[stream],
      write: (chunk: Uint8Array | string) => {
        if (isAbandoned && full !== undefined) return undefined;
        cutter.pass(Buffer.from(chunk));
        const printing = flush();
        if (printing === undefined) return undefined;
        const waiting = Promise.withResolvers<void>();
        full = waiting;
        void printing.then(() => {
          waiting.resolve();
          if (full === waiting) full = undefined;
        });
        return isAbandoned ? undefined : waiting.promise;
      },
      isInLine: cutter.isInLine,
      // Of one step alone: others still wait for the reader.
      abandon: () => {
        isAbandoned = true;
        full?.resolve();
      },
      awaitReader: () => {},
    };
    const end = () => {
      cutter.end();
      void flush();
    };
    return { output, end };
  };
  const [stdout, stderr] = [outputOf("stdout"), outputOf("stderr")];
  return {
    ...messagesTo({ stdout: stdout.output, stderr: stderr.output }, { quiet }),
    end: () => {
      stdout.end();
      stderr.end();
    },
  };
}
