import * as v from "valibot";
import { blockSchema } from "./block.ts";
import { assignments } from "./environment.ts";
import { alias, name } from "./names.ts";
import { freeForm, labels, list, maybe, preset, text } from "./values.ts";
import { versionRange } from "./versionRange.ts";
import { workflow } from "./workflow.ts";
import { workspaceConfig } from "./workspaceConfig.ts";

const fileName = v.looseObject(
  {
    filename: v.pipe(maybe(text), v.description("The name of the file, if it is not the default.")),
  },
  "expected a mapping with `filename`",
);

/** The file `workspace.poly`. */
export const workspaceSchema = v.looseObject(
  {
    name: v.pipe(name, v.description("The workspace's name.")),
    requires: v.pipe(
      maybe(versionRange),
      v.description('The versions of polycrate that can run it, for example `">=0.2"`; checked first.'),
    ),
    organization: v.pipe(maybe(text), v.description("The organization that owns the workspace.")),
    description: v.pipe(maybe(text), v.description("What the workspace is for.")),
    labels: v.pipe(maybe(labels), v.description("Free-form labels.")),
    alias: v.pipe(maybe(alias), v.description("Other names for the workspace.")),
    identifier: v.pipe(maybe(text), v.description("Free-form.")),
    version: v.pipe(maybe(text), v.description("Free-form.")),
    meta: v.pipe(maybe(freeForm), v.description("Free-form.")),
    dependencies: v.pipe(
      maybe(freeForm),
      v.description(
        "Blocks of registries that `polycrate install` installs: a list of `REGISTRY/NAME:VERSION`.",
      ),
    ),
    config: v.pipe(
      preset(workspaceConfig, {}),
      v.description("Settings of polycrate; other keys are free-form."),
    ),
    extraenv: v.pipe(
      preset(assignments, []),
      v.description(
        "Additional environment variables, `NAME=value`: a list, or one text, separated by commas.",
      ),
    ),
    extramounts: v.pipe(
      preset(list(text, "expected a list of `HOST:CONTAINER[:ro]`"), []),
      v.description("Additional bind mounts, `HOST:CONTAINER[:ro]`."),
    ),
    inventory: v.pipe(maybe(fileName), v.description("The workspace's Ansible inventory.")),
    kubeconfig: v.pipe(maybe(fileName), v.description("The workspace's kubeconfig.")),
    blocks: v.pipe(
      maybe(v.array(blockSchema, "expected a list of blocks, each beginning with `- name:`")),
      v.description("Inline blocks. One with the name of an installed block is merged over it."),
    ),
    workflows: v.pipe(
      preset(v.array(workflow, "expected a list of workflows"), []),
      v.description("Sequences of actions."),
    ),
    events: v.pipe(maybe(freeForm), v.description("Not used by polycrate; kept for older workspaces.")),
    sync: v.pipe(maybe(freeForm), v.description("Not used by polycrate; kept for older workspaces.")),
    registry: v.pipe(maybe(freeForm), v.description("Not used by polycrate; kept for older workspaces.")),
  },
  "expected a mapping with `name`",
);

/** `workspace.poly` as the schema returns it, every default filled in. */
export type WorkspaceSettings = v.InferOutput<typeof workspaceSchema>;
