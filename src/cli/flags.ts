import type { ArgsDef } from "citty";

/** The flag that says which workspace is meant. */
export const workspaceFlags = {
  workspace: {
    type: "string",
    alias: "w",
    valueHint: "DIR",
    description:
      "The workspace's folder. Default: POLYCRATE_WORKSPACE, else the nearest one from here upward.",
  },
} as const satisfies ArgsDef;

/** The flags that choose and build the image. */
export const imageFlags = {
  image: { type: "string", valueHint: "REF", description: "Run in this image, whatever the workspace says." },
  dockerfile: { type: "string", valueHint: "FILE", description: "Build the image from this Dockerfile." },
  build: {
    type: "boolean",
    description: "Build the image though it is there.",
    negativeDescription: "Build nothing; fail when the image is missing.",
  },
  pull: {
    type: "enum",
    options: ["always", "missing", "never"],
    description: "When to pull the image, or the base images of a build.",
  },
} as const satisfies ArgsDef;

/** The flags that shape the container. */
export const containerFlags = {
  env: {
    type: "string",
    alias: "e",
    valueHint: "NAME[=VALUE]",
    description: "Set a variable, or pass the caller's on as a secret. May be repeated.",
  },
  mount: {
    type: "string",
    alias: "m",
    valueHint: "HOST:CONTAINER[:ro]",
    description: "Mount a path of the host. May be repeated.",
  },
} as const satisfies ArgsDef;

/** The flag that keeps what polycrate could read for others. */
export const stdinFlags = {
  stdin: {
    type: "boolean",
    description: "Pass standard input on, as without this flag.",
    negativeDescription: "Leave standard input alone, as in a `while read` loop.",
  },
} as const satisfies ArgsDef;

/** The flag that prints instead of doing. */
export const dryRunFlags = {
  "dry-run": { type: "boolean", description: "Print the docker commands as a shell script; do nothing." },
} as const satisfies ArgsDef;

/** The flag that leaves errors alone on standard error, beside the action's own output. */
export const quietFlags = {
  quiet: { type: "boolean", description: "Print errors only, and the end of a build that failed." },
} as const satisfies ArgsDef;

/** The flags that answer questions beforehand. */
export const yesFlags = {
  yes: { type: "boolean", alias: "y", description: "Answer every question with yes." },
  force: { type: "boolean", alias: "f", description: "The same as --yes." },
} as const satisfies ArgsDef;
