import type { Commands } from "./command.ts";

/** Every command by its name, in the order of the overview. */
export const commands: Commands = {
  run: {
    summary: "Run an action or a workflow",
    takesInputs: true,
    load: () => import("./commands/run.ts"),
  },
  rerun: { summary: "Repeat a run", load: () => import("./commands/rerun.ts") },
  exec: {
    summary: "Run a command in a container set up like an action's",
    load: () => import("./commands/exec.ts"),
  },
  shell: {
    summary: "Open a shell in a container set up like an action's",
    load: () => import("./commands/shell.ts"),
  },
  build: { summary: "Build the workspace's image if it changed", load: () => import("./commands/build.ts") },
  lock: {
    summary: "Write the digests of images and blocks to polycrate.lock",
    load: () => import("./commands/lock.ts"),
  },
  install: {
    summary: "Install the blocks from registries that the workspace needs",
    load: () => import("./commands/install.ts"),
  },
  "block pull": {
    summary: "Install blocks from a registry",
    load: () => import("./commands/blockPull.ts"),
  },
  "block push": {
    summary: "Send a block to its registry",
    load: () => import("./commands/blockPush.ts"),
  },
  "block outdated": {
    summary: "List installed blocks that have a newer version",
    load: () => import("./commands/blockOutdated.ts"),
  },
  "block uninstall": {
    summary: "Remove blocks that were installed from a registry",
    load: () => import("./commands/blockUninstall.ts"),
  },
  list: { summary: "List blocks, actions and workflows", load: () => import("./commands/list.ts") },
  inspect: {
    summary: "Print a block or action with everything it inherits",
    load: () => import("./commands/inspect.ts"),
  },
  "workflow inspect": {
    summary: "Print or draw the graph of a workflow",
    load: () => import("./commands/workflowInspect.ts"),
  },
  "workflow export": {
    summary: "Print a CI pipeline that runs a workflow",
    load: () => import("./commands/workflowExport.ts"),
  },
  snapshot: {
    summary: "Print the snapshot that an action would read",
    takesInputs: true,
    load: () => import("./commands/snapshot.ts"),
  },
  trust: {
    summary: "Show and agree to what the workspace can reach of this machine",
    load: () => import("./commands/trust.ts"),
  },
  validate: { summary: "Check all files of the workspace", load: () => import("./commands/validate.ts") },
  init: { summary: "Create a workspace", load: () => import("./commands/init.ts") },
  "block new": { summary: "Create a block", load: () => import("./commands/blockNew.ts") },
  "secrets edit": {
    summary: "Edit the workspace's encrypted secrets",
    load: () => import("./commands/secretsEdit.ts"),
  },
  "secrets encrypt": {
    summary: "Encrypt secrets.poly or another file, to commit it",
    load: () => import("./commands/secretsEncrypt.ts"),
  },
  "secrets decrypt": {
    summary: "Print an encrypted file",
    load: () => import("./commands/secretsDecrypt.ts"),
  },
  "secrets recipients": {
    summary: "List or change who can decrypt the secrets",
    load: () => import("./commands/secretsRecipients.ts"),
  },
  "secrets keygen": {
    summary: "Make your key for encrypted secrets",
    load: () => import("./commands/secretsKeygen.ts"),
  },
  doctor: { summary: "Show what prevents actions from running", load: () => import("./commands/doctor.ts") },
  "self-test": {
    summary: "Check that your engine does what polycrate requires",
    load: () => import("./commands/selfTest.ts"),
  },
  completion: {
    summary: "Print a shell's completion script",
    load: () => import("./commands/completion.ts"),
  },
  complete: {
    summary: "Print completions, for completion scripts",
    load: () => import("./commands/complete.ts"),
  },
  history: { summary: "List runs, newest first", load: () => import("./commands/history.ts") },
  "history diff": {
    summary: "Print the differences between two runs",
    load: () => import("./commands/historyDiff.ts"),
  },
  logs: { summary: "Print the output of a run", load: () => import("./commands/logs.ts") },
  report: { summary: "Create a report on a run", load: () => import("./commands/report.ts") },
  ps: { summary: "List running containers", load: () => import("./commands/ps.ts") },
  stop: { summary: "Stop running actions", load: () => import("./commands/stop.ts") },
  prune: { summary: "Remove what crashed runs left behind", load: () => import("./commands/prune.ts") },
  toolchain: {
    summary: "List the tools in the toolchain image",
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
  schema: {
    summary: "Print the JSON Schema of .poly files and events",
    load: () => import("./commands/schema.ts"),
  },
  help: { summary: "Show a command, or a topic of the manual", load: () => import("./commands/help.ts") },
  version: { summary: "Print the version", load: () => import("./commands/version.ts") },
};
