/** Measures polycrate and plain docker in one run, on the docker engine that bench.sh has prepared. */

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { version } from "../src/version.ts";
import { planBlocks } from "./bench/blocks.ts";
import { planContext } from "./bench/context.ts";
import { measure, type Subject } from "./bench/measure.ts";
import { planOutput } from "./bench/output.ts";
import { planOverhead } from "./bench/overhead.ts";
import { planPeers } from "./bench/peers.ts";
import { reportText } from "./bench/report.ts";
import type { Bench, SectionPlan } from "./bench/section.ts";
import { planSizes } from "./bench/sizes.ts";
import { planStandIn } from "./bench/standIn.ts";
import { planStartUp } from "./bench/startUp.ts";
import { planWarm } from "./bench/warm.ts";
import { compile } from "./compile.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    peers: { type: "boolean", default: false },
    only: { type: "string" },
    json: { type: "string" },
  },
});

const parts: Readonly<Record<string, (bench: Bench) => Promise<SectionPlan>>> = {
  overhead: planOverhead,
  "stand-in": planStandIn,
  startup: planStartUp,
  warm: planWarm,
  blocks: planBlocks,
  context: planContext,
  output: planOutput,
  sizes: planSizes,
  ...(values.peers ? { peers: planPeers } : {}),
};

// bench.sh makes this folder, and removes it with the images and containers of the workspaces in it.
const scratch = process.env.BENCH_SCRATCH ?? "";
if (scratch === "") throw new Error("run `bun run bench`, which is `sh scripts/bench.sh`");
await report();

async function report(): Promise<void> {
  const bench = await prepare();
  const plans: SectionPlan[] = [];
  for (const [name, plan] of Object.entries(parts)) {
    if (values.only !== undefined && values.only !== name) continue;
    say(`preparing ${name}`);
    plans.push(await plan(bench));
  }
  const samples = await measure(
    plans.map((plan) => plan.turns),
    say,
  );
  const sections = plans.map((plan) => plan.section((subject) => samples.get(subject) ?? []));
  const machine = {
    polycrate: version,
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? "unknown",
    cpus: cpus().length,
    load: loadavg()[0] ?? 0,
    docker: dockerVersions(),
  };
  process.stdout.write(
    `${Object.entries(machine)
      .map(([key, value]) => `${key} ${value}`)
      .join(", ")}\n`,
  );
  process.stdout.write(`medians, with the interquartile range in brackets\n\n${reportText(sections)}`);
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ machine, sections }, null, 2)}\n`);
}

async function prepare(): Promise<Bench> {
  const executable = process.env.POLYCRATE_TEST_EXECUTABLE ?? join(scratch, "bin/polycrate");
  if (process.env.POLYCRATE_TEST_EXECUTABLE === undefined) await compile(executable);
  const hello: Subject = {
    name: "a compiled hello world",
    argv: [join(scratch, "bin/hello")],
    directory: scratch,
  };
  execFileSync("bun", [
    "build",
    "--compile",
    `--outfile=${join(scratch, "bin/hello")}`,
    "scripts/bench/hello.ts",
  ]);
  mkdirSync(join(scratch, "cache"));
  return {
    executable,
    hello,
    scratch,
    environment: { XDG_CACHE_HOME: join(scratch, "cache") },
    rounds: values.quick ? { many: 5, few: 2 } : { many: 21, few: 5 },
  };
}

function dockerVersions(): string {
  const format = "client {{.Client.Version}} engine {{.Server.Version}}";
  const { stdout } = Bun.spawnSync(["docker", "version", "--format", format]);
  return stdout.toString().trim();
}

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}
