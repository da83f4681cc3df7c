/** One thing that `doctor` looked at: what it found and, when that is not good, what to do. */
export type Finding = {
  readonly check: string;
  readonly level: "ok" | "warning" | "error";
  readonly message: string;
  readonly cure: string | undefined;
};

/** Returns a finding that needs no cure. */
export function ok(check: string, message: string): Finding {
  return { check, level: "ok", message, cure: undefined };
}

/** Returns a finding that actions can live with. */
export function warning(check: string, message: string, cure: string): Finding {
  return { check, level: "warning", message, cure };
}

/** Returns a finding that keeps actions from running. */
export function error(check: string, message: string, cure: string): Finding {
  return { check, level: "error", message, cure };
}
