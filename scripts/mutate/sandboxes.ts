import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";

/** A copy of the project, in which files can be changed and tests run. */
export type Sandbox = {
  readonly tree: string;
  /** The file with what the last run printed. */
  readonly log: string;
  /** Runs tests (paths for `bun test`) in the copy, and kills them after the limit, in milliseconds. */
  readonly test: (tests: readonly string[], limit: number) => Promise<"passed" | "failed" | "timeout">;
};

/**
 * Copies the project `count` times into the folder `root`. Tests there find every program on PATH except container engines;
 * `stop` ends them.
 */
export function makeSandboxes(
  project: string,
  root: string,
  count: number,
  stop: AbortSignal,
): readonly Sandbox[] {
  // Some tests run programs as other users, which must be able to enter.
  chmodSync(root, 0o755);
  linkPrograms(join(root, "bin"));
  return Array.from({ length: count }, (_, number) => {
    const folder = join(root, String(number));
    const [tree, log] = [join(folder, "tree"), join(folder, "log")];
    cpSync(project, tree, { recursive: true, filter: (path) => !uncopied.includes(basename(path)) });
    symlinkSync(join(project, "node_modules"), join(tree, "node_modules"));
    writeFileSync(join(tree, "repeat.ts"), repeat);
    const [PATH, HOME, TMPDIR] = [join(root, "bin"), join(folder, "home"), join(folder, "tmp")];
    const test: Sandbox["test"] = async (tests, limit) => {
      for (const made of [HOME, TMPDIR]) {
        rmSync(made, { recursive: true, force: true, maxRetries: 20 });
        mkdirSync(made);
      }
      const output = openSync(log, "w");
      const child = Bun.spawn([...isolation, process.execPath, ...bunTest, ...tests], {
        ...{ cwd: tree, env: { PATH, HOME, TMPDIR, LANG: "C.UTF-8" }, stdout: output, stderr: output },
        ...{ timeout: Math.ceil(limit), killSignal: "SIGKILL", signal: stop },
      });
      closeSync(output);
      const exitCode = await child.exited;
      return child.signalCode === "SIGKILL" ? "timeout" : exitCode === 0 ? "passed" : "failed";
    };
    return { tree, log, test };
  });
}

const uncopied = ["node_modules", "dist", ".git", ".cache"];
const bunTest = ["test", "--bail", "--timeout=10000", "--preload=./repeat.ts"];

/** Properties use the same examples each time, so that results are reproducible. */
const repeat = 'import fc from "fast-check";\nfc.configureGlobal({ seed: 1 });\n';

function linkPrograms(bin: string): void {
  const folders = (process.env.PATH ?? "").split(":").filter((folder) => existsSync(folder));
  const paths = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  // If two programs have the same name, the first on PATH is used.
  const programs = new Map(paths.toReversed().map((path) => [basename(path), path]));
  mkdirSync(bin);
  for (const [name, path] of programs.set("bun", process.execPath))
    if (!/docker|podman|nerdctl|buildah|containerd/.test(name)) symlinkSync(path, join(bin, name));
}

/**
 * A mutant may signal processes that it did not start, leave processes behind, and fill the memory. If the system allows it
 * (`unshare` of util-linux), it sees only its own processes, they end with it, and it is killed first when memory runs out.
 */
const namespace = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];
const canIsolate = Bun.which("unshare") !== null && Bun.spawnSync([...namespace, "true"]).success;
const firstToGo = 'echo 1000 >/proc/self/oom_score_adj; "$@"; exit "$?"';
const isolation = canIsolate ? [...namespace, "sh", "-c", firstToGo, "sh"] : [];
