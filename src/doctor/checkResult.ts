/** The result of one check of `doctor`, and how to fix it if it did not pass. */
export type CheckResult = {
  readonly check: string;
  readonly level: "ok" | "warning" | "error";
  readonly message: string;
  readonly fix: string | undefined;
};

/** Returns the result of a check that passed. */
export function ok(check: string, message: string): CheckResult {
  return { check, level: "ok", message, fix: undefined };
}

/** Returns a problem that does not prevent actions from running. */
export function warning(check: string, message: string, fix: string): CheckResult {
  return { check, level: "warning", message, fix };
}

/** Returns a problem that prevents actions from running. */
export function error(check: string, message: string, fix: string): CheckResult {
  return { check, level: "error", message, fix };
}
