/**
 * The names of `polycrate run`'s flags, without dashes: an input with one of these names is only passed by `--input`. A test
 * compares them with the command.
 */
export const runFlags: ReadonlySet<string> = new Set([
  ...["workspace", "engine", "context", "image", "dockerfile", "build", "no-build", "pull", "env", "mount"],
  ...["interactive", "no-interactive", "stdin", "no-stdin", "timeout", "warm", "no-warm"],
  ...["shell-on-failure"],
  ...["no-shell-on-failure", "step", "from-step", "matrix", "jobs", "output-style", "fail-fast"],
  ...["no-fail-fast", "dry-run", "no-dry-run", "yes", "no-yes", "force", "no-force", "quiet", "no-quiet"],
  ...[
    "verbose",
    "no-verbose",
    "output",
    "report",
    "input",
    "install",
    "no-install",
    "locked",
    "no-locked",
    "help",
  ],
]);
