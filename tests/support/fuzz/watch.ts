import { readText } from "../../../src/host/read.ts";

/** What became of a program that was watched. */
export type Watched = {
  readonly exitCode: number | null;
  /** The end of what it printed, and how many lines that were in all. */
  readonly output: string;
  readonly lines: number;
  /** Why it is to be complained about: it was silent for too long, or took too much memory. */
  readonly complaint: string | undefined;
};

/** What a terminal obeys, and what turns the direction of text. */
const obeyed = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** Returns what is wrong with how a command of polycrate's ended. A log is printed as it is. */
export function complaintsOf(
  { exitCode, output, complaint }: Watched,
  command: readonly string[],
): readonly string[] {
  const found = command[0] === "logs" ? null : obeyed.exec(output);
  return [
    ...(complaint === undefined ? [] : [complaint]),
    ...(exitCode === 70 || exitCode === null ? [`ended with ${exitCode}\n${output}`] : []),
    ...(found === null
      ? []
      : [`printed ${JSON.stringify(output.slice(Math.max(0, found.index - 40), found.index + 40))}`]),
  ];
}

const longestSilence = 5000;
const mostMemory = 500_000_000;

/** True when a process has work to do and has not had 5 s of a processor yet, because others have it (proc(5)). */
function isStarved(pid: number): boolean {
  const [, text] = /^.*\) (.*)$/s.exec(readText(`/proc/${pid}/stat`, 4096) ?? "") ?? [];
  const [state = "", ...more] = text?.split(" ") ?? [];
  const [user, system] = [more[10], more[11]];
  return /[RD]/.test(state) && Number(user) + Number(system) < longestSilence / 10;
}

/**
 * Runs a program, keeps the end of what it prints, and kills it when it prints nothing and does not end for 5 s. Complains about that,
 * and about more than 500 MB of memory.
 */
export async function watch(
  words: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string | undefined>> },
): Promise<Watched> {
  const child = Bun.spawn([...words], { ...options, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  let isSilent = false;
  const giveUp = () => {
    if (isStarved(child.pid)) {
      timer = setTimeout(giveUp, 1000);
      return;
    }
    isSilent = true;
    child.kill("SIGKILL");
  };
  let timer = setTimeout(giveUp, longestSilence);
  let output = "";
  let lines = 0;
  const decoder = new TextDecoder();
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, longestSilence);
      lines += chunk.filter((byte) => byte === 10).length;
      output = (output + decoder.decode(chunk)).slice(-20_000);
    }
  };
  await Promise.all([read(child.stdout), read(child.stderr), child.exited]);
  clearTimeout(timer);
  const memory = child.resourceUsage()?.maxRSS ?? 0;
  // Linux counts what a process took before it became another program (execve(2)): as much as this one.
  const inherited = process.resourceUsage().maxRSS * 1024;
  const complaint = isSilent
    ? "did nothing for 5 s"
    : memory > Math.max(mostMemory, inherited)
      ? `took ${Math.round(memory / 1e6)} MB`
      : undefined;
  return { exitCode: child.exitCode, output, lines, complaint };
}
