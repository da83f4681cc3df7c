import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dockerCallsOf } from "./dockerCalls.ts";
import { type Subject, sampleOf } from "./measure.ts";
import type { Row } from "./report.ts";
import { type Bench, counted, rowOf, type SectionPlan, time } from "./section.ts";
import { dockerfileWorkspace, image, makeWorkspace, plainWorkspace } from "./workspaces.ts";

/** Measures the check whether an image exists, by the number of files in its hash, and the size of what a build sends. */
export async function planContext(bench: Bench): Promise<SectionPlan> {
  const sizes: Awaited<ReturnType<typeof planOf>>[] = [];
  for (const count of [10, 1000, 10_000]) sizes.push(await planOf(bench, count));
  const sent = await contextOfLargeWorkspace(bench);
  const inspect: Subject = {
    name: "docker image inspect",
    argv: ["docker", "image", "inspect", image],
    directory: bench.scratch,
  };
  return {
    turns: [inspect, ...sizes.map(({ subject }) => subject)].map((subject) => ({
      subject,
      rounds: bench.rounds.many,
    })),
    section: (samples) => ({
      title: "polycrate build when the image is there, by the number of copied files",
      rows: [
        rowOf(samples, inspect, time),
        ...sizes.map(({ subject, count }) =>
          rowOf(samples, subject, time, {
            against: inspect,
            ...(count === 1000 ? { aim: { of: "difference", atMost: 100 } } : {}),
          }),
        ),
        ...sizes.slice(-1).map(({ calls }) => calls),
        sent,
      ],
    }),
  };
}

async function planOf(bench: Bench, count: number) {
  const directory = makeWorkspace(join(bench.scratch, `${count} files`), dockerfileWorkspace(count));
  const subject: Subject = {
    name: `${count.toLocaleString("en")} files`,
    argv: [bench.executable, "build"],
    directory,
    environment: bench.environment,
  };
  await sampleOf(subject);
  const { count: calls } = await dockerCallsOf(subject, join(bench.scratch, `notes of ${count} files`));
  return {
    count,
    subject,
    calls: counted("docker calls", calls, "calls", { of: "value", atMost: 1 }),
  };
}

/** The large file has no blocks on the disk. */
async function contextOfLargeWorkspace(bench: Bench): Promise<Row> {
  const directory = makeWorkspace(join(bench.scratch, "large"), {
    ...plainWorkspace,
    "Dockerfile.poly": `FROM ${image}\nCOPY small.txt /\n`,
    "small.txt": `a small file, ${bench.scratch}\n`,
  });
  writeFileSync(join(directory, "large.bin"), "");
  truncateSync(join(directory, "large.bin"), 2 * 1024 ** 3);
  const build: Subject = {
    name: "build",
    argv: [bench.executable, "build"],
    directory,
    environment: bench.environment,
  };
  const { contextBytes } = await dockerCallsOf(build, join(bench.scratch, "notes of large"));
  if (contextBytes === undefined) throw new Error("the build sent no context");
  return counted("context sent, one small file of a workspace of 2 GiB", contextBytes, "bytes", {
    of: "value",
    atMost: 10_240,
  });
}
