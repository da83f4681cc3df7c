import * as v from "valibot";
import { assignments, environment } from "./environment.ts";
import { stepInputs } from "./input.ts";
import { blockName, name } from "./names.ts";
import { freeForm, maybe, text } from "./values.ts";

const mapping = v.looseObject({}, "expected a mapping");

const variables = v.pipe(maybe(environment), v.description("Environment variables, all of them secret."));

const action = v.looseObject(
  {
    name: v.pipe(name, v.description("The action of the block.")),
    env: variables,
    config: v.pipe(maybe(mapping), v.description("Free-form configuration, merged over the action's.")),
  },
  "expected a mapping with `name`",
);

const block = v.looseObject(
  {
    name: v.pipe(blockName, v.description("The block of the workspace.")),
    version: v.pipe(maybe(text), v.description("Its version, if there are several.")),
    config: v.pipe(maybe(mapping), v.description("Free-form configuration, merged over the block's.")),
    env: variables,
    actions: v.pipe(
      maybe(v.array(action, "expected a list of actions, each beginning with `- name:`")),
      v.description("Actions of the block, by name."),
    ),
  },
  "expected a mapping with `name`",
);

const step = v.looseObject(
  {
    name: v.pipe(name, v.description("The step of the workflow.")),
    env: variables,
    inputs: v.pipe(maybe(stepInputs), v.description("Values of secret inputs of the step's action.")),
  },
  "expected a mapping with `name`",
);

const workflow = v.looseObject(
  {
    name: v.pipe(name, v.description("The workflow of the workspace.")),
    steps: v.pipe(
      maybe(v.array(step, "expected a list of steps, each beginning with `- name:`")),
      v.description("Steps of the workflow, by name."),
    ),
  },
  "expected a mapping with `name`",
);

/**
 * The file `secrets.poly`: what of `workspace.poly` can be secret. What decides what runs cannot, because it is in the engine's
 * command line or in a script.
 */
export const secretsSchema = v.looseObject(
  {
    name: v.pipe(maybe(name), v.description("The workspace's name; not a secret.")),
    config: v.pipe(
      maybe(
        v.looseObject(
          {
            container: v.pipe(
              maybe(v.looseObject({ env: variables }, "expected a mapping")),
              v.description("The environment of the container."),
            ),
            globals: v.pipe(maybe(freeForm), v.description("Free-form values for every action.")),
          },
          "expected a mapping",
        ),
      ),
      v.description("Free-form values; of polycrate's own settings `container.env` and `globals`."),
    ),
    extraenv: v.pipe(maybe(assignments), v.description("Environment variables, `NAME=value`.")),
    meta: v.pipe(maybe(freeForm), v.description("Free-form.")),
    events: v.pipe(maybe(freeForm), v.description("Free-form.")),
    sync: v.pipe(maybe(freeForm), v.description("Free-form.")),
    registry: v.pipe(maybe(freeForm), v.description("Free-form.")),
    blocks: v.pipe(
      maybe(v.array(block, "expected a list of blocks, each beginning with `- name:`")),
      v.description("Secrets of blocks, by name."),
    ),
    workflows: v.pipe(
      maybe(v.array(workflow, "expected a list of workflows, each beginning with `- name:`")),
      v.description("Secrets of workflows, by name."),
    ),
  },
  "expected a mapping",
);
