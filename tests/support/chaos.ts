import { parse } from "yaml";
import { containersOf } from "./docker.ts";
import { busybox, call, executable, makeFolder } from "./harness.ts";

/**
 * Starts a run that builds an image and then runs, kills it with SIGKILL after that many milliseconds, and returns what is
 * wrong afterwards: nothing, if nothing was lost.
 */
export async function killAt(milliseconds: number): Promise<readonly string[]> {
  using folder = makeFolder({
    "workspace.poly": `name: chaos
blocks:
  - name: app
    actions:
      - {name: work, script: [echo working, sleep 0.3]}`,
    "Dockerfile.poly": `FROM ${busybox}\nCOPY content /content\nRUN sleep 0.1\n`,
    content: `${milliseconds} ${Math.random()}\n`,
  });
  const complaints: string[] = [];
  const expectThat = (is: boolean, complaint: string) => {
    if (!is) complaints.push(complaint);
  };
  try {
    const run = Bun.spawn([executable, "run", "app", "work"], {
      cwd: folder.path,
      stdio: ["ignore", "ignore", "ignore"],
    });
    await Bun.sleep(milliseconds);
    run.kill("SIGKILL");
    await run.exited;
    const hasFolder = folder.glob(".polycrate/run/*/owner").length > 0;
    const containers = await containersOf(folder);
    const next = await folder.run(["run", "app", "work"]);
    expectThat(next.exitCode === 0 && next.stdout === "working\n", `the next run failed: ${next.stderr}`);
    expectThat(
      next.stderr.includes("an earlier run was not cleaned up") === hasFolder,
      "the next run does not tell of the orphan",
    );
    const pruned = await folder.run(["prune"]);
    expectThat(pruned.exitCode === 0, `prune failed: ${pruned.stderr}`);
    expectThat(
      (await containersOf(folder)).length === 0,
      `containers are left (${containers.length} before)`,
    );
    expectThat(folder.glob(".polycrate/run/**").length === 0, "a run folder is left");
    expectThat(folder.glob(".polycrate/locks/*").length === 0, "a lock is left");
    expectThat(folder.glob(".logs/**/*.tmp").length === 0, "a half-written record is left");
    const records = folder.glob(".logs/[0-9]*/**/*.yml").map((file) => parse(folder.read(file)).status);
    const known = records.every((status) => ["lost", "succeeded"].includes(status));
    expectThat(known && records.at(-1) === "succeeded", `the records end as ${records.join(", ")}`);
  } finally {
    await removeImages(folder.path);
  }
  return complaints;
}

async function removeImages(workspace: string): Promise<void> {
  const filter = `--filter=label=polycrate.workspace=${workspace}`;
  const { stdout } = await call(["docker", "image", "ls", "--all", "--quiet", filter]);
  const ids = [...new Set(stdout.split("\n").filter((line) => line !== ""))];
  if (ids.length > 0) await call(["docker", "image", "rm", "--force", ...ids]);
}
