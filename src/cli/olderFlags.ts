/** The replacements of the Go program's flags that do not exist here. */
export const olderFlags: Readonly<Record<string, string>> = {
  "--image-ref": "use `--image=REFERENCE:VERSION`",
  "--image-version": "use `--image=REFERENCE:VERSION`",
  "--local": "actions always run in a container; `--image` and `--dockerfile` choose its image",
  "--loglevel":
    "`polycrate run --verbose` shows docker commands; `--env ANSIBLE_VERBOSITY=1` makes Ansible verbose",
  "--output-format": "use `--output=json`",
  "--snapshot": "`polycrate snapshot BLOCK ACTION` prints it",
};

/** Values of the Go program's flags, and their names here. */
export const olderValues: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  pull: { true: "always", false: "never" },
};
