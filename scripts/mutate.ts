/**
 * Repeatedly changes a line of the sources and runs tests: a mutation that survives is in a line that no test checks. Tests
 * run on copies of the project, without a container engine. Exits with 0 when enough mutations are killed.
 *
 *   bun run mutate [--count 60] [--seed 1] [--tests tests/unit]… [--at-least 85] [--jobs N] [FOLDER or FILE below src]…
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  chooseMutations,
  type Mutation,
  mutatedText,
  mutationsOf,
  type Sources,
} from "./mutate/mutations.ts";
import { makeSandboxes, type Sandbox } from "./mutate/sandboxes.ts";

const { values, positionals } = parseArgs({
  options: {
    count: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    tests: { type: "string", multiple: true, default: ["tests/unit"] },
    "at-least": { type: "string", default: "85" },
    jobs: { type: "string", default: `${availableParallelism()}` },
  },
  allowPositionals: true,
});
const project = resolve(import.meta.dir, "..");
const sources = readSources();
const chosen = chooseMutations(await mutationsOf(sources), Number(values.count), Number(values.seed));
if (chosen.length === 0) {
  process.stderr.write(
    "error: no line to mutate in these files\nhint: pass folders or files below src, and a --count\n",
  );
  process.exit(64);
}
const root = mkdtempSync(join(tmpdir(), "polycrate-mutate-"));
const stop = new AbortController();
process.once("exit", () => {
  stop.abort();
  rmSync(root, { recursive: true, force: true, maxRetries: 20 });
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));
const jobs = Math.max(1, Math.min(Number(values.jobs) || 1, chosen.length));
process.exitCode = await mutate(makeSandboxes(project, root, jobs, stop.signal));

function readSources(): Sources {
  const usual = ["plan", "engine", "run", "transactions", "host"];
  const present = usual.filter((folder) => existsSync(join(project, "src", folder)));
  const files = (positionals.length > 0 ? positionals : present).flatMap((place) =>
    place.endsWith(".ts")
      ? [place]
      : [...new Bun.Glob(`${place}/**/*.ts`).scanSync(join(project, "src"))].sort(),
  );
  return Object.fromEntries(
    files.map((file) => [join("src", file), readFileSync(join(project, "src", file), "utf8")]),
  );
}

async function mutate(sandboxes: readonly Sandbox[]): Promise<number> {
  const start = performance.now();
  for (const sandbox of sandboxes.slice(0, 1)) {
    if ((await sandbox.test(values.tests, 600_000)) === "passed") continue;
    process.stderr.write(`${readFileSync(sandbox.log, "utf8")}\nerror: tests fail without a mutation\n`);
    return 1;
  }
  const clean = performance.now() - start;
  process.stdout.write(`without a mutation tests pass in ${seconds(clean)}\n`);
  const survivors: Mutation[] = [];
  const queue = chosen.values();
  const work = async (sandbox: Sandbox) => {
    for (const mutation of queue) {
      const verdict = await verdictOn(mutation, sandbox, 3 * clean + 10_000);
      const word = { failed: "killed", passed: "survived", timeout: "timeout" }[verdict];
      process.stdout.write(`${word.padEnd(8)} ${described(mutation)}\n`);
      if (verdict === "passed") survivors.push(mutation);
    }
  };
  await Promise.all(sandboxes.map(work));
  return report(survivors, performance.now() - start - clean);
}

/** The file's own tests run first: they kill most mutations in a fraction of the time of all tests. */
async function verdictOn({ file, ...rest }: Mutation, { tree, test }: Sandbox, limit: number) {
  const text = sources[file] ?? "";
  const own = values.tests.map((tests) => join(tests, file.replace(/^src\/(.*)\.ts$/, "$1.test.ts")));
  const present = own.filter((path) => existsSync(join(project, path)));
  writeFileSync(join(tree, file), mutatedText(text, { file, ...rest }));
  const verdict = present.length === 0 ? "passed" : await test(present, limit);
  const last = verdict === "passed" ? await test(values.tests, limit) : verdict;
  writeFileSync(join(tree, file), text);
  return last;
}

function report(survivors: readonly Mutation[], milliseconds: number): number {
  for (const mutation of survivors.toSorted((one, other) => chosen.indexOf(one) - chosen.indexOf(other))) {
    const text = sources[mutation.file] ?? "";
    const [before, after] = [text, mutatedText(text, mutation)].map(
      (whole) => whole.split("\n")[mutation.line - 1],
    );
    process.stdout.write(`\n${described(mutation)}\n  - ${before?.trim()}\n  + ${after?.trim()}\n`);
  }
  const killed = chosen.length - survivors.length;
  const rate = (100 * killed) / chosen.length;
  const time = `${seconds(milliseconds)}, ${seconds(milliseconds / chosen.length)} a mutation`;
  process.stdout.write(`\n${killed} of ${chosen.length} killed (${rate.toFixed(1)} %) in ${time}\n`);
  return rate >= Number(values["at-least"]) ? 0 : 1;
}

function described({ file, line, kind, before, after }: Mutation): string {
  const cut = (text: string) => (text.length > 40 ? `${text.slice(0, 39)}…` : text);
  return `${file}:${line}  ${kind}: ${cut(before)} → ${cut(after)}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
