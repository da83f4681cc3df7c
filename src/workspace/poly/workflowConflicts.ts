import { didYouMean } from "../../errors.ts";
import { isYamlList, isYamlMap, type YamlMap, type YamlPath, type YamlValue } from "../../yaml/value.ts";
import { conditionConflicts } from "./conditionConflicts.ts";
import { contextConflicts, matrixConflicts } from "./matrixConflicts.ts";
import type { PolyFinding } from "./problems.ts";
import { isWrittenGraph, type WrittenStep, writtenStep } from "./writtenSteps.ts";

/**
 * Returns what is wrong with the workflows of a workspace file as graphs: steps of the same name, `needs` that name no other
 * step or lead around in a circle, a matrix without a combination, a `when` that never holds. In a workflow that runs in
 * order, two steps of one name are a warning only: the second cannot be named, and both run.
 */
export function workflowConflicts(value: YamlMap): readonly PolyFinding[] {
  const workflows = value.get("workflows");
  return (isYamlList(workflows) ? workflows : []).flatMap((workflow, index): readonly PolyFinding[] => {
    const list = isYamlMap(workflow) ? workflow.get("steps") : undefined;
    if (!isYamlMap(workflow) || !isYamlList(list)) return [];
    const steps = list.flatMap((step, number) => writtenStep(step, ["workflows", index, "steps", number]));
    const isGraph = isWrittenGraph(steps);
    const found = [
      ...repeatedSteps(steps, isGraph),
      ...steps.flatMap((step) => needConflicts(step, steps)),
      ...steps.flatMap(matrixConflicts),
      ...steps.flatMap(contextConflicts),
      ...cyclesIn(steps),
    ];
    // Whether a condition can hold is only known in a graph that is one.
    if (found.some(({ severity }) => severity === "error")) return found;
    const isAllowed = ({ value }: WrittenStep) =>
      [workflow, value].some((one) => isOn(one.get("allow_failure")));
    return [...found, ...conditionConflicts(steps, isGraph, isAllowed)];
  });
}

function isOn(value: YamlValue | undefined): boolean {
  return value === true || (typeof value === "string" && /^(?:yes|on)$/i.test(value));
}

function repeatedSteps(steps: readonly WrittenStep[], isGraph: boolean): readonly PolyFinding[] {
  return steps.flatMap(({ name, at }, index): readonly PolyFinding[] =>
    steps.findIndex((step) => step.name === name) === index || name === ""
      ? []
      : [
          {
            severity: isGraph ? "error" : "warning",
            at: [...at, "name"],
            code: "repeated-name",
            message: `two steps have the name \`${name}\``,
            hint: "rename one of them",
          },
        ],
  );
}

function needConflicts(step: WrittenStep, steps: readonly WrittenStep[]): readonly PolyFinding[] {
  const names = steps.map(({ name }) => name);
  return step.needs.flatMap((need, index): readonly PolyFinding[] => {
    if (need === "") return [];
    const at = placeOfNeed(step, index);
    const wrong = (message: string, hint: string): readonly PolyFinding[] => [
      { severity: "error", at, code: "wrong-need", message, hint },
    ];
    if (need === step.name)
      return wrong(`step \`${need}\` needs itself`, "name the steps that must end before it");
    if (step.needs.indexOf(need) < index)
      return wrong(`step \`${step.name}\` needs \`${need}\` twice`, "remove one of the two");
    if (names.includes(need)) return [];
    const others = names.filter((name) => name !== step.name);
    return wrong(
      `step \`${step.name}\` needs \`${need}\`, which is not a step of this workflow`,
      didYouMean(need, others) ?? `the other steps: ${others.join(", ") || "none"}`,
    );
  });
}

/** `needs` may be one name in place of a list. */
function placeOfNeed({ value, at }: WrittenStep, index: number): YamlPath {
  return isYamlList(value.get("needs")) ? [...at, "needs", index] : [...at, "needs"];
}

/** Each cycle once, at the step of it that is written first. */
function cyclesIn(steps: readonly WrittenStep[]): readonly PolyFinding[] {
  const byName = new Map(steps.toReversed().map((step) => [step.name, step]));
  const done = new Set<string>();
  const found: PolyFinding[] = [];
  const visit = (step: WrittenStep, path: readonly WrittenStep[]) => {
    const start = path.indexOf(step);
    if (start >= 0) found.push(...cycleFinding(path.slice(start), steps));
    if (start >= 0 || done.has(step.name)) return;
    for (const need of step.needs) {
      const next = byName.get(need);
      if (next !== undefined && next !== step) visit(next, [...path, step]);
    }
    done.add(step.name);
  };
  for (const step of steps) visit(step, []);
  return found;
}

/** The cycle begins and ends with the step that is written first. */
function cycleFinding(cycle: readonly WrittenStep[], steps: readonly WrittenStep[]): readonly PolyFinding[] {
  const first = steps.find((step) => cycle.includes(step));
  if (first === undefined) return [];
  const start = cycle.indexOf(first);
  const path = [...cycle.slice(start), ...cycle.slice(0, start), first];
  return [
    {
      severity: "error",
      at: placeOfNeed(first, first.needs.indexOf(path[1]?.name ?? "")),
      code: "needs-cycle",
      message: `steps need each other in a cycle: ${path.map(({ name }) => name).join(" → ")}`,
      hint: "remove one of these `needs`",
    },
  ];
}
