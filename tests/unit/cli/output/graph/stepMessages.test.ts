import { expect, test } from "bun:test";
import type { GraphScreen } from "../../../../../src/cli/output/graph/screen.ts";
import { type OutputStyle, stepMessages } from "../../../../../src/cli/output/graph/stepMessages.ts";
import { messagesTo } from "../../../../../src/cli/output/messages.ts";
import { outputTo } from "../../../../../src/host/output.ts";
import { fakeStream } from "../../../../support/fakes.ts";

const names = ["one", "a much longer name than that", "three\u009b2J"];

const of = (index: number) => ({ index, name: names[index] ?? "", step: "", matrix: [], attempt: 1 });

/** The messages of steps on a screen that takes nothing more while it is `full`. */
function stage(style: OutputStyle, terminal: Readonly<Record<string, unknown>> = {}) {
  const printed: string[] = [];
  let full: PromiseWithResolvers<void> | undefined;
  const screen: GraphScreen = {
    isLive: false,
    print: (_, lines) => {
      printed.push(Bun.stripANSI(lines.toString()));
      return full?.promise;
    },
    show: () => {},
    close: () => {},
  };
  const outputs = { stdout: outputTo(fakeStream(terminal)), stderr: outputTo(fakeStream(terminal)) };
  const steps = stepMessages(messagesTo(outputs), screen, { style, quiet: false, names });
  return {
    ...steps,
    text: () => printed.join(""),
    fill: () => {
      full = Promise.withResolvers();
    },
    drain: () => full?.resolve(),
    out: (index: number) => steps.messagesOf(of(index)).outputs.stdout,
  };
}

test("prefixes have one width, at a terminal at most a third of it, and nothing that a terminal obeys", () => {
  const piped = stage("prefix");
  for (const index of names.keys()) void piped.out(index).write("x\n");
  expect(piped.text()).toBe(
    [
      "one                          | x",
      "a much longer name than that | x",
      "three\\u009b2J                | x",
      "",
    ].join("\n"),
  );
  const narrow = stage("prefix", { isTTY: true, columns: 60 });
  for (const index of names.keys()) void narrow.out(index).write("x\n");
  expect(narrow.text()).toBe(
    "one                  | x\na much longer name … | x\nthree\\u009b2J        | x\n",
  );
});

test("the source of a step waits for the reader, and no longer when the step is abandoned", async () => {
  const { out, fill, drain, text } = stage("prefix");
  fill();
  const [one, other] = [out(0), out(1)];
  const waiting = one.write("a\n");
  const second = other.write("b\n");
  expect([waiting, second].map((promise) => promise instanceof Promise)).toEqual([true, true]);
  one.abandon();
  await waiting;
  // What the reader does not take is dropped, of this step alone.
  expect(one.write("c\n")).toBe(undefined);
  let isDrained = false;
  void second?.then(() => {
    isDrained = true;
  });
  await new Promise((next) => setImmediate(next));
  expect(isDrained).toBe(false);
  drain();
  await second;
  expect(text()).not.toContain("| c");
});

test("a message ends the line that the step has begun, and the end of a step too", () => {
  const { out, messagesOf, close, text } = stage("prefix");
  void messagesOf(of(0)).outputs.stderr.write("begun");
  messagesOf(of(0)).notice("said");
  void out(0).write("open");
  close(of(0));
  const lines = text()
    .split("\n")
    .map((line) => line.replace(/ +\|/, " |"));
  expect(lines).toEqual(["one | begun", "one | said", "one | open", ""]);
});

test("a step that is tried again begins anew", async () => {
  const { messagesOf, close, printed, text } = stage("grouped");
  const [first, second] = [of(0), { ...of(0), attempt: 2 }];
  void messagesOf(first).outputs.stdout.write("1\n");
  void messagesOf(second).outputs.stdout.write("2");
  close(first);
  close(second);
  await printed();
  expect(text()).toBe("1\n2\n");
});

test("outside of a step the messages are those of the workflow", () => {
  const { messagesOf, text } = stage("grouped");
  messagesOf(undefined).notice("said");
  expect(text()).toBe("");
});
