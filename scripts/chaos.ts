/**
 * Kills polycrate with SIGKILL at many points of a run, and checks each time that it recovers: the next run warns and
 * succeeds, `prune` leaves no container, run folder, lock or partial file, and every record is valid.
 *
 *   bun run chaos [POINTS]
 */
import { killAt } from "../tests/support/chaos.ts";

delete process.env.XDG_RUNTIME_DIR; // what is left is looked for in the workspace

const points = Number(process.argv[2] ?? 40);
const longest = 1600;
let failures = 0;
for (let point = 0; point < points; point += 1) {
  const milliseconds = Math.round((longest * point) / points);
  const complaints = await killAt(milliseconds);
  failures += complaints.length;
  process.stdout.write(
    `${String(milliseconds).padStart(5)} ms  ${complaints.length === 0 ? "ok" : complaints.join("; ")}\n`,
  );
}
process.stdout.write(`${points} kills, ${failures} complaints\n`);
process.exitCode = failures === 0 ? 0 : 1;
