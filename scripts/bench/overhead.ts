import { join } from "node:path";
import { dockerCallsOf } from "./dockerCalls.ts";
import { type Subject, sampleOf } from "./measure.ts";
import type { Row } from "./report.ts";
import { type Bench, counted, processorTime, rowOf, type SectionPlan, time } from "./section.ts";
import { dockerfileWorkspace, makeWorkspace, plainWorkspace } from "./workspaces.ts";

/** Measures what polycrate adds to the `docker run` that it executes, without a Dockerfile and with one whose image exists. */
export async function planOverhead(bench: Bench): Promise<SectionPlan> {
  const plain = await planOf(bench, "without a Dockerfile", plainWorkspace, { milliseconds: 20, calls: 0 });
  const built = await planOf(bench, "with a Dockerfile", dockerfileWorkspace(3), {
    milliseconds: 30,
    calls: 1,
  });
  return {
    turns: [...plain.turns, ...built.turns],
    section: (samples) => ({
      title: "polycrate run of an action that does nothing",
      rows: [plain, built].flatMap(({ ours, docker, aim, calls }) => [
        rowOf(samples, docker, time),
        rowOf(samples, ours, time, { against: docker, aim: { of: "difference", atMost: aim } }),
        rowOf(samples, ours, processorTime, { name: `processor time of ${ours.name}`, against: docker }),
        ...calls,
      ]),
    }),
  };
}

type Aims = { readonly milliseconds: number; readonly calls: number };

async function planOf(bench: Bench, what: string, files: Readonly<Record<string, string>>, aims: Aims) {
  const directory = makeWorkspace(join(bench.scratch, `overhead ${what}`), files);
  const argv = [bench.executable, "run", "bench", "nothing"];
  const ours: Subject = { name: `run, ${what}`, argv, directory, environment: bench.environment };
  await sampleOf(ours); // builds the image and fills the cache
  const { count, before, run } = await dockerCallsOf(ours, join(bench.scratch, `notes of overhead ${what}`));
  if (run === undefined) throw new Error("polycrate run did not call docker run");
  const docker: Subject = {
    name: `docker run, ${what}`,
    argv: run.argv,
    directory,
    before: run.putBack,
    after: run.putAway,
  };
  const calls: readonly Row[] = [
    counted(`docker calls that it waits for, ${what}`, before, "calls", {
      of: "value",
      atMost: aims.calls,
    }),
    counted(`docker calls in all, ${what}`, count, "calls"),
  ];
  const turns = [docker, ours].map((subject) => ({ subject, rounds: bench.rounds.many }));
  return { ours, docker, turns, calls, aim: aims.milliseconds };
}
