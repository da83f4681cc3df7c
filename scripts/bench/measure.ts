/** Something to measure: one process, started anew in each round. */
export type Subject = {
  readonly name: string;
  readonly argv: readonly string[];
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What a round needs before the clock starts, and after it has stopped. */
  readonly before?: () => void;
  readonly after?: () => void;
  /** Where standard output goes, when it is not thrown away: a new descriptor for each process, which is closed afterwards. */
  readonly openOutput?: () => number;
};

/** One process from start to end; the memory is the peak of the resident set, of the process or a child it waited for. */
export type Sample = { readonly milliseconds: number; readonly cpu: number; readonly peakMiB: number };

/**
 * Measures the subjects in turns, so that what else the machine does falls on all of them alike. A round of a heavy subject is
 * left out when its number of rounds is reached.
 */
export async function measure(
  subjects: readonly { readonly subject: Subject; readonly rounds: number }[],
  say: (text: string) => void,
): Promise<ReadonlyMap<Subject, readonly Sample[]>> {
  const samples = new Map<Subject, Sample[]>(subjects.map(({ subject }) => [subject, []]));
  const rounds = Math.max(...subjects.map((one) => one.rounds));
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}`);
    for (const one of subjects) {
      if (round <= one.rounds) samples.get(one.subject)?.push(await sampleOf(one.subject));
    }
  }
  return samples;
}

/** Runs the subject once; throws when it fails, because a failure is fast. */
export async function sampleOf(subject: Subject): Promise<Sample> {
  subject.before?.();
  const output = subject.openOutput?.();
  const start = Bun.nanoseconds();
  const child = Bun.spawn([...subject.argv], {
    cwd: subject.directory,
    env: { ...process.env, CI: undefined, POLYCRATE_WORKSPACE: undefined, ...subject.environment },
    stdin: "ignore",
    stdout: output ?? "ignore",
    stderr: "pipe",
  });
  const [exitCode, stderr] = await Promise.all([child.exited, new Response(child.stderr).text()]);
  const milliseconds = (Bun.nanoseconds() - start) / 1e6;
  subject.after?.();
  if (exitCode !== 0) throw new Error(`${subject.name} ended with ${exitCode}:\n${stderr}`);
  const usage = child.resourceUsage();
  if (usage === undefined) throw new Error(`${subject.name} left no resource usage`);
  return {
    milliseconds,
    cpu: Number(usage.cpuTime.total) / 1000,
    peakMiB: usage.maxRSS / 1024 / 1024,
  };
}

/** The middle of some numbers, and the range that holds the middle half of them. */
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
