import { PolycrateError } from "../../errors.ts";
import { isYamlList, isYamlMap, yamlTextAt } from "../../yaml/value.ts";
import { resolveBlock } from "../blocks/resolveBlock.ts";
import type { Workspace } from "../load.ts";
import type { PolyFinding } from "../poly/problems.ts";
import { isWrittenGraph, type WrittenStep, writtenStep } from "../poly/writtenSteps.ts";

/**
 * Returns a warning for each step of a graph that may run at the same time as one before it and belongs to the same block: both
 * write the same folder of artifacts, and each would record what the other wrote. The runs of one matrix are not reported.
 */
export function lintArtifacts(workspace: Workspace): readonly PolyFinding[] {
  const workflows = workspace.file.value.get("workflows");
  return (isYamlList(workflows) ? workflows : []).flatMap((workflow, index) => {
    const list = isYamlMap(workflow) ? workflow.get("steps") : undefined;
    const steps = (isYamlList(list) ? list : []).flatMap((step, number) =>
      writtenStep(step, ["workflows", index, "steps", number]),
    );
    return isWrittenGraph(steps) ? sharedFolders(workspace, steps) : [];
  });
}

function sharedFolders(workspace: Workspace, steps: readonly WrittenStep[]): readonly PolyFinding[] {
  const blocks = steps.map((step) => blockOf(workspace, step));
  const before = steps.map((step) => stepsBefore(step, steps));
  return steps.flatMap((step, index): readonly PolyFinding[] => {
    const other = steps.find(
      (one, place) =>
        place < index &&
        blocks[index] !== undefined &&
        blocks[place] === blocks[index] &&
        before[index]?.has(one.name) !== true &&
        before[place]?.has(step.name) !== true,
    );
    if (other === undefined) return [];
    return [
      {
        severity: "warning",
        code: "shared-artifacts",
        at: [...step.at, "block"],
        message: `steps \`${other.name}\` and \`${step.name}\` may write the artifacts of block \`${blocks[index]}\` at the same time`,
        hint: `add one to the \`needs\` of the other, or ignore this if only one of them writes artifacts`,
      },
    ];
  });
}

/** Undefined for a block that does not exist or is broken, which is reported by itself. */
function blockOf(workspace: Workspace, { value }: WrittenStep): string | undefined {
  const name = yamlTextAt(value, "block");
  try {
    return name === undefined ? undefined : resolveBlock(workspace, name).name;
  } catch (error) {
    if (error instanceof PolycrateError) return undefined;
    throw error;
  }
}

/** The names of the steps that end before this one starts. */
function stepsBefore(step: WrittenStep, steps: readonly WrittenStep[]): ReadonlySet<string> {
  const found = new Set<string>();
  const add = ({ needs }: WrittenStep) => {
    for (const need of needs) {
      if (found.has(need)) continue;
      found.add(need);
      for (const next of steps) if (next.name === need) add(next);
    }
  };
  add(step);
  return found;
}
