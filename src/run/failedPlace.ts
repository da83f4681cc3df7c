import { itemOfLine } from "../plan/entrypoint.ts";
import type { ScriptPlace } from "../workspace/blocks/actionSource.ts";
import type { Execution } from "./execution.ts";

/**
 * Returns the place in a script that an execution failed at, where that is known. A shell that fails on an unset variable or
 * a syntax error runs no trap, but complains with the script's name and line (bash: `script: line 3:`, ash: `script: line 3:`,
 * dash: `script: 3:`).
 */
export function failedPlace({ failedLine, tail, step }: Execution): ScriptPlace | undefined {
  const complaint = [...tail.matchAll(/^\/run\/polycrate\/script: (?:line )?(\d+):/gm)].at(-1)?.[1];
  const line = failedLine ?? (complaint === undefined ? undefined : Number(complaint));
  return line === undefined || step === undefined || !("items" in step)
    ? undefined
    : itemOfLine(step.items, line);
}
