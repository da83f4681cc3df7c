import { exitCodes, PolycrateError, printable } from "../errors.ts";
import { stderr } from "../host/output.ts";
import { isStdinTerminal } from "../host/stdio.ts";
import type { InputDeclaration } from "../workspace/inputs/declarations.ts";
import { type Input, parseInput, plainInput, secretInput } from "../workspace/inputs/values.ts";

/** An input that must have a value and has none; `title` names its action. */
export type MissingInput = { readonly title: string; readonly declaration: InputDeclaration };

/** Finds the answer for an input. */
export type InputAnswers = (title: string, declaration: InputDeclaration) => Input | undefined;

/** True when there is a terminal to ask on. */
export function canAsk(): boolean {
  return isStdinTerminal() && stderr.isTTY;
}

/**
 * Asks for the inputs in turn, each once, and a secret that several actions read from the same variable once. Throws (130)
 * when a question is cancelled.
 */
export async function askInputs(missing: readonly MissingInput[]): Promise<InputAnswers> {
  const answers = new Map<string, string>();
  const areMany = new Set(missing.map(({ title }) => title)).size > 1;
  for (const { title, declaration } of missing) {
    const key = answerKey(title, declaration);
    if (answers.has(key)) continue;
    answers.set(key, await ask(declaration, areMany && !declaration.secret ? `${title}: ` : ""));
  }
  return (title, declaration) => {
    const text = answers.get(answerKey(title, declaration));
    if (text === undefined) return undefined;
    const value = parseInput(declaration, text);
    if ("expected" in value) return undefined;
    return declaration.secret ? secretInput(declaration, value.text) : plainInput(declaration, value);
  };
}

function answerKey(title: string, { name, variable, secret }: InputDeclaration): string {
  return secret ? variable : `${title}\0${name}`;
}

async function ask(declaration: InputDeclaration, prefix: string): Promise<string> {
  const prompts = await import("@clack/prompts");
  const { name, type, description, choices, secret } = declaration;
  const message = printable(`${prefix}${name}${description === undefined ? "" : `: ${description.trim()}`}`);
  const { stream: output } = stderr;
  const options = (type === "boolean" ? ["true", "false"] : choices).map((choice) => ({
    value: choice,
    label: printable(choice),
  }));
  const validate = (text: string | undefined) => complaint(declaration, text ?? "");
  const answer = secret
    ? await prompts.password({ message, validate, output })
    : options.length > 0
      ? await prompts.select({ message, options, output })
      : await prompts.text({ message, validate, output });
  if (typeof answer === "string") return answer;
  throw new PolycrateError(`the input \`${name}\` was not given`, {
    hint: "`polycrate run BLOCK ACTION --help` shows the inputs of an action",
    exitCode: exitCodes.interrupted,
  });
}

function complaint(declaration: InputDeclaration, text: string): string | undefined {
  if (declaration.secret && text === "") return "expected a value";
  const read = parseInput(declaration, text);
  return "expected" in read ? `expected ${read.expected}` : undefined;
}
