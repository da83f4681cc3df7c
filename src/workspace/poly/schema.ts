import * as v from "valibot";
import type { YamlNumber } from "../../yaml/value.ts";

/** The image an action runs in when neither flag, Dockerfile nor configuration names one. */
export const defaultImage = "cargo.ayedo.cloud/library/polycrate:latest";

/** Letters of any script, and their marks; characters that are letters to Unicode and invisible to people are not. */
const namePattern =
  /^(?:(?!\p{DI})\p{L})(?:(?!\p{DI})[\p{L}\p{M}\p{Nd}_]|[-/](?=(?!\p{DI})[\p{L}\p{Nd}_]))*$/u;

/** The number a YAML file spells with digits, as the schema meets it. */
const yamlNumber = v.custom<YamlNumber>(
  (input) => typeof input === "object" && input !== null && "digits" in input && "source" in input,
);

/** Text; a plain number counts as the characters it is written with, so `version: 1.10` is the text `1.10`. */
const text = v.pipe(
  v.union([v.string(), yamlNumber], "expected text"),
  v.transform((input) => (typeof input === "string" ? input : input.source)),
);

/** A line of a script; the reader hands plain scalars on as they are written, so `true` is the command `true`. */
const scriptLine = v.pipe(
  v.union([text, v.boolean()], "expected text"),
  v.transform((input) => String(input)),
);

/** A boolean; the Go program took YAML 1.1's words where it expected one. */
const flag = v.pipe(
  v.union(
    [v.boolean(), v.picklist(["yes", "no", "on", "off", "Yes", "No", "On", "Off", "YES", "NO", "ON", "OFF"])],
    "expected `true` or `false`",
  ),
  v.transform((input) => (typeof input === "boolean" ? input : /^(yes|on)$/i.test(input))),
);

const wholeSeconds = v.pipe(
  v.custom<YamlNumber>(
    (input) => v.is(yamlNumber, input) && /^[0-9]{1,9}$/.test(input.digits),
    "expected a whole number of seconds",
  ),
  v.metadata({ type: "integer", minimum: 0, maximum: 999_999_999 }),
  v.transform((input) => Number(input.digits)),
);

/** Seconds, or `90s`, `5m`, `1h30m`; becomes seconds. */
const duration = v.pipe(
  text,
  v.regex(
    /^(?:\d{1,9}|(?=\d)(?:\d{1,6}h)?(?:\d{1,6}m)?(?:\d{1,9}s)?)$/,
    "expected a duration like `90`, `90s`, `5m` or `1h30m`",
  ),
  v.metadata({ minimum: 0, multipleOf: 1 }),
  v.transform((input) => {
    if (/^\d+$/.test(input)) return Number(input);
    const [, hours = "0", minutes = "0", seconds = "0"] =
      /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(input) ?? [];
    return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  }),
);

/** Returns the seconds of a duration as it is written on a command line; undefined when it is none. */
export function readDuration(written: string): number | undefined {
  const { success, output } = v.safeParse(duration, written);
  return success && typeof output === "number" ? output : undefined;
}

const name = v.pipe(
  text,
  v.check(
    (input) => namePattern.test(input),
    "expected a name of letters, digits, `_`, and single `-` or `/` between them, that begins with a letter",
  ),
  v.metadata({ type: "string", pattern: namePattern.source }),
);

/** Block names may hold registry hosts and paths, but nothing that leads out of a folder or hides in a terminal. */
const blockName = v.pipe(
  text,
  v.check(
    (input) => isBlockName(input),
    "expected a block name without `..`, `//`, a leading or trailing `/`, backslashes, control or invisible characters",
  ),
  v.metadata({
    pattern: "^(?!\\.{0,2}(?:/|$))(?:(?!/\\.{0,2}(?:/|$))[^\\\\\\p{Cc}\\p{Cf}\\p{DI}\\p{Zl}\\p{Zp}])+$",
  }),
);

