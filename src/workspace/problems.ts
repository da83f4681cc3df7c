import { exitCodes, PolycrateError, printable } from "../errors.ts";
import type { Position } from "./yamlValue.ts";

/** Something wrong with a file of the workspace; `file` is relative to the workspace, or absolute outside of it. */
export type Problem = {
  readonly severity: "error" | "warning";
  readonly file: string;
  readonly position?: Position | undefined;
  readonly message: string;
  readonly hint?: string | undefined;
};

/** Returns `file:line:column: message`, with the hint on a line of its own; the caller says `error:` or `warning:` before it. */
export function describeProblem(problem: Problem): string {
  const hint = problem.hint === undefined ? "" : `\nhint: ${printable(problem.hint)}`;
  return `${placeOf(problem)}: ${printable(problem.message)}${hint}`;
}

/** Throws one error (exit code 65) that lists all the errors among the problems; returns when there are none. */
export function refuseErrors(problems: readonly Problem[]): void {
  const errors = problems.filter((problem) => problem.severity === "error");
  if (errors.length === 0) return;
  const [only] = errors;
  if (errors.length === 1 && only !== undefined) {
    throw new PolycrateError(`${placeOf(only)}: ${only.message}`, {
      hint: only.hint,
      exitCode: exitCodes.invalidWorkspace,
    });
  }
  throw new PolycrateError(errors.map(describeProblem).join("\nerror: "), {
    exitCode: exitCodes.invalidWorkspace,
  });
}

function placeOf({ file, position }: Problem): string {
  return position === undefined ? printable(file) : `${printable(file)}:${position.line}:${position.column}`;
}
