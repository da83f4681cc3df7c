import type { ManualEntries } from "./manualEntry.ts";

/** The entries of the overview, and of the commands that run something. */
export const runExamples: ManualEntries = {
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
        description: "run it on the engine of another machine, by its docker context",
        command: "polycrate run my-app deploy --context bastion",
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
        description: "keep the container for 15 minutes, so that the next run starts faster",
        command: "polycrate run my-app deploy --warm=15m",
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
};
