import { join } from "node:path";
import { dockerCallsOf } from "./dockerCalls.ts";
import { type Subject, sampleOf } from "./measure.ts";
import { type Bench, processorTime, rowOf, type SectionPlan, time } from "./section.ts";
import { makeWorkspace, plainWorkspace } from "./workspaces.ts";

/** Measures a run in a container that is kept, against the `docker run` of a new container, and the bare `docker exec`. */
export async function planWarm(bench: Bench): Promise<SectionPlan> {
  const directory = makeWorkspace(join(bench.scratch, "warm"), plainWorkspace);
  const cold: Subject = {
    name: "run",
    argv: [bench.executable, "run", "bench", "nothing"],
    directory,
    environment: bench.environment,
  };
  await sampleOf(cold);
  const { run } = await dockerCallsOf(cold, join(bench.scratch, "notes of warm"));
  if (run === undefined) throw new Error("polycrate run did not call docker run");
  const docker: Subject = {
    name: "docker run",
    argv: run.argv,
    directory,
    before: run.putBack,
    after: run.putAway,
  };
  const warm = warmSubject(bench, directory);
  await sampleOf(warm);
  const exec: Subject = {
    name: "docker exec",
    argv: ["docker", "exec", warmContainer(directory), "true"],
    directory,
  };
  return {
    turns: [docker, warm, exec].map((subject) => ({ subject, rounds: bench.rounds.many })),
    section: (samples) => ({
      title: "polycrate run in a warm container",
      rows: [
        rowOf(samples, docker, time),
        rowOf(samples, exec, time, { against: docker }),
        rowOf(samples, warm, time, { against: docker, aim: { of: "ratio", atMost: 0.36 } }),
        rowOf(samples, warm, processorTime, { name: "processor time of a warm run", against: exec }),
      ],
    }),
  };
}

/** A run of `bench nothing` in the container that the first one has left. */
export function warmSubject(bench: Bench, directory: string): Subject {
  return {
    name: "run --warm",
    argv: [bench.executable, "run", "bench", "nothing", "--warm=1h"],
    directory,
    environment: bench.environment,
  };
}

/** The id of the container that is kept for the workspace. */
function warmContainer(directory: string): string {
  const { stdout } = Bun.spawnSync([
    "docker",
    "ps",
    "--quiet",
    `--filter=label=polycrate.workspace=${directory}`,
  ]);
  const id = stdout.toString().trim();
  if (!/^[0-9a-f]+$/.test(id)) throw new Error(`there is not one warm container, but: ${id}`);
  return id;
}
