import { exitCodes, PolycrateError, printable } from "../errors.ts";
import { stderr } from "../host/output.ts";
import { isStdinTerminal } from "../host/stdio.ts";

/** How questions are answered: `yes` answers all of them without asking. */
export type Answers = { readonly yes: boolean };

/** Throws (64) when there are questions but no terminal. Called before anything runs. */
export function assertCanConfirm(questions: readonly string[], { yes }: Answers): void {
  const [first] = questions;
  if (first === undefined || yes || (isStdinTerminal() && stderr.isTTY)) return;
  throw new PolycrateError(`cannot ask for confirmation without a terminal: ${first}`, {
    hint: "pass `--yes` to confirm in advance",
    exitCode: exitCodes.wrongCommandLine,
  });
}

/**
 * Asks the questions in turn; returns false at the first that is not answered with yes. Ctrl-C counts as no. Throws (64)
 * without a terminal.
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
