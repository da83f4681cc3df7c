/** A pager that shows a text. */
export type Pager = {
  /** True when it showed the text; false when there is no such program. */
  readonly ended: Promise<boolean>;
  /** Ends it. */
  readonly stop: () => void;
};

/**
 * Returns the command line of the pager, for `sh -c`, as git chooses it: `PAGER`, else `less` if it is installed. Undefined
 * when the text is to be printed: `PAGER` is empty or `cat`, or the terminal is a dumb one.
 */
export function pagerCommand(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const command = environment.PAGER ?? (Bun.which("less") === null ? "" : "less");
  return environment.TERM === "dumb" || ["", "cat"].includes(command.trim()) ? undefined : command;
}

/** Starts the pager on our terminal. As with git, `LESS` is `FRX` when it is not set, so that colours are shown. */
export function startPager(command: string, text: string): Pager {
  const child = Bun.spawn(["sh", "-c", command], {
    stdin: new Blob([text]),
    stdout: "inherit",
    stderr: "inherit",
    env: { LESS: "FRX", LV: "-c", ...process.env },
  });
  // 126 and 127: the shell could not start it.
  const ended = child.exited.then((code) => code !== 126 && code !== 127);
  return { ended, stop: () => child.kill() };
}
