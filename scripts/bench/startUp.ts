import { join } from "node:path";
import { type Subject, sampleOf } from "./measure.ts";
import type { Aim } from "./report.ts";
import { type Bench, memory, rowOf, type SectionPlan, time } from "./section.ts";
import { makeWorkspace, plainWorkspace } from "./workspaces.ts";

const aims: Readonly<Record<string, Aim>> = {
  version: { of: "ratio", atMost: 2 },
  list: { of: "ratio", atMost: 4 },
  "run --dry-run": { of: "ratio", atMost: 4 },
};

/** Measures commands that do not start a container, in a small workspace, against a compiled program that prints one word. */
export async function planStartUp(bench: Bench): Promise<SectionPlan> {
  const directory = makeWorkspace(join(bench.scratch, "start-up"), plainWorkspace);
  const command = (name: string, ...words: readonly string[]): Subject => ({
    name,
    argv: [bench.executable, ...words],
    directory,
    environment: bench.environment,
  });
  const commands = [
    command("version", "version"),
    command("--help", "--help"),
    command("list", "list"),
    command("snapshot", "snapshot", "bench", "nothing"),
    command("run --dry-run", "run", "bench", "nothing", "--dry-run"),
    command("completion", "completion", "bash"),
  ];
  for (const subject of commands) await sampleOf(subject);
  const watched = [bench.hello, ...commands].map((subject): Subject => ({ ...subject, watchMemory: true }));
  const [helloWatched = bench.hello] = watched;
  return {
    turns: [
      ...[bench.hello, ...commands].map((subject) => ({ subject, rounds: bench.rounds.many })),
      ...watched.map((subject) => ({ subject, rounds: bench.rounds.few })),
    ],
    section: (samples) => ({
      title: "commands that start no container, in a small workspace",
      rows: [
        rowOf(samples, bench.hello, time),
        ...commands.map((subject) => {
          const aim = aims[subject.name];
          return rowOf(samples, subject, time, {
            against: bench.hello,
            ...(aim === undefined ? {} : { aim }),
          });
        }),
        ...watched.map((subject) =>
          rowOf(samples, subject, memory, { name: `peak memory of ${subject.name}`, against: helloWatched }),
        ),
      ],
    }),
  };
}
