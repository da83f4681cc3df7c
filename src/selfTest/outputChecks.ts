import { type Check, firstOf } from "./check.ts";
import { actionWords, runToEnd, wrongEnd } from "./testContext.ts";

/** What goes into an action and comes out of it. */
export const outputChecks: readonly Check[] = [
  {
    name: "input",
    meaning: "an action reads polycrate's standard input",
    run: async (context) => {
      const result = await runToEnd(context, actionWords("input"), { input: "one\ntwo\n" });
      return firstOf(
        wrongEnd(result),
        result.stdout === "read one\nread two\n"
          ? undefined
          : "the input did not reach the action, or not all of it",
      );
    },
  },
  {
    name: "streams",
    meaning: "standard output and standard error of an action stay apart",
    run: async (context) => {
      const result = await runToEnd(context, actionWords("streams"));
      return firstOf(
        wrongEnd(result),
        result.stdout === "to standard output\n" ? undefined : "standard output has another content",
        result.stderr.includes("to standard error\n") ? undefined : "standard error has another content",
      );
    },
  },
  {
    name: "output",
    meaning: "4 MB of output arrive complete, and in order",
    run: async (context) => {
      const result = await runToEnd(context, actionWords("output"));
      return firstOf(wrongEnd(result), differenceOf(result.stdout, expectedOutput()));
    },
  },
];

/** What the action `output` prints. */
function expectedOutput(): string {
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index + 1}\n`);
  return lines.join("") + `${"0123456789abcde".repeat(2 ** 12)}\n`.repeat(64);
}

function differenceOf(found: string, expected: string): string | undefined {
  if (found === expected) return undefined;
  if (found.length !== expected.length)
    return `${found.length} of ${expected.length} bytes of the action's output arrived`;
  return "the output has another order, or another content";
}
