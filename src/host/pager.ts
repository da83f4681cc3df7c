import { withoutIdentity } from "./process.ts";

/** A pager that shows a text. */
export type Pager = {
  /** True when it showed the text; false when the program does not exist. */
  readonly ended: Promise<boolean>;
  /** Stops the pager. */
  readonly stop: () => void;
};

/**
 * Returns the command line of the pager, for `sh -c`, as git chooses it: `PAGER`, else `less` if it is installed. Undefined
 * when the text is printed without a pager: `PAGER` is empty or `cat`, or `TERM` is `dumb`.
 */
export function pagerCommand(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const command = environment.PAGER ?? (Bun.which("less") === null ? "" : "less");
  return environment.TERM === "dumb" || ["", "cat"].includes(command.trim()) ? undefined : command;
}

/** Starts the pager on the terminal of polycrate. As in git, `LESS` is `FRX` by default, so that colours are shown. */
export function startPager(command: string, text: string): Pager {
  const child = Bun.spawn(["sh", "-c", command], {
    stdin: new Blob([text]),
    stdout: "inherit",
    stderr: "inherit",
    env: { LESS: "FRX", LV: "-c", ...withoutIdentity(process.env) },
  });
  // 126 and 127: the shell could not start it.
  const ended = child.exited.then((code) => code !== 126 && code !== 127);
  return { ended, stop: () => child.kill() };
}
