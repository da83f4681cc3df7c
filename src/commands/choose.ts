import { exitCodes, PolycrateError, printable } from "../errors.ts";
import type { Workspace } from "../workspace/loadWorkspace.ts";
import { listingOf } from "./listing.ts";
import { formatTable } from "./text/table.ts";

/** An action that can be run, by names that `run` takes. */
export type Choice = { readonly block: string; readonly action: string };

/**
 * Lets a person at the terminal choose one of the workspace's actions; typing narrows the list. Throws (64) when there is
 * none to choose, (130) when the person leaves.
 */
export async function chooseAction(workspace: Workspace): Promise<Choice> {
  const options = optionsOf(workspace);
  if (options.length === 0) {
    throw new PolycrateError("the workspace has no actions yet", {
      hint: "`polycrate block new NAME` writes a block with one",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  const { autocomplete, isCancel } = await import("@clack/prompts");
  const chosen = await autocomplete({
    message: "Which action?",
    placeholder: "type to search",
    maxItems: 12,
    options: [...options],
    output: process.stderr,
  });
  if (isCancel(chosen)) {
    throw new PolycrateError("nothing was chosen", {
      hint: "`polycrate run BLOCK ACTION` names it",
      exitCode: exitCodes.interrupted,
    });
  }
  return chosen;
}

function optionsOf(workspace: Workspace) {
  const actions = listingOf(workspace)
    .blocks.filter(({ template, broken }) => !template && broken === undefined)
    .flatMap((block) => {
      const reference = block.version === undefined ? block.name : `${block.name}:${block.version}`;
      return block.actions.map(({ name, description }) => ({
        value: { block: reference, action: name },
        row: [printable(`${block.name} ${name}`), printable((description ?? "").trim().split("\n")[0] ?? "")],
      }));
    });
  const rows = actions.map(({ row }) => row);
  const labels = formatTable(rows, (process.stderr.columns || 80) - marginOfPrompt).split("\n");
  return actions.map(({ value }, index) => ({ value, label: labels[index] ?? "" }));
}

/** What the prompt writes before a label, and one column so that no line wraps. */
const marginOfPrompt = 6;
