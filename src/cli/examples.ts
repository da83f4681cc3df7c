/** A command line that can be copied, and what it does. */
export type Example = { readonly says: string; readonly line: string };

/** What the help of a command says beside its arguments and flags; `tail` is what may stand behind the flags. */
export type ManualEntry = { readonly tail?: string; readonly examples: readonly Example[] };

/** The entries by command; that of the overview has no name. */
export const manual: Readonly<Record<string, ManualEntry>> = {
  "": {
    examples: [
      { says: "make a workspace and run its first action", line: "polycrate init demo && cd demo" },
      { says: "run the action `greet` of the block `hello`", line: "polycrate run hello greet" },
      { says: "see what that would do, as docker commands", line: "polycrate run hello greet --dry-run" },
    ],
  },
  run: {
    tail: "[-- ARGUMENTS]",
    examples: [
      { says: "run the action `deploy` of the block `my-app`", line: "polycrate run my-app deploy" },
      {
        says: 'give the action arguments: they are its "$@"',
        line: "polycrate run my-app deploy -- --region eu",
      },
      { says: "print the docker commands and run nothing", line: "polycrate run my-app deploy --dry-run" },
      {
        says: "run the workflow `release` from its step `deploy` on",
        line: "polycrate run release --from-step deploy",
      },
      {
        says: "once for each line of a file, which the first run would read otherwise",
        line: 'while read -r x; do polycrate run my-app deploy --no-stdin -- "$x"; done <names',
      },
    ],
  },
  exec: {
    tail: "-- COMMAND [ARGUMENTS]",
    examples: [
      { says: "ask the toolchain for its versions", line: "polycrate exec -- ansible --version" },
      {
        says: "see the workspace as an action of `my-app` sees it",
        line: "polycrate exec --block my-app -- ls -l",
      },
    ],
  },
  shell: {
    tail: "[-- ARGUMENTS]",
    examples: [
      { says: "look around in the workspace's container", line: "polycrate shell" },
      { says: "start in the folder of `my-app`", line: "polycrate shell my-app" },
    ],
  },
  build: {
    examples: [
      {
        says: "build the image when the Dockerfile or a file that it copies has changed",
        line: "polycrate build",
      },
      {
        says: "build it anew on a fresh base image",
        line: "polycrate build --build --pull --no-cache",
      },
    ],
  },
  list: {
    examples: [
      { says: "see what can be run here", line: "polycrate list" },
      {
        says: "the names of all blocks, for a script",
        line: "polycrate list --output=json | jq -r '.blocks[].name'",
      },
    ],
  },
  inspect: {
    examples: [
      { says: "see a block with all that it inherits", line: "polycrate inspect my-app" },
      { says: "one value of it, for a script", line: "polycrate inspect my-app --output=json | jq .config" },
    ],
  },
  snapshot: {
    examples: [
      { says: "what a playbook or script finds in its snapshot", line: "polycrate snapshot my-app deploy" },
      { says: "one value of it", line: "polycrate snapshot my-app | yq .block.config" },
    ],
  },
  validate: {
    examples: [
      { says: "check every file of the workspace", line: "polycrate validate" },
      { says: "in CI: warnings fail too", line: "polycrate validate --strict" },
    ],
  },
  history: {
    examples: [
      { says: "what was run, and how it ended", line: "polycrate history" },
      { says: "for a script", line: "polycrate history --output=json" },
    ],
  },
  logs: {
    examples: [{ says: "the output of the last run", line: "polycrate logs" }],
  },
  ps: {
    examples: [{ says: "what runs at this moment", line: "polycrate ps" }],
  },
  prune: {
    examples: [
      { says: "remove what runs that died have left behind", line: "polycrate prune" },
      {
        says: "records older than 90 days and images of earlier builds too",
        line: "polycrate prune --logs 90d --images",
      },
    ],
  },
  init: {
    examples: [
      { says: "make the folder `demo` a workspace, with questions", line: "polycrate init demo" },
      { says: "make the folder you are in one, without questions", line: "polycrate init --yes" },
      {
        says: "neither an ssh key nor a Dockerfile",
        line: "polycrate init demo --yes --no-ssh-key --no-dockerfile",
      },
    ],
  },
  "block new": {
    examples: [
      { says: "write blocks/my-app/block.poly with a first action", line: "polycrate block new my-app" },
      { says: "a block that has all that `base` has", line: "polycrate block new my-app --from base" },
    ],
  },
  doctor: {
    examples: [
      { says: "see what keeps actions from running, and the cure", line: "polycrate doctor" },
      { says: "in CI, before anything else", line: "polycrate doctor --output=json" },
    ],
  },
  schema: {
    examples: [
      { says: "the JSON Schema that editors check workspace.poly with", line: "polycrate schema workspace" },
    ],
  },
  completion: {
    examples: [
      { says: "bash: in ~/.bashrc", line: 'eval "$(polycrate completion bash)"' },
      { says: "zsh: in ~/.zshrc, below compinit", line: 'eval "$(polycrate completion zsh)"' },
      { says: "fish", line: "polycrate completion fish > ~/.config/fish/completions/polycrate.fish" },
    ],
  },
  toolchain: {
    examples: [
      { says: "what the image holds", line: "polycrate toolchain" },
      { says: "addresses and checksums, for a mirror", line: "polycrate toolchain --output=json" },
    ],
  },
  "toolchain build": {
    examples: [
      { says: "all of it", line: "polycrate toolchain build" },
      { says: "a small one", line: "polycrate toolchain build --only=ansible,kubernetes" },
      { says: "without a way out to the network", line: "polycrate toolchain build --downloads=downloads" },
    ],
  },
  "toolchain dockerfile": {
    examples: [{ says: "read what is in the image", line: "polycrate toolchain dockerfile" }],
  },
};
