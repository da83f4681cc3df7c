import type { PolyFinding } from "./problems.ts";
import type { WrittenStep } from "./writtenSteps.ts";

/** What is known of a step that runs: which steps must have succeeded before it, and which must have failed. */
type Before = { readonly succeeded: ReadonlySet<string>; readonly failed: ReadonlySet<string> };

/**
 * Returns the steps whose `when` never holds, of a workflow without cycles: `failure` where nothing before the step can fail,
 * and `success` after a step that only runs when another one that has to succeed has failed. A failure that is allowed counts
 * as success.
 */
export function conditionConflicts(
  steps: readonly WrittenStep[],
  isGraph: boolean,
  isAllowed: (step: WrittenStep) => boolean,
): readonly PolyFinding[] {
  const known = new Map<WrittenStep, Before | undefined>();
  const needsOf = (step: WrittenStep) =>
    isGraph ? steps.filter(({ name }) => step.needs.includes(name)) : steps.slice(0, steps.indexOf(step));
  /** Undefined for a step that never runs. */
  const beforeOf = (step: WrittenStep): Before | undefined => {
    if (!known.has(step)) known.set(step, findBefore(step));
    return known.get(step);
  };
  const findBefore = (step: WrittenStep): Before | undefined => {
    const needs = needsOf(step);
    const runs = (need: WrittenStep) => beforeOf(need) !== undefined;
    switch (step.value.get("when") ?? "success") {
      case "always":
        return union([]);
      case "failure": {
        const fallible = needs.filter((need) => runs(need) && !isAllowed(need));
        const [only] = fallible;
        if (only === undefined) return undefined;
        return fallible.length > 1 ? union([]) : withFailure(beforeOf(only), only.name);
      }
      default: {
        // In order, a step that was not needed stops nothing; so nothing is known but that no step has failed.
        if (!isGraph) return union([]);
        if (!needs.every(runs)) return undefined;
        const succeeded = needs.map(({ name }) => name);
        return consistent(union([...needs.map(beforeOf), { succeeded: new Set(succeeded), failed: none }]));
      }
    }
  };
  return steps.flatMap((step): readonly PolyFinding[] => {
    // Of steps that never run because others never do, only the first is reported.
    if (beforeOf(step) !== undefined) return [];
    if (step.value.get("when") !== "failure" && !needsOf(step).every((need) => beforeOf(need) !== undefined))
      return [];
    return [neverHolds(step, needsOf(step), isGraph)];
  });
}

const none: ReadonlySet<string> = new Set();

function union(all: readonly (Before | undefined)[]): Before {
  return {
    succeeded: new Set(all.flatMap((one) => [...(one?.succeeded ?? [])])),
    failed: new Set(all.flatMap((one) => [...(one?.failed ?? [])])),
  };
}

function withFailure(before: Before | undefined, name: string): Before | undefined {
  return consistent(union([before, { succeeded: none, failed: new Set([name]) }]));
}

function consistent(before: Before): Before | undefined {
  return [...before.failed].some((name) => before.succeeded.has(name)) ? undefined : before;
}

function neverHolds(step: WrittenStep, needs: readonly WrittenStep[], isGraph: boolean): PolyFinding {
  const isFailure = step.value.get("when") === "failure";
  const before = isGraph ? "it needs" : "before it";
  const [reason, hint] = !isFailure
    ? [
        "it needs a step that only runs after the failure of another one that must succeed",
        "use `when: always`",
      ]
    : needs.length === 0
      ? [
          isGraph ? "it needs no step" : "it is the first step",
          isGraph ? "name the steps in `needs`" : "move it behind others",
        ]
      : [
          `the failure of every step ${before} is allowed`,
          "remove `allow_failure` there, or use `when: always`",
        ];
  return {
    severity: "error",
    at: isFailure ? [...step.at, "when"] : [...step.at, "needs"],
    code: "wrong-condition",
    message: `step \`${step.name}\` never runs: ${reason}`,
    hint,
  };
}
