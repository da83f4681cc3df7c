import { exitCodes, PolycrateError, printable } from "../../errors.ts";
import type { Position } from "../../yaml/value.ts";
import type { ProblemCode } from "./problemCodes.ts";

/** Something wrong with a file of the workspace; `file` is relative to the workspace, or absolute outside of it. */
export type Problem = {
  readonly severity: "error" | "warning";
  readonly code: ProblemCode;
  readonly file: string;
  readonly position?: Position | undefined;
  /** The inline block or workflow of `workspace.poly` that it is in, by its place in the list. */
  readonly entry?: Entry;
  readonly message: string;
  readonly hint?: string | undefined;
};

/** An inline block or a workflow: the list in `workspace.poly`, and the index in it. */
export type Entry = { readonly list: "blocks" | "workflows"; readonly index: number };

/** Returns the errors of one inline block or workflow. */
export function errorsOf(problems: readonly Problem[], { list, index }: Entry): readonly Problem[] {
  return problems.filter(
    ({ severity, entry }) => severity === "error" && entry?.list === list && entry.index === index,
  );
}

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

/** Returns the problem that an error tells, whose message may begin with `file:line:column: `; otherwise it is about `file`. */
export function problemOf(error: PolycrateError, code: ProblemCode, file: string): Problem {
  const [, place, line, column, message] = /^(.+?):(\d+):(\d+): (.*)$/s.exec(error.message) ?? [];
  const problem = { severity: "error", code, hint: error.hint } as const;
  if (place === undefined || message === undefined) return { ...problem, file, message: error.message };
  return { ...problem, file: place, position: { line: Number(line), column: Number(column) }, message };
}

/** Returns the problems by file and place; those without a place come first in their file. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
      (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
      (a.position?.column ?? 0) - (b.position?.column ?? 0),
  );
}

/** Returns `file:line:column`, as far as it is known, ready for a terminal. */
export function placeOf({ file, position }: Problem): string {
  return position === undefined ? printable(file) : `${printable(file)}:${position.line}:${position.column}`;
}
