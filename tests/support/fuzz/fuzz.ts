import { join } from "node:path";
import { runHostile } from "./container.ts";
import { runSpoilt } from "./files.ts";
import { randomOf } from "./random.ts";
import { watch } from "./watch.ts";

/** What a round of fuzzing did, and what it found. */
export type FuzzReport = {
  readonly commands: number;
  readonly inputs: number;
  readonly complaints: readonly string[];
};

/** Fuzzes files and parsers side by side for that long; the seed repeats a round, as far as the machine is as fast. */
export async function fuzz(seconds: number, seed: number): Promise<FuzzReport> {
  const until = Date.now() + seconds * 1000;
  const [parsers, files] = await Promise.all([fuzzParsers(seconds, seed), fuzzFiles(until, seed)]);
  return { ...files, inputs: parsers.inputs, complaints: [...files.complaints, ...parsers.complaints] };
}

async function fuzzFiles(until: number, seed: number) {
  const random = randomOf(seed);
  const complaints: string[] = [];
  let commands = 0;
  for (; Date.now() < until; commands += 1) {
    const complaint = await (random.below(3) === 0 ? runHostile(random) : runSpoilt(random));
    if (complaint !== undefined) complaints.push(complaint);
  }
  return { commands, complaints };
}

async function fuzzParsers(seconds: number, seed: number) {
  const program = join(import.meta.dir, "parsers.ts");
  const { exitCode, output, lines, complaint } = await watch(
    ["bun", program, String(seed), String(seconds)],
    { cwd: import.meta.dir },
  );
  const wrong = complaint ?? (exitCode === 0 ? undefined : `ended with ${exitCode}`);
  const last = output.slice(output.trimEnd().lastIndexOf("\n", output.length - 2) + 1);
  return { inputs: lines, complaints: wrong === undefined ? [] : [`a parser ${wrong}: ${last}`] };
}
