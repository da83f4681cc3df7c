import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dockerCallsOf } from "./dockerCalls.ts";
import { type Subject, sampleOf } from "./measure.ts";
import { type Bench, processorTime, rowOf, type SectionPlan, time } from "./section.ts";
import { makeWorkspace, plainWorkspace } from "./workspaces.ts";

/**
 * Measures what polycrate adds to a program in docker's place, which tells that the container has started, waits for 50 ms and
 * ends: without the noise of an engine.
 */
export async function planStandIn(bench: Bench): Promise<SectionPlan> {
  const directory = makeWorkspace(join(bench.scratch, "stand-in"), plainWorkspace);
  const argv = [bench.executable, "run", "bench", "nothing"];
  await sampleOf({ name: "", argv, directory, environment: bench.environment });
  const { run } = await dockerCallsOf(
    { name: "", argv, directory, environment: bench.environment },
    join(bench.scratch, "notes of stand-in"),
  );
  if (run === undefined) throw new Error("polycrate run did not call docker run");
  const folder = writeStandIn(join(bench.scratch, "stand-in bin"));
  const [, ...words] = run.argv;
  const alone: Subject = {
    name: "a program in docker's place",
    argv: [join(folder, "docker"), ...words],
    directory,
  };
  const ours: Subject = {
    name: "run",
    argv,
    directory,
    environment: { ...bench.environment, PATH: `${folder}:${process.env.PATH}` },
  };
  return {
    turns: [alone, ours].map((subject) => ({ subject, rounds: bench.rounds.many })),
    section: (samples) => ({
      title: "polycrate run with a program in docker's place that takes 50 ms",
      rows: [
        rowOf(samples, alone, time),
        rowOf(samples, ours, time, { against: alone, aim: { of: "difference", atMost: 20 } }),
        rowOf(samples, ours, processorTime, {
          name: "processor time of run",
          against: alone,
          aim: { of: "difference", atMost: 30 },
        }),
      ],
    }),
  };
}

/** Writes the program into the folder, which goes before all others on PATH. It writes when it was started to `BENCH_STARTED`. */
export function writeStandIn(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const program = join(folder, "docker");
  writeFileSync(program, standIn);
  chmodSync(program, 0o755);
  return folder;
}

const standIn = `#!/bin/sh
if [ "$1" = run ]; then
  [ -z "$BENCH_STARTED" ] || date +%s%N >"$BENCH_STARTED"
  for word; do
    case $word in
    --mount=type=bind,source=*,target=/run/polycrate-status)
      status=\${word#*source=}
      printf 'started\\nended 0\\n' 2>/dev/null 1<>"\${status%,target=*}/status" ;;
    esac
  done
  exec sleep 0.05
fi
[ "$1" != image ] || echo "sha256:$(printf '%064d' 0) []"
`;
