import { exitCodes, PolycrateError, printable } from "../errors.ts";

/** How questions are answered: beforehand by `--yes`, or by a person. */
export type Answers = { readonly yes?: boolean | undefined; readonly force?: boolean | undefined };

/** Throws (64) when there are questions and nobody to answer them, so that nothing is run by half. */
export function refuseUnanswerable(questions: readonly string[], answers: Answers): void {
  const [first] = questions;
  if (first === undefined || isAnswered(answers) || (process.stdin.isTTY && process.stderr.isTTY)) return;
  throw new PolycrateError(`there is a question and no terminal to ask it on: ${first}`, {
    hint: "answer it beforehand with `--yes`",
    exitCode: exitCodes.wrongCommandLine,
  });
}

/** Asks the question, if there is one. Throws (64) when it cannot be asked. */
export function isConfirmed(question: string | undefined, answers: Answers): Promise<boolean> {
  refuseUnanswerable(question === undefined ? [] : [question], answers);
  return isWanted(question, answers);
}

/** Asks the question on the terminal; true when it is answered with yes. No answer, and Ctrl-C, mean no. */
export async function isWanted(question: string | undefined, answers: Answers): Promise<boolean> {
  if (question === undefined || isAnswered(answers)) return true;
  const { confirm } = await import("@clack/prompts");
  return (
    (await confirm({ message: printable(question), initialValue: false, output: process.stderr })) === true
  );
}

function isAnswered({ yes, force }: Answers): boolean {
  return yes === true || force === true;
}
