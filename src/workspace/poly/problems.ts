import { exitCodes, locationOf, PolycrateError, printable } from "../../errors.ts";
import type { Position, YamlPath } from "../../yaml/value.ts";
import type { ProblemCode } from "./problemCodes.ts";

/** A problem in a file of the workspace; `file` is relative to the workspace, or absolute outside of it. */
export type Problem = {
  readonly severity: "error" | "warning";
  readonly code: ProblemCode;
  readonly file: string;
  readonly position?: Position | undefined;
  /** The inline block or workflow of `workspace.poly` that it is in. */
  readonly entry?: WorkspaceEntry;
  readonly message: string;
  readonly hint?: string | undefined;
};

/** A problem with the value at a path of a file; it becomes a `Problem` when its position is looked up. */
export type PolyFinding = Pick<Problem, "severity" | "code" | "message" | "hint"> & {
  readonly at: YamlPath;
  /** The part that the position refers to; the value by default. */
  readonly part?: "key" | "value";
};

/** An inline block or a workflow: the list in `workspace.poly`, and the index in it. */
export type WorkspaceEntry = { readonly list: "blocks" | "workflows"; readonly index: number };

/** Returns the errors of one inline block or workflow. */
export function errorsOf(problems: readonly Problem[], { list, index }: WorkspaceEntry): readonly Problem[] {
  return problems.filter(
    ({ severity, entry }) => severity === "error" && entry?.list === list && entry.index === index,
  );
}

/** Returns `file:line:column: message`, and the hint on its own line; the caller adds `error:` or `warning:` before it. */
export function describeProblem(problem: Problem): string {
  const hint = problem.hint === undefined ? "" : `\nhint: ${printable(problem.hint)}`;
  return `${problemLocation(problem)}: ${printable(problem.message)}${hint}`;
}

/** Throws one error (exit code 65) that lists all the errors among the problems; returns when there are none. */
export function assertNoErrors(problems: readonly Problem[]): void {
  const errors = problems.filter((problem) => problem.severity === "error");
  if (errors.length === 0) return;
  const [only] = errors;
  if (errors.length === 1 && only !== undefined) {
    const { file, position, message, hint } = only;
    throw new PolycrateError(position === undefined ? `${printable(file)}: ${message}` : message, {
      hint,
      exitCode: exitCodes.invalidWorkspace,
      position: position && { file, ...position },
    });
  }
  throw new PolycrateError(errors.map(describeProblem).join("\nerror: "), {
    exitCode: exitCodes.invalidWorkspace,
  });
}

/** Returns the error as a problem at its position; one without a position is about `file`. */
export function problemOf(error: PolycrateError, code: ProblemCode, file: string): Problem {
  const { message, hint } = error;
  const problem = { severity: "error", code, message, hint } as const;
  if (error.position === undefined) return { ...problem, file };
  const { file: located, line, column } = error.position;
  return { ...problem, file: located, position: { line, column } };
}

/** Returns the problems by file and position; those without a position come first in their file. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
      (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
      (a.position?.column ?? 0) - (b.position?.column ?? 0),
  );
}

/** Returns `file:line:column`, or the file alone, without control characters. */
export function problemLocation({ file, position }: Problem): string {
  return position === undefined ? printable(file) : locationOf({ file, ...position });
}
