import * as v from "valibot";
import { environment } from "./environment.ts";
import { inputs } from "./input.ts";
import { limits } from "./limits.ts";
import { alias, name } from "./names.ts";
import { duration, flag, labels, list, maybe, preset, prompt, scalarText, text } from "./values.ts";

const actionConfig = v.looseObject(
  { timeout: v.pipe(maybe(duration), v.description("The same as `timeout` of the action.")) },
  "expected a mapping",
);

const action = v.pipe(
  v.looseObject(
    {
      name: v.pipe(name, v.description("The action's name, unique in its block.")),
      description: v.pipe(maybe(text), v.description("What the action does, for `polycrate list`.")),
      alias: v.pipe(maybe(alias), v.description("Other names for the action.")),
      script: v.pipe(
        maybe(
          v.union(
            [
              v.pipe(
                scalarText,
                v.transform((line) => [line]),
              ),
              list(scalarText, "expected a list of strings"),
            ],
            "expected a list of strings",
          ),
        ),
        v.description("Shell commands; the items run in order in one shell."),
      ),
      playbook: v.pipe(maybe(text), v.description("An Ansible playbook, relative to the block's folder.")),
      prompt: v.pipe(maybe(prompt), v.description("A question to ask before the action runs.")),
      interactive: v.pipe(preset(flag, false), v.description("Connect the terminal to the action.")),
      timeout: v.pipe(
        maybe(duration),
        v.description("The time after which the action is stopped: seconds, or `90s`, `5m`, `1h30m`."),
      ),
      env: v.pipe(
        maybe(environment),
        v.description("Environment variables of this action; they override the block's."),
      ),
      inputs: v.pipe(
        maybe(inputs),
        v.description("Typed parameters of the action, by name (`polycrate help inputs`)."),
      ),
      ...limits,
      labels: v.pipe(maybe(labels), v.description("Free-form labels.")),
      config: v.pipe(
        maybe(actionConfig),
        v.description("Free-form configuration; `timeout` is the same as that of the action."),
      ),
    },
    "expected a mapping with `name`, and `script` or `playbook`",
  ),
  v.metadata({
    not: {
      required: ["script", "playbook"],
      properties: { script: { not: { type: "null" } }, playbook: { not: { type: "null" } } },
    },
  }),
);

/** The actions of a block. */
export const actions = v.array(action, "expected a list of actions, each beginning with `- name:`");

/** An action as the schema returns it, every default filled in. */
export type ActionSettings = v.InferOutput<typeof action>;
