import { printable } from "../../../errors.ts";
import type { Reader } from "../../../run/events.ts";
import type { Messages } from "../messages.ts";
import type { RunViewOptions } from "../runView.ts";
import { type GraphViewOptions, graphView } from "./graphView.ts";
import { graphScreen } from "./screen.ts";
import { type StepMessages, type StepMessagesOptions, stepMessages } from "./stepMessages.ts";

/** How a graph is shown: its style, the names of its steps, and which of them may fail. */
export type GraphOutputOptions = Pick<StepMessagesOptions, "style" | "names"> &
  Pick<GraphViewOptions, "mayFail">;

/** Returns the reader that prints a graph, and the messages of its steps for other readers that print. */
export function graphOutput(
  messages: Messages,
  { style, names, mayFail }: GraphOutputOptions,
  options: RunViewOptions,
): { readonly view: Reader; readonly steps: StepMessages } {
  const { stream } = messages.outputs.stderr;
  const isDumb = process.env.TERM === "dumb" || !/^(?:|0|false)$/i.test(process.env.CI ?? "");
  const isLive = stream.isTTY === true && !isDumb && !options.quiet && style === "prefix";
  const screen = graphScreen(messages.outputs, isLive, () => new Date());
  const above = isLive ? messagesAbove(messages, screen.print) : messages;
  const steps = stepMessages(above, screen, { style, names, quiet: options.quiet });
  return { view: graphView(above, screen, steps, { ...options, mayFail }), steps };
}

/** Messages of the workflow, printed above the lines of its steps. */
function messagesAbove(
  messages: Messages,
  print: (stream: "stdout" | "stderr", lines: Buffer) => Promise<void> | undefined,
): Messages {
  const write = (lines: string) => void print("stderr", Buffer.from(lines));
  return {
    ...messages,
    marker: write,
    notice: (lines) => write(`${printable(lines, true)}\n`),
    styledNotice: (lines) => write(`${lines}\n`),
    error: (lines) => write(`${printable(lines, true)}\n`),
  };
}
