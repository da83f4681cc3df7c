import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../compile.ts";
import { type Subject, sampleOf } from "./measure.ts";
import { type Bench, processorTime, rowOf, type SectionPlan, time, timeUntilStarted } from "./section.ts";
import { writeStandIn } from "./standIn.ts";
import { blocksWorkspace, blockText, makeWorkspace } from "./workspaces.ts";

/**
 * Measures a run until docker is started, by the number of blocks, of 20 actions each and in chains of five; with a program in
 * docker's place.
 */
export async function planBlocks(bench: Bench): Promise<SectionPlan> {
  const bare = join(bench.scratch, "bare-parse");
  await compile(bare, { entrypoint: "scripts/bench/bareParse.ts" });
  const sizes = [10, 100, 1000, 5000].map((count) => planOf(bench, count));
  await fillCaches(sizes.flatMap(({ warm, changed }) => [warm, changed]));
  const [, , thousand, largest] = sizes;
  if (thousand === undefined || largest === undefined) throw new Error("there are four sizes");
  const parse: Subject = {
    name: `yaml's parse of ${thousand.named} blocks`,
    argv: [bare, thousand.directory],
    directory: thousand.directory,
  };
  return {
    turns: [
      ...sizes.flatMap(({ warm, changed, cold, rounds }) => [
        { subject: warm, rounds },
        { subject: changed, rounds },
        { subject: cold, rounds: bench.rounds.few },
      ]),
      { subject: parse, rounds: bench.rounds.few },
    ],
    section: (samples) => ({
      title: "polycrate run until docker is started, by the number of blocks",
      rows: [
        ...sizes.flatMap((size) => [
          rowOf(samples, size.warm, timeUntilStarted, size === thousand ? aims.warm : {}),
          rowOf(samples, size.changed, timeUntilStarted, { against: size.warm }),
          rowOf(samples, size.cold, timeUntilStarted, size === thousand ? aims.cold : {}),
        ]),
        rowOf(samples, thousand.warm, processorTime, { name: `processor time of ${thousand.warm.name}` }),
        rowOf(samples, thousand.cold, processorTime, { name: `processor time of ${thousand.cold.name}` }),
        rowOf(samples, parse, time),
        ...(["warm", "cold"] as const).map((state) =>
          rowOf(samples, largest[state], timeUntilStarted, {
            name: `how it grows: ${largest[state].name}`,
            against: thousand[state],
            aim: { of: "ratio", atMost: 5.5 },
          }),
        ),
      ],
    }),
  };
}

const aims = {
  warm: { aim: { of: "value", atMost: 100 } },
  cold: { aim: { of: "value", atMost: 700 } },
} as const;

function planOf(bench: Bench, count: number) {
  const directory = makeWorkspace(join(bench.scratch, `${count} blocks`), blocksWorkspace(count));
  const emptied = join(bench.scratch, `empty cache ${count}`);
  const named = count.toLocaleString("en");
  const startedFile = join(bench.scratch, "started");
  const PATH = `${writeStandIn(join(bench.scratch, "bin of blocks"))}:${process.env.PATH}`;
  const environment = { ...bench.environment, PATH, BENCH_STARTED: startedFile };
  const warm: Subject = {
    name: `${named} blocks, cache filled`,
    argv: [bench.executable, "run", "block-4", "action-1"],
    directory,
    environment,
    startedFile,
  };
  const changing = makeWorkspace(join(bench.scratch, `${count} blocks changing`), blocksWorkspace(count));
  let edits = 0;
  const changed: Subject = {
    ...warm,
    name: `${named} blocks, one changed`,
    directory: changing,
    before: () => {
      edits++;
      const file = join(changing, "blocks/group-7/block-7/block.poly");
      writeFileSync(file, `${blockText(7).replace("replicas: 7", `replicas: ${edits}`)}`);
      // A snapshot is kept for each content.
      rmSync(join(changing, ".logs"), { recursive: true, force: true });
    },
  };
  const cold: Subject = {
    ...warm,
    name: `${named} blocks, cache empty`,
    environment: { ...environment, XDG_CACHE_HOME: emptied },
    before: () => {
      rmSync(emptied, { recursive: true, force: true });
      mkdirSync(emptied);
    },
  };
  return {
    named,
    directory,
    warm,
    changed,
    cold,
    rounds: count < 5000 ? bench.rounds.many : bench.rounds.few,
  };
}

/** The second run, some seconds after the files were written, trusts their times and keeps that. */
async function fillCaches(subjects: readonly Subject[]): Promise<void> {
  for (const subject of subjects) await sampleOf(subject);
  await Bun.sleep(2_100);
  for (const subject of subjects) await sampleOf(subject);
}
