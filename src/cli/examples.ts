import type { ManualEntries } from "./manualEntry.ts";
import { runExamples } from "./runExamples.ts";
import { secretsExamples } from "./secretsExamples.ts";

/** The entries by command; the overview's is `""`. */
export const manual: ManualEntries = {
  ...runExamples,
  lock: {
    examples: [
      {
        description: "write the digests of all images and blocks, and commit them",
        command: "polycrate lock",
      },
      { description: "print what moved since then, in CI", command: "polycrate lock --check" },
      { description: "take what one tag means today", command: "polycrate lock --update debian:12-slim" },
    ],
  },
  install: {
    examples: [
      {
        description: "install all blocks that the workspace needs, as its lock file has them",
        command: "polycrate install",
      },
      { description: "fail if one is not in the lock file, in CI", command: "polycrate install --locked" },
      { description: "short for `polycrate run my-app install`", command: "polycrate install my-app" },
    ],
  },
  "block pull": {
    examples: [
      {
        description: "install a block, and those that it inherits from",
        command: "polycrate block pull registry.example.com/infra/web:1.2.0",
      },
      {
        description: "replace it even if its files were changed here",
        command: "polycrate block pull registry.example.com/infra/web:1.3.0 --force",
      },
    ],
  },
  "block push": {
    examples: [
      {
        description: "push the version that the block's file says, for others to pull",
        command: "polycrate block push registry.example.com/infra/web",
      },
    ],
  },
  "block outdated": {
    examples: [
      {
        description: "list installed blocks with their newest versions",
        command: "polycrate block outdated",
      },
    ],
  },
  "block uninstall": {
    examples: [
      {
        description: "remove an installed block",
        command: "polycrate block uninstall registry.example.com/infra/web",
      },
    ],
  },
  list: {
    examples: [
      { description: "list blocks, actions and workflows", command: "polycrate list" },
      {
        description: "print the names of all blocks, for a script",
        command: "polycrate list --output=json | jq -r '.blocks[].name'",
      },
    ],
  },
  inspect: {
    examples: [
      { description: "print a block with everything it inherits", command: "polycrate inspect my-app" },
      {
        description: "print one of its values, for a script",
        command: "polycrate inspect my-app --output=json | jq .config",
      },
    ],
  },
  snapshot: {
    examples: [
      {
        description: "print the snapshot that the action `deploy` reads",
        command: "polycrate snapshot my-app deploy",
      },
      { description: "print one of its values", command: "polycrate snapshot my-app | yq .block.config" },
    ],
  },
  trust: {
    examples: [
      { description: "show what the workspace can reach, and agree to it", command: "polycrate trust" },
      {
        description: "print it with its hash, for POLYCRATE_TRUST",
        command: "polycrate trust --output=json | jq .hash",
      },
      { description: "forget that you have agreed", command: "polycrate trust --revoke" },
    ],
  },
  validate: {
    examples: [
      { description: "check all files of the workspace", command: "polycrate validate" },
      { description: "fail on warnings too, for example in CI", command: "polycrate validate --strict" },
    ],
  },
  history: {
    examples: [
      { description: "list runs and how they ended", command: "polycrate history" },
      { description: "print the records as JSON, for a script", command: "polycrate history --output=json" },
    ],
  },
  "history diff": {
    examples: [
      {
        description: "print the differences between two runs",
        command: "polycrate history diff 01a203e6 01a20412",
      },
    ],
  },
  logs: {
    examples: [{ description: "print the output of the last run", command: "polycrate logs" }],
  },
  report: {
    examples: [
      { description: "print a report on the last run", command: "polycrate report" },
      {
        description: "write an HTML page of a run",
        command: "polycrate report 01a2 --html --output=run.html",
      },
    ],
  },
  ps: {
    examples: [{ description: "list running containers", command: "polycrate ps" }],
  },
  stop: {
    examples: [
      { description: "stop a running action", command: "polycrate stop 01a203e6" },
      { description: "remove containers that are kept warm", command: "polycrate stop --warm" },
    ],
  },
  prune: {
    examples: [
      { description: "remove what crashed runs left behind", command: "polycrate prune" },
      {
        description: "also remove records older than 90 days, and images of earlier builds",
        command: "polycrate prune --logs 90d --images",
      },
      {
        description: "list the workspace's caches among what would be removed",
        command: "polycrate prune --caches --dry-run",
      },
    ],
  },
  init: {
    examples: [
      { description: "create a workspace in the folder `demo`", command: "polycrate init demo" },
      {
        description: "create a workspace in the current folder, without questions",
        command: "polycrate init --yes",
      },
      {
        description: "create neither an ssh key nor a Dockerfile",
        command: "polycrate init demo --yes --no-ssh-key --no-dockerfile",
      },
    ],
  },
  "block new": {
    examples: [
      {
        description: "create blocks/my-app/block.poly with a first action",
        command: "polycrate block new my-app",
      },
      {
        description: "create a block that inherits from `base`",
        command: "polycrate block new my-app --from base",
      },
    ],
  },
  doctor: {
    examples: [
      {
        description: "show what prevents actions from running, and how to fix it",
        command: "polycrate doctor",
      },
      {
        description: "print the result as JSON, for example in CI",
        command: "polycrate doctor --output=json",
      },
    ],
  },
  "self-test": {
    examples: [
      { description: "check your engine, with the workspace's image", command: "polycrate self-test" },
      {
        description: "check it with another image, and keep the result for a bug report",
        command: "polycrate self-test --image=debian:12-slim --output=json >self-test.json",
      },
    ],
  },
  schema: {
    examples: [
      {
        description: "print the JSON Schema of workspace.poly, for editors",
        command: "polycrate schema workspace",
      },
    ],
  },
  completion: {
    examples: [
      { description: "bash: add to ~/.bashrc", command: 'eval "$(polycrate completion bash)"' },
      {
        description: "zsh: add to ~/.zshrc, after compinit",
        command: 'eval "$(polycrate completion zsh)"',
      },
      {
        description: "fish: run once",
        command: "polycrate completion fish > ~/.config/fish/completions/polycrate.fish",
      },
    ],
  },
  help: {
    examples: [
      { description: "show the help of a command", command: "polycrate help run" },
      { description: "show a topic of the manual", command: "polycrate help workspace" },
      { description: "search the manual for a word", command: "polycrate help --search timeout" },
    ],
  },
  toolchain: {
    examples: [
      { description: "list the tools in the image", command: "polycrate toolchain" },
      { description: "print URLs and checksums, for a mirror", command: "polycrate toolchain --output=json" },
    ],
  },
  "toolchain build": {
    examples: [
      { description: "build the complete image", command: "polycrate toolchain build" },
      {
        description: "build only some parts",
        command: "polycrate toolchain build --only=ansible,kubernetes",
      },
      {
        description: "use files that were downloaded before",
        command: "polycrate toolchain build --downloads=downloads",
      },
    ],
  },
  "toolchain dockerfile": {
    examples: [{ description: "print the Dockerfile", command: "polycrate toolchain dockerfile" }],
  },
  ...secretsExamples,
};
