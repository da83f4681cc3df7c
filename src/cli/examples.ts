/** A command line that can be copied, and what it does. */
export type Example = { readonly description: string; readonly command: string };

/** The examples in the help of a command; `trailingArgs` are shown after the flags in its usage. */
export type ManualEntry = { readonly trailingArgs?: string; readonly examples: readonly Example[] };

/** The entries by command; the overview's is `""`. */
export const manual: Readonly<Record<string, ManualEntry>> = {
  "": {
    examples: [
      { description: "make a workspace and run its first action", command: "polycrate init demo && cd demo" },
      { description: "run the action `greet` of the block `hello`", command: "polycrate run hello greet" },
      {
        description: "see what that would do, as docker commands",
        command: "polycrate run hello greet --dry-run",
      },
    ],
  },
  run: {
    trailingArgs: "[-- ARGUMENTS]",
    examples: [
      {
        description: "run the action `deploy` of the block `my-app`",
        command: "polycrate run my-app deploy",
      },
      {
        description: 'give the action arguments: they are its "$@"',
        command: "polycrate run my-app deploy -- --region eu",
      },
      {
        description: "print the docker commands and run nothing",
        command: "polycrate run my-app deploy --dry-run",
      },
      {
        description: "run the workflow `release` from its step `deploy` on",
        command: "polycrate run release --from-step deploy",
      },
      {
        description: "once for each line of a file, which the first run would read otherwise",
        command: 'while read -r x; do polycrate run my-app deploy --no-stdin -- "$x"; done <names',
      },
    ],
  },
  exec: {
    trailingArgs: "-- COMMAND [ARGUMENTS]",
    examples: [
      { description: "ask the toolchain for its versions", command: "polycrate exec -- ansible --version" },
      {
        description: "see the workspace as an action of `my-app` sees it",
        command: "polycrate exec --block my-app -- ls -l",
      },
    ],
  },
  shell: {
    trailingArgs: "[-- ARGUMENTS]",
    examples: [
      { description: "look around in the workspace's container", command: "polycrate shell" },
      { description: "start in the folder of `my-app`", command: "polycrate shell my-app" },
    ],
  },
  build: {
    examples: [
      {
        description: "build the image when the Dockerfile or a file that it copies has changed",
        command: "polycrate build",
      },
      {
        description: "build it anew on a fresh base image",
        command: "polycrate build --build --pull --no-cache",
      },
    ],
  },
  list: {
    examples: [
      { description: "see what can be run here", command: "polycrate list" },
      {
        description: "the names of all blocks, for a script",
        command: "polycrate list --output=json | jq -r '.blocks[].name'",
      },
    ],
  },
  inspect: {
    examples: [
      { description: "see a block with all that it inherits", command: "polycrate inspect my-app" },
      {
        description: "one value of it, for a script",
        command: "polycrate inspect my-app --output=json | jq .config",
      },
    ],
  },
  snapshot: {
    examples: [
      {
        description: "what a playbook or script finds in its snapshot",
        command: "polycrate snapshot my-app deploy",
      },
      { description: "one value of it", command: "polycrate snapshot my-app | yq .block.config" },
    ],
  },
  validate: {
    examples: [
      { description: "check every file of the workspace", command: "polycrate validate" },
      { description: "in CI: warnings fail too", command: "polycrate validate --strict" },
    ],
  },
  history: {
    examples: [
      { description: "what was run, and how it ended", command: "polycrate history" },
      { description: "for a script", command: "polycrate history --output=json" },
    ],
  },
  "history diff": {
    examples: [
      {
        description: "why the second run failed and the first did not",
        command: "polycrate history diff 01a203e6 01a20412",
      },
    ],
  },
  logs: {
    examples: [{ description: "the output of the last run", command: "polycrate logs" }],
  },
  ps: {
    examples: [{ description: "what runs at this moment", command: "polycrate ps" }],
  },
  prune: {
    examples: [
      { description: "remove what runs that died have left behind", command: "polycrate prune" },
      {
        description: "records older than 90 days and images of earlier builds too",
        command: "polycrate prune --logs 90d --images",
      },
    ],
  },
  init: {
    examples: [
      { description: "make the folder `demo` a workspace, with questions", command: "polycrate init demo" },
      { description: "make the folder you are in one, without questions", command: "polycrate init --yes" },
      {
        description: "neither an ssh key nor a Dockerfile",
        command: "polycrate init demo --yes --no-ssh-key --no-dockerfile",
      },
    ],
  },
  "block new": {
    examples: [
      {
        description: "write blocks/my-app/block.poly with a first action",
        command: "polycrate block new my-app",
      },
      {
        description: "a block that has all that `base` has",
        command: "polycrate block new my-app --from base",
      },
    ],
  },
  doctor: {
    examples: [
      { description: "see what keeps actions from running, and the cure", command: "polycrate doctor" },
      { description: "in CI, before anything else", command: "polycrate doctor --output=json" },
    ],
  },
  schema: {
    examples: [
      {
        description: "the JSON Schema that editors check workspace.poly with",
        command: "polycrate schema workspace",
      },
    ],
  },
  completion: {
    examples: [
      { description: "bash: in ~/.bashrc", command: 'eval "$(polycrate completion bash)"' },
      { description: "zsh: in ~/.zshrc, below compinit", command: 'eval "$(polycrate completion zsh)"' },
      {
        description: "fish",
        command: "polycrate completion fish > ~/.config/fish/completions/polycrate.fish",
      },
    ],
  },
  toolchain: {
    examples: [
      { description: "what the image holds", command: "polycrate toolchain" },
      { description: "addresses and checksums, for a mirror", command: "polycrate toolchain --output=json" },
    ],
  },
  "toolchain build": {
    examples: [
      { description: "all of it", command: "polycrate toolchain build" },
      { description: "a small one", command: "polycrate toolchain build --only=ansible,kubernetes" },
      {
        description: "without a way out to the network",
        command: "polycrate toolchain build --downloads=downloads",
      },
    ],
  },
  "toolchain dockerfile": {
    examples: [{ description: "read what is in the image", command: "polycrate toolchain dockerfile" }],
  },
};
