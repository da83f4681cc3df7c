import { exitCodes, PolycrateError, printable } from "../errors.ts";
import { stderr } from "../host/output.ts";
import type { Workspace } from "../workspace/load.ts";
import { formatTable } from "./output/table.ts";
import { summarizeWorkspace } from "./output/workspaceSummary.ts";

/** An action of a block or, without an action, a workflow, by the names that `run` accepts. */
export type Selection = { readonly name: string; readonly action: string | undefined };

/**
 * Prompts for one of the workspace's actions and workflows; typing filters the list. Throws (64)
 * when there are none, (130) when the prompt is cancelled.
 */
export async function selectAction(workspace: Workspace): Promise<Selection> {
  const options = promptOptions(workspace);
  if (options.length === 0) {
    throw new PolycrateError("the workspace has no actions yet", {
      hint: "`polycrate block new NAME` creates a block with an action",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  const { autocomplete, isCancel } = await import("@clack/prompts");
  const chosen = await autocomplete({
    message: "Which action or workflow do you want to run?",
    placeholder: "type to search",
    maxItems: 12,
    options: [...options],
    output: process.stderr,
  });
  if (isCancel(chosen)) {
    throw new PolycrateError("nothing was selected", {
      hint: "use `polycrate run BLOCK ACTION` or `polycrate run WORKFLOW`",
      exitCode: exitCodes.interrupted,
    });
  }
  return chosen;
}

function promptOptions(workspace: Workspace) {
  const { blocks, workflows } = summarizeWorkspace(workspace);
  const actions = blocks
    .filter(({ template, broken }) => !template && broken === undefined)
    .flatMap((block) => {
      const reference = block.version === undefined ? block.name : `${block.name}:${block.version}`;
      return block.actions.map(({ name, description }) =>
        promptOption({ name: reference, action: name }, `${block.name} ${name}`, description),
      );
    });
  const options = [
    ...actions,
    ...workflows.map(({ name, description, steps }) =>
      promptOption(
        { name, action: undefined },
        name,
        description ?? `workflow: ${steps.map((step) => step.name).join(", ")}`,
      ),
    ),
  ];
  const rows = options.map(({ row }) => row);
  const labels = formatTable(rows, (stderr.columns || 80) - marginOfPrompt).split("\n");
  return options.map(({ value }, index) => ({ value, label: labels[index] ?? "" }));
}

function promptOption(value: Selection, title: string, description: string | undefined) {
  return { value, row: [printable(title), printable((description ?? "").trim().split("\n")[0] ?? "")] };
}

/** The columns before a label in the prompt, and one more, so that lines do not wrap. */
const marginOfPrompt = 6;
