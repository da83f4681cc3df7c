import * as v from "valibot";
import { stepInputs } from "./input.ts";
import { alias, blockName, name } from "./names.ts";
import { flag, labels, maybe, preset, prompt, text } from "./values.ts";

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
        "Values of the action's inputs; of a secret one `{from_env: NAME}` or `{from_file: PATH}`.",
      ),
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
      v.description("The steps, in the order in which they run."),
    ),
  },
  "expected a mapping with `name` and `steps`",
);

/** A workflow as the schema returns it, every default filled in. */
export type WorkflowSettings = v.InferOutput<typeof workflow>;