/** True for a name that a block may have: safe as a path below the artifacts directory and on a terminal. */
export function isBlockName(input: string): boolean {
  if (input === "" || /[\\\p{Cc}\p{Cf}\p{DI}\p{Zl}\p{Zp}]/u.test(input)) return false;
  return input.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

const assignment = v.pipe(text, v.regex(/^[A-Za-z_][A-Za-z0-9_]*=/, "expected `NAME=value`"));

/** Splits `A=1,B=2`, as the Go program read a text in the place of a list. */
export function assignmentsIn(input: string): string[] {
  return input.trim() === "" ? [] : input.split(",").map((part) => part.trimStart());
}

const freeForm = v.unknown();
const list = <const Item extends v.GenericSchema>(item: Item, expected: string) => v.array(item, expected);

const maybe = <const Schema extends v.GenericSchema>(schema: Schema) => v.nullish(schema);

/** A setting with a default, which also counts when nothing stands behind the key. */
const preset = <const Schema extends v.GenericSchema, const Value extends v.InferInput<Schema>>(
  schema: Schema,
  value: Value,
) => v.nullish(schema, value);

const labels = v.record(
  v.string(),
  v.nullable(v.union([text, v.boolean()], "expected text")),
  "expected a mapping of labels",
);

const prompt = v.looseObject(
  {
    message: v.pipe(maybe(text), v.description("The question; the answer `y` goes on.")),
  },
  "expected a mapping with `message`",
);

const secretSource = v.union(
  [
    v.strictObject({
      from_env: v.pipe(text, v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected the name of a variable")),
    }),
    v.strictObject({ from_file: text }),
  ],
  "expected text, `{from_env: NAME}` or `{from_file: PATH}`",
);

const environmentValue = v.union(
  [v.string(), v.boolean(), yamlNumber, secretSource],
  "expected text, `{from_env: NAME}` or `{from_file: PATH}`",
);

const environment = v.pipe(
  v.record(
    v.string(),
    v.pipe(v.nullable(environmentValue), v.metadata({ not: { type: "null" } })),
    "expected a mapping of names to values",
  ),
  v.metadata({ propertyNames: { pattern: "^[A-Za-z_][A-Za-z0-9_]*$" } }),
);

/** A typo here changes what runs, so an unknown key is an error. */
const container = v.pipe(
  v.looseObject(
    {
      image: v.pipe(
        maybe(text),
        v.description(`The image reference an action runs in. Default: \`${defaultImage}\`.`),
      ),
      dockerfile: v.pipe(
        maybe(text),
        v.description(
          "The Dockerfile of the workspace's own image. The default, `Dockerfile.poly`, may be missing.",
        ),
      ),
      docker_flags: v.pipe(
        preset(list(text, "expected a list of `docker run` flags"), []),
        v.description("Extra `docker run` flags, split into words as a shell would."),
      ),
      env: v.pipe(
        maybe(environment),
        v.description("Environment variables: text, `{from_env: NAME}` or `{from_file: PATH}` (secret)."),
      ),
      shell: v.pipe(preset(text, "/bin/bash"), v.description("The shell that runs a script.")),
      user: v.pipe(
        maybe(
          v.pipe(
            text,
            v.regex(/^(?:host|image|\d+(?::\d+)?)$/, "expected `host`, `image` or numbers like `1000:1000`"),
          ),
        ),
        v.description(
          "Who the action is in the container: `image` (default), `host` (the caller) or `UID:GID`.",
        ),
      ),
      docker_socket: v.pipe(preset(flag, false), v.description("Mount `/var/run/docker.sock`.")),
      ssh_agent: v.pipe(preset(flag, false), v.description("Forward the caller's ssh agent.")),
      stop_timeout: v.pipe(
        preset(wholeSeconds, { digits: "10", source: "10" }),
        v.metadata({ default: 10 }),
        v.description("Seconds between the signal that stops an action and the kill."),
      ),
    },
    "expected a mapping",
  ),
  v.metadata({ additionalProperties: false }),
);

const imageReference = v.union(
  [
    text,
    v.looseObject({
      reference: v.pipe(text, v.description("The image without its tag.")),
      version: v.pipe(maybe(text), v.description("Its tag.")),
    }),
  ],
  "expected an image reference, or `{reference, version}`",
);

const fileName = v.looseObject(
  {
    filename: v.pipe(maybe(text), v.description("The name of the file, when it is not the default.")),
  },
  "expected a mapping with `filename`",
);

const borrowedFile = v.looseObject(
  {
    from: v.pipe(maybe(blockName), v.description("The block whose file is used.")),
    filename: v.pipe(maybe(text), v.description("The name of the file, when it is not the default.")),
  },
  "expected a mapping with `from` or `filename`",
);

const workspaceConfig = v.looseObject(
  {
    container: v.pipe(preset(container, {}), v.description("The container that actions run in.")),
    image: v.pipe(
      maybe(imageReference),
      v.description("Older place of `container.image`; also `{reference, version}`."),
    ),
    dockerfile: v.pipe(maybe(text), v.description("Older place of `container.dockerfile`.")),
    blocksroot: v.pipe(preset(text, "blocks"), v.description("The folder of installed blocks.")),
    blocksconfig: v.pipe(preset(text, "block.poly"), v.description("The file that makes a folder a block.")),
    artifactsroot: v.pipe(
      preset(text, "artifacts"),
      v.description("The folder of what actions leave behind."),
    ),
    logsroot: v.pipe(preset(text, ".logs"), v.description("The folder of transaction records and logs.")),
    containerroot: v.pipe(
      preset(text, "/workspace"),
      v.description("The workspace's path in the container."),
    ),
    sshprivatekey: v.pipe(
      preset(text, "id_rsa"),
      v.description("The private key, relative to the workspace; outside of it, an absolute path."),
    ),
    sshpublickey: v.pipe(
      maybe(text),
      v.description("The public key. Default: the private key's name and `.pub`."),
    ),
    globals: v.pipe(maybe(freeForm), v.description("Free-form values for every action.")),
  },
  "expected a mapping",
);

const actionConfig = v.looseObject(
  { timeout: v.pipe(maybe(duration), v.description("The same as `timeout` of the action.")) },
  "expected a mapping",
);

const action = v.pipe(
  v.looseObject(
    {
      name: v.pipe(name, v.description("The action's name, unique in its block.")),
      description: v.pipe(maybe(text), v.description("What the action does, for `polycrate list`.")),
      alias: v.pipe(
        maybe(v.union([text, list(text, "expected text")])),
        v.description("Other names for the action."),
      ),
      script: v.pipe(
        maybe(
          v.union(
            [
              v.pipe(
                scriptLine,
                v.transform((line) => [line]),
              ),
              list(scriptLine, "expected a list of strings"),
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
        v.description("Seconds, or `90s`, `5m`, `1h30m`, after which the action is stopped."),
      ),
      env: v.pipe(
        maybe(environment),
        v.description("Environment variables of this action; they win over the block's."),
      ),
      labels: v.pipe(maybe(labels), v.description("Free-form labels.")),
      config: v.pipe(
        maybe(actionConfig),
        v.description("Free-form configuration; `timeout` counts as above."),
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

const actions = v.array(action, "expected a list of actions, each beginning with `- name:`");

const blockEntries = {
  name: v.pipe(blockName, v.description("The block's name; may hold slashes, dots and a registry host.")),
  description: v.pipe(maybe(text), v.description("What the block is for.")),
  version: v.pipe(maybe(text), v.description("The block's version; `NAME:VERSION` picks one of several.")),
  kind: v.pipe(maybe(text), v.description("Free-form.")),
  type: v.pipe(maybe(text), v.description("Free-form.")),
  flavor: v.pipe(maybe(text), v.description("Free-form.")),
  labels: v.pipe(maybe(labels), v.description("Free-form labels.")),
  alias: v.pipe(
    maybe(v.union([text, list(text, "expected text")])),
    v.description("Other names for the block; not inherited."),
  ),
  from: v.pipe(maybe(text), v.description("The block to inherit from: `NAME` or `NAME:VERSION`.")),
  template: v.pipe(
    preset(flag, false),
    v.description("Only for inheriting, never run itself; not inherited."),
  ),
  config: v.pipe(
    maybe(v.looseObject({}, "expected a mapping")),
    v.description("Free-form configuration, merged over the parent's."),
  ),
  env: v.pipe(
    maybe(environment),
    v.description("Environment variables of the block's actions, as under `config.container.env`."),
  ),
  actions: v.pipe(preset(actions, []), v.description("What the block can do.")),
  inventory: v.pipe(
    maybe(borrowedFile),
    v.description("The Ansible inventory, when it is not the block's own `inventory.yml`."),
  ),
  kubeconfig: v.pipe(
    maybe(borrowedFile),
    v.description("The kubeconfig, when it is not the block's own `kubeconfig.yml`."),
  ),
};

/** A `block.poly`, and an entry of `blocks` in `workspace.poly`. */
export const blockSchema = v.looseObject(blockEntries, "expected a mapping with `name`");

const workflowStep = v.looseObject(
  {
    name: v.pipe(name, v.description("The step's name.")),
    description: v.pipe(maybe(text), v.description("What the step is for.")),
    block: v.pipe(blockName, v.description("The block.")),
    action: v.pipe(name, v.description("Its action.")),
    prompt: v.pipe(maybe(prompt), v.description("A question to ask before the step.")),
  },
  "expected a mapping with `name`, `block` and `action`",
);

const workflow = v.looseObject(
  {
    name: v.pipe(name, v.description("The workflow's name.")),
    description: v.pipe(maybe(text), v.description("What the workflow does.")),
    labels: v.pipe(maybe(labels), v.description("Free-form labels.")),
    alias: v.pipe(
      maybe(v.union([text, list(text, "expected text")])),
      v.description("Other names for the workflow."),
    ),
    prompt: v.pipe(maybe(prompt), v.description("A question to ask before the first step.")),
    allow_failure: v.pipe(preset(flag, false), v.description("Go on after a step that failed.")),
    steps: v.pipe(
      preset(v.array(workflowStep, "expected a list of steps"), []),
      v.description("Actions, in order."),
    ),
  },
  "expected a mapping with `name` and `steps`",
);

/** The file `workspace.poly`. */
export const workspaceSchema = v.looseObject(
  {
    name: v.pipe(name, v.description("The workspace's name.")),
    organization: v.pipe(maybe(text), v.description("Who it belongs to.")),
    description: v.pipe(maybe(text), v.description("What it is for.")),
    labels: v.pipe(maybe(labels), v.description("Free-form labels.")),
    alias: v.pipe(maybe(v.union([text, list(text, "expected text")])), v.description("Other names.")),
    identifier: v.pipe(maybe(text), v.description("Free-form.")),
    version: v.pipe(maybe(text), v.description("Free-form.")),
    meta: v.pipe(maybe(freeForm), v.description("Free-form.")),
    dependencies: v.pipe(maybe(freeForm), v.description("Kept for older workspaces.")),
    config: v.pipe(
      preset(workspaceConfig, {}),
      v.description("Settings of polycrate; other keys are free-form."),
    ),
    extraenv: v.pipe(
      preset(
        v.union(
          [
            list(assignment, "expected a list of `NAME=value`"),
            v.pipe(
              v.string(),
              v.regex(
                /^\s*(?:[A-Za-z_][A-Za-z0-9_]*=[^,]*(?:,\s*[A-Za-z_][A-Za-z0-9_]*=[^,]*)*)?$/,
                "expected `NAME=value`, and a comma before the next",
              ),
              v.transform(assignmentsIn),
            ),
          ],
          "expected a list of `NAME=value`",
        ),
        [],
      ),
      v.description("More environment variables, `NAME=value`; also one text with commas between them."),
    ),
    extramounts: v.pipe(
      preset(list(text, "expected a list of `HOST:CONTAINER[:ro]`"), []),
      v.description("More bind mounts, `HOST:CONTAINER[:ro]`."),
    ),
    inventory: v.pipe(maybe(fileName), v.description("The workspace's Ansible inventory.")),
    kubeconfig: v.pipe(maybe(fileName), v.description("The workspace's kubeconfig.")),
    blocks: v.pipe(
      maybe(
        v.array(
          v.looseObject(blockEntries, "expected a mapping with `name`"),
          "expected a list of blocks, each beginning with `- name:`",
        ),
      ),
      v.description("Inline blocks, and changes to installed ones of the same name."),
    ),
    workflows: v.pipe(
      preset(v.array(workflow, "expected a list of workflows"), []),
      v.description("Actions in a row."),
    ),
    events: v.pipe(maybe(freeForm), v.description("Kept for older workspaces.")),
    sync: v.pipe(maybe(freeForm), v.description("Kept for older workspaces.")),
    registry: v.pipe(maybe(freeForm), v.description("Kept for older workspaces.")),
  },
  "expected a mapping with `name`",
);

/** Keys of a block that stay without a warning though polycrate does nothing with them. */
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

/** What `config` in `workspace.poly` is when the file says nothing. */
export const defaultConfig: v.InferOutput<typeof workspaceConfig> = v.parse(workspaceConfig, {});

/** The keys of `config` in `workspace.poly` that mean something to polycrate. */
export const workspaceConfigKeys: readonly string[] = Object.keys(workspaceConfig.entries);

export type WorkspaceSettings = v.InferOutput<typeof workspaceSchema>;
export type BlockSettings = v.InferOutput<typeof blockSchema>;
export type ActionSettings = v.InferOutput<typeof action>;
export type WorkflowSettings = v.InferOutput<typeof workflow>;
