/**
 * Feeds random input to the code that reads untrusted data: files that a container or a clone controls, through the compiled
 * executable, and the parsers. Nothing must hang for 5 s, use more than 500 MB, or exit with 70.
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
