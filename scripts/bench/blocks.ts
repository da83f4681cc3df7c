import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../compile.ts";
import { type Subject, sampleOf } from "./measure.ts";
import { type Bench, rowOf, type SectionPlan, time } from "./section.ts";
import { blocksWorkspace, makeWorkspace } from "./workspaces.ts";

/** Measures loading and the snapshot of one action by the number of blocks, of 20 actions each and in chains of five. */
export async function planBlocks(bench: Bench): Promise<SectionPlan> {
  const bare = join(bench.scratch, "bare-parse");
  await compile(bare, { entrypoint: "scripts/bench/bareParse.ts" });
  const sizes: Awaited<ReturnType<typeof planOf>>[] = [];
  for (const count of [10, 100, 1000, 5000]) sizes.push(await planOf(bench, bare, count));
  const [, , thousand, largest] = sizes;
  if (thousand === undefined || largest === undefined) throw new Error("there are four sizes");
  return {
    turns: sizes.flatMap(({ warm, cold, parse, rounds }) => [
      { subject: warm, rounds },
      ...[cold, parse].map((subject) => ({ subject, rounds: bench.rounds.few })),
    ]),
    section: (samples) => ({
      title: "polycrate snapshot of one action, by the number of blocks",
      rows: [
        ...sizes.flatMap(({ warm, cold, parse, count }) => [
          rowOf(samples, warm, time, count === 1000 ? { aim: { of: "value", atMost: 300 } } : {}),
          rowOf(samples, cold, time, {
            against: parse,
            ...(count === 1000 ? { aim: { of: "ratio", atMost: 1.5 } } : {}),
          }),
        ]),
        rowOf(samples, largest.warm, time, {
          name: "how it grows: five times the blocks",
          against: thousand.warm,
          aim: { of: "ratio", atMost: 6 },
        }),
      ],
    }),
  };
}

async function planOf(bench: Bench, bare: string, count: number) {
  const directory = makeWorkspace(join(bench.scratch, `${count} blocks`), blocksWorkspace(count));
  const snapshot = [bench.executable, "snapshot", "block-4", "action-1"];
  const emptied = join(bench.scratch, `empty cache ${count}`);
  const named = count.toLocaleString("en");
  const warm: Subject = {
    name: `${named} blocks, cache filled`,
    argv: snapshot,
    directory,
    environment: bench.environment,
  };
  const cold: Subject = {
    ...warm,
    name: `${named} blocks, cache empty`,
    environment: { XDG_CACHE_HOME: emptied },
    before: () => {
      rmSync(emptied, { recursive: true, force: true });
      mkdirSync(emptied);
    },
  };
  const parse: Subject = { name: "yaml's parse alone", argv: [bare, directory], directory };
  await sampleOf(warm);
  return { count, warm, cold, parse, rounds: count < 5000 ? bench.rounds.many : bench.rounds.few };
}
