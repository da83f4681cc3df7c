import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { type Subject, sampleOf } from "./measure.ts";

/** The docker calls of a command, recorded by a `docker` that precedes the real one on PATH. */
export type DockerCalls = {
  readonly count: number;
  /** How many calls had ended before the container was started; others may run in parallel. */
  readonly before: number;
  /** The size of the build context that was sent, when there was one. */
  readonly contextBytes: number | undefined;
  /** The command that started the container, and how to put the folder back that it mounts. */
  readonly run:
    | { readonly argv: readonly string[]; readonly putBack: () => void; readonly putAway: () => void }
    | undefined;
};

/** Runs the subject once, and returns its docker calls. `folder` is a new folder for the recordings. */
export async function dockerCallsOf(subject: Subject, folder: string): Promise<DockerCalls> {
  mkdirSync(folder, { recursive: true });
  const docker = Bun.which("docker");
  if (docker === null) throw new Error("docker was not found on PATH");
  writeFileSync(join(folder, "docker"), watcher);
  chmodSync(join(folder, "docker"), 0o755);
  await sampleOf({
    ...subject,
    environment: {
      ...subject.environment,
      PATH: `${folder}:${process.env.PATH}`,
      BENCH_NOTES: folder,
      BENCH_DOCKER: docker,
      BENCH_RUN: join(subject.directory, ".polycrate/run"),
      XDG_RUNTIME_DIR: "",
    },
  });
  const read = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "";
  const calls = read("calls").split("\n");
  const words = read("argv").split("\0").slice(0, -1);
  return {
    count: calls.filter((call) => call.startsWith("start ")).length,
    before: calls.slice(0, calls.indexOf("start run")).filter((call) => call.startsWith("end ")).length,
    contextBytes: statSync(join(folder, "context"), { throwIfNoEntry: false })?.size,
    run:
      words.length === 0
        ? undefined
        : { argv: [docker, ...words], ...runFolder(subject.directory, join(folder, "run")) },
  };
}

/** Records when a call starts and ends, and keeps copies of the build context and the run's folder, which are removed. */
const watcher = `#!/bin/sh
printf 'start %s\\n' "$1" >>"$BENCH_NOTES/calls"
case $1 in
build)
  cat >"$BENCH_NOTES/context"
  "$BENCH_DOCKER" "$@" <"$BENCH_NOTES/context"
  ;;
run)
  printf '%s\\0' "$@" >"$BENCH_NOTES/argv"
  cp -Rp "$BENCH_RUN" "$BENCH_NOTES/run"
  exec "$BENCH_DOCKER" "$@"
  ;;
*)
  "$BENCH_DOCKER" "$@"
  ;;
esac
status=$?
printf 'end %s\\n' "$1" >>"$BENCH_NOTES/calls"
exit $status
`;

/** Restores the run's folder as it was, and removes it in between, so that polycrate never sees the folder of an ended run. */
function runFolder(workspace: string, kept: string) {
  const [name = ""] = [...new Bun.Glob("*").scanSync({ cwd: kept, onlyFiles: false })].map((path) =>
    basename(path),
  );
  const place = join(workspace, ".polycrate/run", name);
  return {
    putBack: () => {
      mkdirSync(join(workspace, ".polycrate/run"), { recursive: true });
      rmSync(place, { recursive: true, force: true });
      cpSync(join(kept, name), place, { recursive: true });
    },
    putAway: () => rmSync(place, { recursive: true, force: true }),
  };
}
