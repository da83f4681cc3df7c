/** Every kind of problem by its stable code, with its description, for the reference. */
export const problemCodes = {
  // Errors: a file or block cannot be used.
  "unreadable-file": "A file cannot be read, or is not UTF-8 text.",
  "outside-workspace": "A folder, file or setting is outside of the workspace.",
  "yaml-syntax": "The file is not valid YAML: tabs, indentation, quotes, a repeated key, too many aliases.",
  "required-version": "The workspace requires another version of polycrate (`requires`).",
  "wrong-value": "A value has the wrong type or format for its key.",
  "missing-key": "A required key is missing.",
  "unknown-key": "A key is not known; this is an error under `config.container`, and a warning elsewhere.",
  "repeated-name":
    "Two blocks, actions, workflows or steps have the same name, so one of them cannot be named; a warning for the steps of a workflow that runs in order.",
  "script-and-playbook": "An action has both a `script` and a `playbook`.",
  "nothing-to-run": "An action has neither a `script` nor a `playbook`, and inherits none, or it is empty.",
  "wrong-parent": "The block that `from` names does not exist, or has several versions.",
  "inheritance-cycle": "Blocks inherit from each other in a cycle.",
  "unknown-block": "An `inventory.from` or `kubeconfig.from` names a block that does not exist.",
  "wrong-step": "A workflow step names a block or action that does not exist or cannot be run.",
  "wrong-input":
    "An input has an invalid name, default or choice, or the variable of another; or a step does not pass what its action requires.",
  "wrong-need": "The `needs` of a step names the step itself, or a step that does not exist, or one twice.",
  "needs-cycle": "The steps of a workflow need each other in a cycle.",
  "wrong-matrix":
    "A matrix has no values, a value twice, a wrong name, or more than 256 combinations, or two of its names have the same variable.",
  "wrong-condition":
    "A step never runs: `when: failure` where nothing can fail before it, or `needs` that contradict each other.",
  "wrong-variable": "An environment variable has an invalid or reserved name, or no value.",
  "wrong-docker-flag": "An entry of `docker_flags` cannot be parsed, or sets a flag that is not allowed.",
  "wrong-limit":
    "A limit of an action is more than that of the workspace, or a limit conflicts with another key or with `docker_flags`.",
  "wrong-image": "An image in `config` is not a valid image reference.",
  "wrong-cache": "A cache of `config.container.caches` has an invalid name, or a path that cannot be one.",
  "setting-in-secrets":
    "A key of `secrets.poly` decides what runs, so it is in docker's command line or in a script, and cannot be secret.",
  "open-secrets":
    "Git does not ignore a file with secrets in clear text: `secrets.poly`, or one below `artifacts/secrets`.",
  "two-secrets": "The workspace has both `secrets.poly` and `secrets.poly.age`.",
  "missing-dockerfile": "The configured Dockerfile does not exist.",
  "wrong-lock": "`polycrate.lock` cannot be read or understood, for example after a merge.",
  // Warnings: it works, with a risk.
  "key-case": "A key of `workspace.poly` is not in lower case; it is read as if it were.",
  "image-tag": "An image in `config` or `FROM` has no tag or the tag `latest`, so it can change at any time.",
  "block-version":
    "A block of a registry is named without a version or with `latest`, so it can change at any time.",
  "not-locked": "The workspace names an image or block that `polycrate.lock` does not have.",
  "several-runs":
    "Consecutive `RUN` instructions could be one, which makes fewer layers and one cache entry.",
  "package-cache":
    "A `RUN` installs packages and leaves the package manager's cache in its layer; removing it in a later `RUN` does not make the image smaller.",
  "tracked-secret": "A private key or kubeconfig is tracked by git, and stays in its history.",
  "untracked-dockerfile": "The Dockerfile is not tracked by git, so others cannot build the same image.",
  privileged:
    "Actions get access to the host: `--privileged`, the docker socket, a namespace, device or capability, or a folder such as `/`.",
  "unused-secret": "`secrets.poly` names a block, workflow or step that the workspace does not have.",
  "missing-inventory":
    "The inventory or kubeconfig that a block names does not exist yet; a run fails, or uses none.",
  "missing-playbook": "The playbook of an action does not exist in the folder that it runs in.",
  "input-flag": "An input has the name of a flag of `polycrate run`, so only `--input` sets it.",
  "shared-artifacts":
    "Two steps that may run at the same time belong to one block, so both write the same folder of artifacts.",
  "shadowed-action": "An action replaces the script or playbook of its parent's action of the same name.",
  "plain-secret":
    "The value of a variable that looks like a secret is in the file; use `from_env`, `from_file`, `from_manager` or `secrets.poly`.",
  "unexpanded-variable":
    "A value of `env` contains `$NAME`, as in `PATH: $PATH:/opt/bin`; values are not expanded.",
  "missing-gitignore": "Git does not ignore `.snapshot.yml`, the private key, or the logs.",
  "go-template":
    "A script has Go template syntax, which older workspaces used; it is passed to the shell unchanged.",
} as const;

/** The stable name of a kind of problem, in kebab-case. */
export type ProblemCode = keyof typeof problemCodes;
