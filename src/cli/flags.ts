import type { ArgDef, ArgsDef } from "citty";
import { clientPrograms } from "../engine/engine.ts";

/** The flag that selects the workspace. */
export const workspaceFlags = {
  workspace: {
    type: "string",
    alias: "w",
    valueHint: "DIR",
    description:
      "The workspace's folder. Default: POLYCRATE_WORKSPACE, or the nearest one in this folder or above.",
  },
} as const satisfies ArgsDef;

/** The flags that select the engine. */
export const contextFlags = {
  engine: {
    type: "enum",
    options: [...clientPrograms],
    description:
      "The client to use. Default: POLYCRATE_ENGINE, else docker, or podman if only that is there.",
  },
  context: {
    type: "string",
    valueHint: "NAME",
    description: "The docker context to use. Default: `config.container.context`, or docker's own choice.",
  },
} as const satisfies ArgsDef;

/** The flags that choose and build the image. */
export const imageFlags = {
  image: { type: "string", valueHint: "REF", description: "Run in this image instead of the workspace's." },
  dockerfile: { type: "string", valueHint: "FILE", description: "Build the image from this Dockerfile." },
  build: {
    type: "boolean",
    description: "Build the image even if it already exists.",
    negativeDescription: "Do not build; fail if the image does not exist.",
  },
  pull: {
    type: "enum",
    options: ["always", "missing", "never"],
    description: "When to pull the image, or the base images of a build.",
  },
} as const satisfies ArgsDef;

/** The flag that requires the lock file. */
export const lockedFlags = {
  locked: {
    type: "boolean",
    description: "Fail if an image or block is not in polycrate.lock. The default in CI, if there is one.",
    negativeDescription: "Use names that are not in polycrate.lock as they are, in CI too.",
  },
} as const satisfies ArgsDef;

/** The flags that configure the container. */
export const containerFlags = {
  env: {
    type: "string",
    alias: "e",
    valueHint: "NAME[=VALUE]",
    description: "Set a variable. Without a value, pass on your own as a secret. May be repeated.",
  },
  mount: {
    type: "string",
    alias: "m",
    valueHint: "HOST:CONTAINER[:ro]",
    description: "Mount a path of the host. May be repeated.",
  },
} as const satisfies ArgsDef;

/** What the flag `--warm` is without a value. */
export const anyDuration = "any";

/** How flags are read that have a value only sometimes, or are switched off. */
export const flagSpellings: Readonly<Record<string, string>> = {
  "--warm": `--warm=${anyDuration}`,
  "--no-warm": "--warm=0",
};

/** The flag that runs actions in containers that are kept. */
export const warmFlags = {
  warm: {
    type: "string",
    valueHint: "DURATION",
    description:
      "Keep the container for further runs, for 15m or this time. --no-warm: do not. Default: POLYCRATE_WARM.",
  },
} as const satisfies ArgsDef;

/** True for a flag that takes a value, and means something without one. */
export function isValueOptional(definition: ArgDef): boolean {
  return definition === warmFlags.warm;
}

/** The flag that passes an input of an action, whatever its name is. */
export const inputFlag = {
  input: {
    type: "string",
    valueHint: "NAME=VALUE",
    description: "Set an input of the action; `--NAME=VALUE` is the same. May be repeated.",
  },
} as const satisfies ArgsDef;

/** The flag that controls whether standard input is read. */
export const stdinFlags = {
  stdin: {
    type: "boolean",
    description: "Pass on standard input, which is the default.",
    negativeDescription: "Do not read standard input, for example in a `while read` loop.",
  },
} as const satisfies ArgsDef;

/** The flag that prints a plan instead of running it. */
export const dryRunFlags = {
  "dry-run": {
    type: "boolean",
    description: "Print the docker commands as a shell script, without running them.",
  },
} as const satisfies ArgsDef;

/** The flag that prints only errors on standard error, in addition to the action's own output. */
export const quietFlags = {
  quiet: { type: "boolean", description: "Print only errors, and the last lines of a failed build." },
} as const satisfies ArgsDef;

/** The flags that answer questions in advance. */
export const yesFlags = {
  yes: { type: "boolean", alias: "y", description: "Answer every question with yes." },
  force: { type: "boolean", alias: "f", description: "The same as --yes." },
} as const satisfies ArgsDef;

/** The flags for what is told of runs beside their output. */
export const reportFlags = {
  output: {
    type: "enum",
    options: ["json", "events"],
    description: "Print the finished transactions as JSON, or each event as a line of JSON.",
  },
  report: {
    type: "string",
    valueHint: "KIND=FILE",
    description: "Write a report (`junit`, `markdown`, `html`) to a file at the end. May be repeated.",
  },
} as const satisfies ArgsDef;
