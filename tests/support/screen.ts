import { stripVTControlCharacters } from "node:util";

/** A program at a pseudo-terminal, and what it has printed. */
export type Screen = AsyncDisposable & {
  readonly type: (text: string) => void;
  /** Waits until the text is there, and returns all that was printed since the last wait, without colours unless `raw`. */
  readonly until: (text: string, options?: { readonly raw: boolean }) => Promise<string>;
  readonly exited: Promise<number>;
};

export type ScreenOptions = {
  readonly directory: string;
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
};

/** Starts the program at a terminal; it is killed at the end of the test. */
export function openScreen(
  words: readonly string[],
  { directory, columns = 80, rows = 40, env }: ScreenOptions,
): Screen {
  let output = "";
  let waiting: { text: string; raw: boolean; found: (output: string) => void } | undefined;
  const look = () => {
    const lines = output.replaceAll(/\r+\n/g, "\n");
    const plain = waiting?.raw === true ? lines : stripVTControlCharacters(lines);
    if (waiting === undefined || !plain.includes(waiting.text)) return;
    const { found } = waiting;
    [waiting, output] = [undefined, ""];
    found(plain);
  };
  const child = Bun.spawn([...words], {
    cwd: directory,
    env: { ...process.env, CI: undefined, POLYCRATE_WORKSPACE: undefined, TERM: "xterm-256color", ...env },
    terminal: {
      cols: columns,
      rows,
      data: (_, data) => {
        output += Buffer.from(data).toString();
        look();
      },
    },
  });
  return {
    type: (text) => void child.terminal?.write(text),
    until: (text, { raw } = { raw: false }) =>
      new Promise((found) => {
        waiting = { text, raw, found };
        look();
      }),
    exited: child.exited,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}
