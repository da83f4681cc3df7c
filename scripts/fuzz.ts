/**
 * Feeds random input to everything that reads what others can write: files that a container or a clone controls, by the
 * compiled executable, and the parsers. Nothing may hang for 5 s, take more than 500 MB, or end with 70.
 *
 *   bun run fuzz [SECONDS] [SEED]
 */
import { fuzz } from "../tests/support/fuzz/fuzz.ts";

const [seconds = 60, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
const { commands, inputs, complaints } = await fuzz(seconds, seed);
for (const complaint of complaints) process.stdout.write(`${complaint}\n`);
process.stdout.write(
  `seed ${seed}: ${commands} commands, ${inputs} inputs for parsers, ${complaints.length} complaints\n`,
);
process.exitCode = complaints.length === 0 ? 0 : 1;
