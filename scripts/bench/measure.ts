import { closeSync, readFileSync, rmSync } from "node:fs";

/** Something to measure: one process, started anew in each round. */
export type Subject = {
  readonly name: string;
  readonly argv: readonly string[];
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What a round needs before the clock starts, and after it has stopped. */
  readonly before?: () => void;
  readonly after?: () => void;
  /** Where standard output goes, if it is not discarded: a new descriptor for each process, which is closed afterwards. */
  readonly openOutput?: () => number;
  /** A file that the process it starts in the end writes its start to: nanoseconds since 1970. */
  readonly startedFile?: string;
  /** Samples the memory every millisecond. This slows the process down, so its time must not be used. */
  readonly watchMemory?: boolean;
};

/**
 * One process from start to end. The processor time includes that of the processes it waited for, the memory is the peak of
 * its own resident set, and 0 if it was not sampled; so is the time until the process was started that it starts in the end.
 */
export type Sample = {
  readonly milliseconds: number;
  readonly untilStarted: number;
  readonly cpu: number;
  readonly peakMiB: number;
};

/** A subject and how often it is measured. */
export type Turn = { readonly subject: Subject; readonly rounds: number };

/**
 * Measures the subjects of all groups in turns, so that other load on the machine affects all of them equally. Each round has
 * a different order, because the first after a heavy subject is slow; a group stays together, because its subjects are
 * compared. The first round warms the disk's cache and is thrown away.
 */
export async function measure(
  groups: readonly (readonly Turn[])[],
  say: (text: string) => void,
): Promise<ReadonlyMap<Subject, readonly Sample[]>> {
  const turns = groups.flat();
  const samples = new Map<Subject, Sample[]>(turns.map(({ subject }) => [subject, []]));
  const rounds = Math.max(...turns.map((turn) => turn.rounds));
  for (let round = 0; round <= rounds; round++) {
    say(round === 0 ? "warming up" : `round ${round} of ${rounds}`);
    for (const { subject, rounds } of shuffled(groups).flatMap(shuffled)) {
      if (round > rounds) continue;
      const sample = await sampleOf(subject);
      if (round > 0) samples.get(subject)?.push(sample);
    }
  }
  return samples;
}

function shuffled<Item>(items: readonly Item[]): readonly Item[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}

/** Runs the subject once. Throws when it fails, because a failure would be measured as fast. */
export async function sampleOf(subject: Subject): Promise<Sample> {
  subject.before?.();
  const output = subject.openOutput?.();
  if (subject.startedFile !== undefined) rmSync(subject.startedFile, { force: true });
  const start = Bun.nanoseconds();
  const startOfEpoch = performance.timeOrigin + performance.now();
  const child = Bun.spawn([...subject.argv], {
    cwd: subject.directory,
    env: { ...process.env, CI: undefined, POLYCRATE_WORKSPACE: undefined, ...subject.environment },
    stdin: "ignore",
    stdout: output ?? "ignore",
    stderr: "pipe",
  });
  if (output !== undefined) closeSync(output);
  const stderrText = new Response(child.stderr).text();
  const peakMiB = subject.watchMemory === true ? await peakOf(child) : 0;
  const exitCode = await child.exited;
  const milliseconds = (Bun.nanoseconds() - start) / 1e6;
  subject.after?.();
  if (exitCode !== 0) throw new Error(`${subject.name} ended with ${exitCode}:\n${await stderrText}`);
  const usage = child.resourceUsage();
  if (usage === undefined) throw new Error(`${subject.name} left no resource usage`);
  const untilStarted = subject.startedFile === undefined ? 0 : startIn(subject.startedFile) - startOfEpoch;
  return { milliseconds, untilStarted, cpu: Number(usage.cpuTime.total) / 1000, peakMiB };
}

/** Milliseconds since 1970. */
function startIn(file: string): number {
  const nanoseconds = Number(readFileSync(file, "utf8"));
  if (!(nanoseconds > 0)) throw new Error(`${file} is not a time`);
  return nanoseconds / 1e6;
}

/** The kernel's own peak; that in the resource usage counts the memory of the process that started it. */
async function peakOf(child: Bun.Subprocess): Promise<number> {
  let last = 0;
  while (child.exitCode === null && child.signalCode === null) {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(statusOf(child.pid)) ?? [];
    if (kilobytes !== undefined) last = Number(kilobytes) / 1024;
    await Bun.sleep(1);
  }
  return last;
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}

/** The median of some numbers, and their interquartile range. */
export type Spread = { readonly median: number; readonly low: number; readonly high: number };

/** Returns the spread of the numbers, of which there is at least one. */
export function spreadOf(numbers: readonly number[]): Spread {
  const sorted = [...numbers].sort((one, other) => one - other);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}

function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const [below = Number.NaN, above = below] = sorted.slice(Math.floor(place), Math.floor(place) + 2);
  return below + (above - below) * (place % 1);
}
