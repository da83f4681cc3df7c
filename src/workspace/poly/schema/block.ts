import * as v from "valibot";
import { actions } from "./action.ts";
import { environment } from "./environment.ts";
import { alias, blockName } from "./names.ts";
import { flag, labels, maybe, preset, text } from "./values.ts";

const borrowedFile = v.looseObject(
  {
    from: v.pipe(maybe(blockName), v.description("The block whose file is used.")),
    filename: v.pipe(maybe(text), v.description("The name of the file, if it is not the default.")),
  },
  "expected a mapping with `from` or `filename`",
);

/** A `block.poly`, and an entry of `blocks` in `workspace.poly`. */
export const blockSchema = v.looseObject(
  {
    name: v.pipe(
      blockName,
      v.description("The block's name; can contain slashes, dots and a registry host."),
    ),
    description: v.pipe(maybe(text), v.description("What the block is for.")),
    version: v.pipe(
      maybe(text),
      v.description("The block's version; `NAME:VERSION` selects one of several."),
    ),
    kind: v.pipe(maybe(text), v.description("Free-form.")),
    type: v.pipe(maybe(text), v.description("Free-form.")),
    flavor: v.pipe(maybe(text), v.description("Free-form.")),
    labels: v.pipe(maybe(labels), v.description("Free-form labels.")),
    alias: v.pipe(maybe(alias), v.description("Other names for the block; not inherited.")),
    from: v.pipe(maybe(text), v.description("The block to inherit from: `NAME` or `NAME:VERSION`.")),
    template: v.pipe(
      preset(flag, false),
      v.description("Other blocks can inherit from it, but its actions cannot be run; not inherited."),
    ),
    config: v.pipe(
      maybe(v.looseObject({}, "expected a mapping")),
      v.description("Free-form configuration, merged over the parent's."),
    ),
    env: v.pipe(
      maybe(environment),
      v.description("Environment variables of the block's actions, as under `config.container.env`."),
    ),
    actions: v.pipe(preset(actions, []), v.description("The actions of the block.")),
    inventory: v.pipe(
      maybe(borrowedFile),
      v.description("The Ansible inventory, if it is not the block's own `inventory.yml`."),
    ),
    kubeconfig: v.pipe(
      maybe(borrowedFile),
      v.description("The kubeconfig, if it is not the block's own `kubeconfig.yml`."),
    ),
  },
  "expected a mapping with `name`",
);

/** A block as the schema returns it, every default filled in. */
export type BlockSettings = v.InferOutput<typeof blockSchema>;

/** Keys of a block that polycrate ignores without a warning. */
export const blockMetadataKeys: ReadonlySet<string> = new Set([
  "author",
  "chart",
  "checks",
  "display_name",
  "display",
  "documentation",
  "git_repository_url",
  "documentation_url",
  "homepage",
  "icon",
  "icon_url",
  "id",
  "keywords",
  "license",
  "license_url",
  "maintainer",
  "maintainers",
  "meta",
  "metadata",
  "readme",
  "registry",
  "repository",
  "resolved",
  "schema",
  "source",
  "supports_ha",
  "sync",
  "tags",
  "uid",
  "url",
  "website_url",
  "workdir",
  "artifacts",
]);
