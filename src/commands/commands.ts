import type { CommandDef } from "citty";

/** A command of polycrate: its summary for the overview, and its definition, read only when it is used. */
export type Command = {
  readonly summary: string;
  // biome-ignore lint/suspicious/noExplicitAny: citty's own type for a command whose flags are not known here
  readonly load: () => Promise<{ readonly default: CommandDef<any> }>;
};

/** Every command by its name, in the order of the overview. */
export const commands: Readonly<Record<string, Command>> = {
  run: { summary: "Run an action in a container", load: () => import("./run.ts") },
  exec: { summary: "Run a command in the container an action would get", load: () => import("./exec.ts") },
  shell: { summary: "Open a shell in the container an action would get", load: () => import("./shell.ts") },
  build: { summary: "Build the workspace's image if it changed", load: () => import("./build.ts") },
  list: { summary: "List blocks, actions and workflows", load: () => import("./list.ts") },
  inspect: { summary: "Print a block or action as it is resolved", load: () => import("./inspect.ts") },
  snapshot: { summary: "Print what an action would get to see", load: () => import("./snapshot.ts") },
  validate: { summary: "Check every file of the workspace", load: () => import("./validate.ts") },
  init: { summary: "Make a folder a workspace", load: () => import("./init.ts") },
  "block new": { summary: "Write a new block", load: () => import("./block.ts") },
  doctor: { summary: "See what keeps actions from running", load: () => import("./doctor.ts") },
  completion: {
    summary: "Print a shell's completion script",
    load: () => import("./completion/completion.ts"),
  },
  complete: { summary: "What a completion script calls", load: () => import("./completion/complete.ts") },
  history: { summary: "List what ran, newest first", load: () => import("./history.ts") },
  logs: { summary: "Print the output of a run", load: () => import("./logs.ts") },
  ps: { summary: "List the containers that run now", load: () => import("./ps.ts") },
  stop: { summary: "Stop actions that run", load: () => import("./stop.ts") },
  prune: { summary: "Remove what dead runs have left behind", load: () => import("./prune.ts") },
  toolchain: {
    summary: "List what the toolchain image holds",
    load: () => import("./toolchain/toolchain.ts"),
  },
  "toolchain build": {
    summary: "Build the toolchain image",
    load: () => import("./toolchain/toolchainBuild.ts"),
  },
  "toolchain dockerfile": {
    summary: "Print the toolchain image's Dockerfile",
    load: () => import("./toolchain/toolchainDockerfile.ts"),
  },
  schema: { summary: "Print the JSON Schema of .poly files", load: () => import("./schema.ts") },
  version: { summary: "Print the version", load: () => import("./version.ts") },
};
