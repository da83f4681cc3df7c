/** A command line that can be copied, and what it does. */
export type Example = { readonly description: string; readonly command: string };

/** The examples in the help of a command; `trailingArgs` are shown after the flags in its usage. */
export type ManualEntry = { readonly trailingArgs?: string; readonly examples: readonly Example[] };

/** The entries by command; the overview's is `""`. */
export const manual: Readonly<Record<string, ManualEntry>> = {
  "": {
    examples: [
      { description: "create a workspace", command: "polycrate init demo && cd demo" },
      { description: "run the action `greet` of the block `hello`", command: "polycrate run hello greet" },
      {
        description: "print its docker commands without running them",
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
        description: 'pass arguments to the action, which reads them as "$@"',
        command: "polycrate run my-app deploy -- --region eu",
      },
      {
        description: "print the docker commands without running them",
        command: "polycrate run my-app deploy --dry-run",
      },
      {
        description: "run the workflow `release`, starting at its step `deploy`",
        command: "polycrate run release --from-step deploy",
      },
      {
        description: "write a JUnit report for CI, and an HTML page",
        command: "polycrate run release --report=junit=junit.xml --report=html=release.html",
      },
      {
        description: "keep the container for 15 minutes, so that the next run starts faster",
        command: "polycrate run my-app deploy --warm=15m",
      },
      {
        description: "run the action for each line of a file",
        command: 'while read -r x; do polycrate run my-app deploy --no-stdin -- "$x"; done <names',
      },
    ],
  },
  rerun: {
    examples: [
      { description: "repeat a run with the current files", command: "polycrate rerun 01a203e6" },
      {
        description: "repeat a playbook on the hosts that failed",
        command: "polycrate rerun 01a203e6 --failed-hosts",
      },
    ],
  },
  exec: {
    trailingArgs: "-- COMMAND [ARGUMENTS]",
    examples: [
      { description: "print the image's version of Ansible", command: "polycrate exec -- ansible --version" },
      {
        description: "list the folder of the block `my-app`",
        command: "polycrate exec --block my-app -- ls -l",
      },
    ],
  },
  shell: {
    trailingArgs: "[-- ARGUMENTS]",
    examples: [
      { description: "open a shell in the workspace's folder", command: "polycrate shell" },
      { description: "open a shell in the folder of `my-app`", command: "polycrate shell my-app" },
    ],
  },
  build: {
    examples: [
      {
        description: "build the image if the Dockerfile or a file that it copies has changed",
        command: "polycrate build",
      },
      {
        description: "rebuild it from the newest base image, without the build cache",
        command: "polycrate build --build --pull --no-cache",
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
};
