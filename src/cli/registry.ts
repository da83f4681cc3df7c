import type { Commands } from "./command.ts";

/** Every command by its name, in the order of the overview. */
export const commands: Commands = {
  run: { summary: "Run an action in a container", load: () => import("./commands/run.ts") },
  exec: {
    summary: "Run a command in the container an action would get",
    load: () => import("./commands/exec.ts"),
  },
  shell: {
    summary: "Open a shell in the container an action would get",
    load: () => import("./commands/shell.ts"),
  },
  build: { summary: "Build the workspace's image if it changed", load: () => import("./commands/build.ts") },
  list: { summary: "List blocks, actions and workflows", load: () => import("./commands/list.ts") },
  inspect: {
    summary: "Print a block or action as it is resolved",
    load: () => import("./commands/inspect.ts"),
  },
  snapshot: {
    summary: "Print what an action would get to see",
    load: () => import("./commands/snapshot.ts"),
  },
  validate: { summary: "Check every file of the workspace", load: () => import("./commands/validate.ts") },
  init: { summary: "Make a folder a workspace", load: () => import("./commands/init.ts") },
  "block new": { summary: "Write a new block", load: () => import("./commands/blockNew.ts") },
  doctor: { summary: "See what keeps actions from running", load: () => import("./commands/doctor.ts") },
  completion: {
    summary: "Print a shell's completion script",
    load: () => import("./commands/completion.ts"),
  },
  complete: { summary: "What a completion script calls", load: () => import("./commands/complete.ts") },
  history: { summary: "List what ran, newest first", load: () => import("./commands/history.ts") },
  "history diff": {
    summary: "Print in what two runs differ",
    load: () => import("./commands/historyDiff.ts"),
  },
  logs: { summary: "Print the output of a run", load: () => import("./commands/logs.ts") },
  ps: { summary: "List the containers that run now", load: () => import("./commands/ps.ts") },
  stop: { summary: "Stop actions that run", load: () => import("./commands/stop.ts") },
  prune: { summary: "Remove what dead runs have left behind", load: () => import("./commands/prune.ts") },
  toolchain: {
    summary: "List what the toolchain image holds",
    load: () => import("./commands/toolchain.ts"),
  },
  "toolchain build": {
    summary: "Build the toolchain image",
    load: () => import("./commands/toolchainBuild.ts"),
  },
  "toolchain dockerfile": {
    summary: "Print the toolchain image's Dockerfile",
    load: () => import("./commands/toolchainDockerfile.ts"),
  },
  schema: { summary: "Print the JSON Schema of .poly files", load: () => import("./commands/schema.ts") },
  version: { summary: "Print the version", load: () => import("./commands/version.ts") },
};
