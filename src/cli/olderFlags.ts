/** What to do in the place of a flag of the Go program that is not here. */
export const olderFlags: Readonly<Record<string, string>> = {
  "--image-ref": "name the whole image: `--image=REFERENCE:VERSION`",
  "--image-version": "name the whole image: `--image=REFERENCE:VERSION`",
  "--local": "actions run in a container; `--image` and `--dockerfile` choose which",
  "--loglevel":
    "`--verbose` of `polycrate run` shows each docker command; `--env ANSIBLE_VERBOSITY=1` makes Ansible say more",
  "--output-format": "write `--output=json`",
  "--snapshot": "`polycrate snapshot BLOCK ACTION` prints it",
};

/** Values of the Go program's flags, and what they are called here. */
export const olderValues: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  pull: { true: "always", false: "never" },
};
