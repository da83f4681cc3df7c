import { exitCodes, PolycrateError, printable } from "../errors.ts";

/** How questions are answered: beforehand by `--yes`, or by a person. */
export type Answers = { readonly yes: boolean };

/** Throws (64) when there are questions and no terminal to ask them on, so that nothing is run by half. */
export function assertCanConfirm(questions: readonly string[], { yes }: Answers): void {
  const [first] = questions;
  if (first === undefined || yes || (process.stdin.isTTY && process.stderr.isTTY)) return;
  throw new PolycrateError(`there is a question and no terminal to ask it on: ${first}`, {
    hint: "answer it beforehand with `--yes`",
    exitCode: exitCodes.wrongCommandLine,
  });
}

/**
 * Asks the questions on the terminal until one is answered with no; true when none is. No answer, and Ctrl-C, mean no. Throws
 * (64) when they cannot be asked.
 */
export async function confirm(questions: readonly string[], answers: Answers): Promise<boolean> {
  assertCanConfirm(questions, answers);
  if (answers.yes || questions.length === 0) return true;
  const prompts = await import("@clack/prompts");
  for (const question of questions) {
    const message = printable(question);
    const answer = await prompts.confirm({ message, initialValue: false, output: process.stderr });
    if (answer !== true) return false;
  }
  return true;
}
