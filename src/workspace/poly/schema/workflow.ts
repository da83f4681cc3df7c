import * as v from "valibot";
import { environment } from "./environment.ts";
import { stepInputs } from "./input.ts";
import { alias, blockName, contextName, name } from "./names.ts";
import {
  duration,
  flag,
  labels,
  list,
  maybe,
  preset,
  prompt,
  scalarText,
  text,
  wholeNumberBelow100,
} from "./values.ts";

const matrix = v.pipe(
  v.record(
    v.string(),
    list(scalarText, "expected a list of values"),
    "expected a mapping of names to lists of values",
  ),
  v.metadata({ propertyNames: { pattern: "^[A-Za-z_][A-Za-z0-9_-]*$" } }),
);

/** What must be true of the steps that a step depends on for it to run. */
const condition = v.picklist(["success", "failure", "always"], "expected `success`, `failure` or `always`");

const stepContext = v.union(
  [contextName, v.strictObject({ from_matrix: text })],
  "expected the name of a docker context, or `{from_matrix: NAME}`",
);

const workflowStep = v.looseObject(
  {
    name: v.pipe(name, v.description("The step's name.")),
    description: v.pipe(maybe(text), v.description("What the step is for.")),
    block: v.pipe(blockName, v.description("The block of the action.")),
    action: v.pipe(name, v.description("The action to run.")),
    prompt: v.pipe(maybe(prompt), v.description("A question to ask before the step.")),
    inputs: v.pipe(
      maybe(stepInputs),
      v.description(
        "Values of the action's inputs; of a secret one `{from_env: NAME}`, `{from_file: PATH}` or `{from_manager: REFERENCE}`.",
      ),
    ),
    needs: v.pipe(
      maybe(
        v.union(
          [
            v.pipe(
              name,
              v.transform((one) => [one]),
            ),
            list(name, "expected a list of steps"),
          ],
          "expected a list of steps",
        ),
      ),
      v.description("The steps that must end before this one; the workflow is then a graph."),
    ),
    matrix: v.pipe(
      maybe(matrix),
      v.description("Run once for each combination of these values; `MATRIX_NAME` has the value of NAME."),
    ),
    context: v.pipe(
      maybe(stepContext),
      v.description(
        "The docker context that the step runs in, or `{from_matrix: NAME}` for one of the matrix.",
      ),
    ),
    when: v.pipe(
      preset(condition, "success"),
      v.description("Run when all steps before it succeeded (`success`), when one failed, or always."),
    ),
    allow_failure: v.pipe(
      preset(flag, false),
      v.description("A failure of this step counts as success for the steps after it and the workflow."),
    ),
    retries: v.pipe(
      preset(wholeNumberBelow100, { digits: "0", source: "0" }),
      v.description("How often to run the step again when it fails."),
    ),
    timeout: v.pipe(
      maybe(duration),
      v.description("The time after which the step is stopped; overrides the `timeout` of the action."),
    ),
    env: v.pipe(
      maybe(environment),
      v.description("Environment variables of this step; they override the action's."),
    ),
    arguments: v.pipe(
      preset(list(scalarText, "expected a list of strings"), []),
      v.description("Arguments of the action, before those that follow `--` on the command line."),
    ),
  },
  "expected a mapping with `name`, `block` and `action`",
);

/** An entry of `workflows` in `workspace.poly`. */
export const workflow = v.looseObject(
  {
    name: v.pipe(name, v.description("The workflow's name.")),
    description: v.pipe(maybe(text), v.description("What the workflow does.")),
    labels: v.pipe(maybe(labels), v.description("Free-form labels.")),
    alias: v.pipe(maybe(alias), v.description("Other names for the workflow.")),
    prompt: v.pipe(maybe(prompt), v.description("A question to ask before the first step.")),
    allow_failure: v.pipe(preset(flag, false), v.description("Continue after a step that failed.")),
    steps: v.pipe(
      preset(v.array(workflowStep, "expected a list of steps"), []),
      v.description("The steps. Without `needs` and `matrix` they run in this order."),
    ),
  },
  "expected a mapping with `name` and `steps`",
);

/** A workflow as the schema returns it, every default filled in. */
export type WorkflowSettings = v.InferOutput<typeof workflow>;
