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
        description: "set inputs of the action, which `polycrate run my-app scale --help` shows",
        command: "polycrate run my-app scale --replicas=3 --region=eu",
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
        description: "run its step `deploy` for one region of its matrix",
        command: "polycrate run release --step deploy --matrix region=eu",
      },
      {
        description: "write a JUnit report for CI, and an HTML page",
        command: "polycrate run release --report=junit=junit.xml --report=html=release.html",
      },
      {
        description: "run the action for each line of a file",
        command: 'while read -r x; do polycrate run my-app deploy --no-stdin -- "$x"; done <names',
      },
    ],
  },
  "workflow inspect": {
    examples: [
      {
        description: "print the steps of `release`, a line each",
        command: "polycrate workflow inspect release",
      },
      {
        description: "draw them",
        command: "polycrate workflow inspect release --output=svg >release.svg",
      },
    ],
  },
  "workflow export": {
    examples: [
      {
        description: "run `release` on GitLab's runners",
        command: "polycrate workflow export release --to=gitlab >release.gitlab-ci.yml",
      },
      {
        description: "run it on GitHub's",
        command: "polycrate workflow export release --to=github >.github/workflows/release.yml",
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
  prune: {
    examples: [
      { description: "remove what crashed runs left behind", command: "polycrate prune" },
      {
        description: "also remove records older than 90 days, and images of earlier builds",
        command: "polycrate prune --logs 90d --images",
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
};
