import { execFileSync } from "node:child_process";
import { constants, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { dockerCallsOf } from "./dockerCalls.ts";
import { type Subject, sampleOf } from "./measure.ts";
import { type Bench, type Measure, memory, rowOf, type SectionPlan } from "./section.ts";
import { makeWorkspace, plainWorkspace } from "./workspaces.ts";

const throughput: Measure = { unit: "MiB/s", of: (sample) => 1024 / (sample.milliseconds / 1000) };

/**
 * Measures 1 GiB of output of an action into a pipe, including the container's start and end, against the same `docker run`.
 * `tee` shows what a log costs by itself.
 */
export async function planOutput(bench: Bench): Promise<SectionPlan> {
  const directory = makeWorkspace(join(bench.scratch, "output"), plainWorkspace);
  const openOutput = () => openReader(join(bench.scratch, "pipe"));
  const after = () => rmSync(join(directory, ".logs"), { recursive: true, force: true });
  const command = (action: string, name: string): Subject => ({
    name,
    argv: [bench.executable, "run", "bench", action],
    directory,
    environment: bench.environment,
    openOutput,
    after,
  });
  const nothing = command("nothing", "run without output");
  const pour = command("pour", "run");
  await sampleOf(nothing);
  const { run } = await dockerCallsOf(pour, join(bench.scratch, "notes of output"));
  if (run === undefined) throw new Error("polycrate run did not call docker run");
  const docker: Subject = {
    name: "docker run --log-driver=none",
    argv: run.argv,
    directory,
    openOutput,
    before: run.putBack,
    after: run.putAway,
  };
  const log = join(bench.scratch, "log");
  const tee: Subject = {
    ...docker,
    name: "docker run | tee FILE",
    argv: ["sh", "-c", '"$@" | tee "$0"', log, ...run.argv],
    after: () => {
      run.putAway();
      rmSync(log, { force: true });
    },
  };
  const watched = (subject: Subject): Subject => ({ ...subject, watchMemory: true });
  const memories = { hello: watched(bench.hello), nothing: watched(nothing), pour: watched(pour) };
  return {
    turns: [docker, tee, pour, ...Object.values(memories)].map((subject) => ({
      subject,
      rounds: bench.rounds.few,
    })),
    section: (samples) => ({
      title: "1 GiB of output into a pipe",
      rows: [
        rowOf(samples, docker, throughput),
        rowOf(samples, tee, throughput, { against: docker }),
        rowOf(samples, pour, throughput, { against: docker, aim: { of: "ratio", atLeast: 0.95 } }),
        rowOf(samples, memories.nothing, memory, {
          name: "peak memory of a run without output",
          against: memories.hello,
          aim: { of: "difference", atMost: 60 },
        }),
        rowOf(samples, memories.pour, memory, {
          name: "peak memory of a run with 1 GiB",
          against: memories.nothing,
          aim: { of: "difference", atMost: 40 },
        }),
      ],
    }),
  };
}

/** Starts a `cat` that reads until the last writer is gone, and returns the end to write to. */
function openReader(pipe: string): number {
  rmSync(pipe, { force: true });
  execFileSync("mkfifo", [pipe]);
  const writer = openSync(pipe, constants.O_RDWR);
  Bun.spawn(["cat", pipe], { stdin: "ignore", stdout: Bun.file("/dev/null"), stderr: "ignore" });
  return writer;
}
