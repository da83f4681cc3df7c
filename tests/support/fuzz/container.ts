import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { executable, makeFolder } from "../harness.ts";
import { commands, contentOf, files } from "./files.ts";
import type { Random } from "./random.ts";
import { complaintsOf, watch } from "./watch.ts";

/** What a container can write while it runs, below the workspace; a star stands for any name. */
const places: readonly [string, ...(readonly string[])] = [
  ".polycrate",
  ...["", "/status", "/status/status", "/files", "/files/entrypoint", "/owner", "/snapshot.yml"].map(
    (path) => `.polycrate/run/*${path}`,
  ),
  ...[".polycrate/run", ".polycrate/locks", ".polycrate/locks/*", ".polycrate/cache", ".logs", ".logs/*"],
  ...[".logs/*/*/*", ".logs/*/*/*/*.yml", ".logs/*/*/*/*.log", "artifacts", "artifacts/blocks"],
  ...["artifacts/blocks/b", "artifacts/blocks/b/new", "known_hosts", ".snapshot.yml", ".git", ".git/HEAD"],
  ...["workspace.poly", "id_rsa", "blocks", "a"],
];

/** Shell commands that put something in the place `$1`. */
const nasty = [
  'mkfifo "$1"',
  'mkdir -p "$1/folder/folder"',
  'ln -s /dev/zero "$1"',
  'ln -s /nowhere/at/all "$1"',
  'ln -s "$1" "$1"',
  'ln -s "$OUTSIDE" "$1"',
  'ln -s "$OUTSIDE/x" "$1"',
  'ln "$OUTSIDE/x" "$1"',
  'truncate -s 3000000000 "$1"',
  'echo started >"$1"',
  "printf 'started\\n7 1\\n7 99999999999999999999\\n7 -1\\n' >\"$1\"",
  'head -c 300 /dev/urandom >"$1"',
  'seq 100000 >"$1"',
  ': >"$1"; chmod 000 "$1"',
  'mkdir "$1"; (cd "$1" && seq 500 | xargs touch)',
  'mkdir "$1"; (cd "$1"; for i in $(seq 80); do mkdir d; cd d; done)',
  'mkdir "$1"; touch "$1/$(printf \'\\377\\033]0;owned\\a\')"',
  ":",
] as const;

/**
 * A `docker` whose containers run the file `$ATTACK` in the workspace, as an action could that sees all of it. Its engine
 * knows what `$CONTAINERS` says.
 */
const docker = `#!/bin/sh
case $1 in
ps) cat "$CONTAINERS" ;;
image | container) exit 1 ;;
run)
  for word; do
    case $word in
    --mount=*,target=/run/polycrate-status) status=\${word#*source=}; status=\${status%,target=*} ;;
    esac
  done
  [ -z "$status" ] || echo started 1<>"$status/status"
  . "$ATTACK"
  ;;
esac
`;

/** Puts something in the place of what is there, and that back afterwards unless it `stays`; follows no link out. */
const attackFunction = `
attack() {
  folder=$(cd "$(dirname "$1")" 2>/dev/null && pwd -P) || return 0
  [ "$folder" = "$(realpath -ms "$here/$(dirname "$1")")" ] || return 0
  mv "$1" "$1.aside" 2>/dev/null
  if [ -e "$1" ] || [ -L "$1" ]; then return 0; fi
  put "$1" 2>/dev/null
  [ "$2" = stays ] || { rm -rf "$1"; mv "$1.aside" "$1"; } 2>/dev/null
}
here=$(pwd -P)
`;

/** Runs an action whose container spoils files while it runs, then a random command; returns what is wrong, if anything is. */
export async function runHostile(random: Random): Promise<string | undefined> {
  using bin = makeFolder({ docker, attack: attackOf(random), containers: containersOf(random) });
  chmodSync(join(bin.path, "docker"), 0o755);
  using outside = makeFolder({ "owner/x": "host/999999/boot-1", x: "x\n" });
  using folder = makeFolder(files);
  chmodSync(join(folder.path, "id_rsa"), 0o600);
  const runtime = join(bin.path, "runtime");
  mkdirSync(runtime, { mode: 0o700 });
  const env = {
    ...process.env,
    PATH: `${bin.path}:${process.env.PATH}`,
    CI: undefined,
    ATTACK: join(bin.path, "attack"),
    CONTAINERS: join(bin.path, "containers"),
    OUTSIDE: outside.path,
    XDG_RUNTIME_DIR: random.below(3) === 0 ? runtime : undefined,
  };
  const before = contentOf(outside);
  const complaints: string[] = [];
  for (const command of [["run", "b", "a"], random.pick(commands), ["prune"]]) {
    const watched = await watch([executable, ...command], { cwd: folder.path, env });
    complaints.push(...complaintsOf(watched, command).map((one) => `${command.join(" ")}: ${one}`));
  }
  if (contentOf(outside) !== before) complaints.push("changed what is outside of the workspace");
  return complaints.length === 0 ? undefined : `${bin.read("attack")}\n${complaints.join(", ")}`;
}

function attackOf(random: Random): string {
  const steps = Array.from({ length: 1 + random.below(4) }, () => {
    const times = random.below(3) === 0 ? 1 + random.below(6) : 1;
    const what = `put() { ${random.pick(nasty)}; }`;
    const place = random.pick(places);
    const fate = random.below(2) === 0 || times > 1 ? "returns" : "stays";
    return `${what}\nfor round in $(seq ${times}); do for place in ${place}; do attack "$place" ${fate}; done; done`;
  });
  return [attackFunction, ...steps, `sleep 0.0${random.below(9)}`, `exit ${random.below(10)}`, ""].join("\n");
}

const odd = [
  "\u001b]0;owned\u0007",
  "\u202e",
  "",
  "host/1/",
  "host/0/boot-1",
  "a".repeat(3000),
  "é\n\t",
] as const;

/** Lines as `docker ps` is asked for them: names, states and times are docker's own, and labels anybody's. */
function containersOf(random: Random): string {
  const line = (index: number) => {
    const labels = Array.from({ length: 5 }, () => random.pick(odd));
    return JSON.stringify([`name-${index}`, "running", "2026-01-02 03:04:05 +0000 UTC", ...labels]);
  };
  return Array.from({ length: random.below(4) }, (_, index) => `${line(index)}\n`).join("");
}
