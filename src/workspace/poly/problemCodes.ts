/** Every kind of problem by its stable code, with an explanation; the README's table of problems is made from this. */
export const problemCodes = {
  // Errors: a file or block cannot be used.
  "unreadable-file": "A file cannot be read, or is no text in UTF-8.",
  "outside-workspace": "A folder, file or setting leads out of the workspace.",
  "yaml-syntax":
    "The file is not valid YAML: tabs, indentation, quotes, a key that is given twice, too many aliases.",
  "wrong-value": "A value has another type or form than the key takes.",
  "missing-key": "A required key is missing.",
  "unknown-key":
    "A key means nothing to polycrate; under `config.container` that is an error, elsewhere a warning.",
  "repeated-name": "Two blocks, actions or workflows share a name, so that one of them could never be run.",
  "script-and-playbook": "An action has both a `script` and a `playbook`.",
  "nothing-to-run":
    "An action has neither a `script` nor a `playbook`, not even an inherited one, or an empty one.",
  "wrong-parent": "The block that `from` names does not exist, or there are several versions of it.",
  "inheritance-cycle": "Blocks inherit from each other in a circle.",
  "unknown-block": "An `inventory.from` or `kubeconfig.from` names a block that does not exist.",
  "wrong-step": "A workflow step names a block or action that does not exist or cannot be run.",
  "wrong-variable": "The name of an environment variable is none or is taken, or it has no value.",
  "wrong-docker-flag": "An entry of `docker_flags` cannot be split, or would break what polycrate promises.",
  "wrong-image": "An image in `config` is not a reference that docker takes.",
  "missing-dockerfile": "The configured Dockerfile does not exist.",
  // Warnings: it works, with a risk.
  "key-case": "A key of `workspace.poly` is not in lower case; it is read as if it were.",
  "image-tag":
    "An image in `config` or `FROM` has no tag or the tag `latest`, so that it may be another one tomorrow.",
  "several-runs": "`RUN` instructions in a row could be one, which makes fewer layers and one cache entry.",
  "package-cache":
    "A `RUN` installs packages and leaves the package manager's cache in its layer; removing it in a later `RUN` frees nothing.",
  "tracked-secret": "A private key or kubeconfig is tracked by git, and stays in its history.",
  "untracked-dockerfile": "The Dockerfile is not tracked by git, so that others cannot build the same image.",
  privileged:
    "Actions get rights on the host: `--privileged`, the docker socket, a namespace, device or capability, or a folder such as `/`.",
  "missing-inventory":
    "The inventory or kubeconfig that a block asks for is not there yet; a run would be refused.",
  "missing-playbook": "The playbook of an action does not exist in the folder that it runs in.",
  "shadowed-action": "An action replaces the script or playbook of its parent's action of the same name.",
  "plain-secret":
    "A variable whose name looks like a secret's has its value in the file; `from_env` and `from_file` keep it out.",
  "unexpanded-variable":
    "A value of `env` has `$NAME` in it, as in `PATH: $PATH:/opt/bin`; values are not expanded.",
  "missing-gitignore": "Git does not ignore `.snapshot.yml`, the private key, or the logs.",
  "go-template":
    "A script has Go template syntax, which older workspaces used; it reaches the shell as it stands.",
} as const;

/** The stable name of a kind of problem, in kebab-case. */
export type ProblemCode = keyof typeof problemCodes;
