import {
  chmodSync,
  mkdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { executable, type Folder, makeFolder } from "../harness.ts";
import { mutated, type Random } from "./random.ts";
import { complaintsOf, watch } from "./watch.ts";

const id = "01a20e8a-0000-7000-8000-000000000000";
const day = ".logs/2026/01/02";

/** Files of a workspace that a container or a clone can write, with what they may hold when all is well. */
export const files: Readonly<Record<string, string>> = {
  "workspace.poly":
    "name: test\nconfig: {container: {image: 'x:1', env: {TOKEN: {from_file: secret}}}}\nblocks: [{name: b, actions: [{name: a, script: echo}]}]\n",
  "blocks/x/block.poly": "name: x\nactions: [{name: a, playbook: a.yml}]\ninventory: {from: b}\n",
  "Dockerfile.poly": "FROM x:1\nCOPY a /a\n",
  ".dockerignore": "a/*b\n",
  "a/content": "content\n",
  secret: "a secret\n",
  id_rsa: "key\n",
  "id_rsa.pub": "key\n",
  known_hosts: "",
  ".snapshot.yml": "",
  "inventory.yml": "all: {}\n",
  "artifacts/blocks/b/inventory.yml": "all: {}\n",
  ".git/HEAD": "ref: refs/heads/main\n",
  ".git/refs/heads/main": `${"0".repeat(40)}\n`,
  ".git/packed-refs": `${"0".repeat(40)} refs/heads/other\n`,
  ".git/config": "[core]\n",
  ".git/index": "DIRC\0\0\0\u0002\0\0\0\0",
  ".polycrate/.gitignore": "*\n",
  [`.polycrate/run/${id}/owner`]: "host/999999/boot-1",
  [`.polycrate/run/${id}/status`]: "started\n7 1\n",
  ".polycrate/locks/build-0": "host/999999/boot-1",
  ".polycrate/cache/built.json": '{"a/content":"0","a":"0"}',
  ".polycrate/cache/bases.json": '{"x:1":{"copies":false,"variables":["A"]}}',
  ".polycrate/cache/users/0": "passwd:root:x:0:0::/root:/bin/sh\n",
  [`${day}/${id}.yml`]: `id: ${id}\nstatus: running\nhost: host\npid: 999999\npid_start: boot-1\nblock: b\naction: a\nartifacts: [{path: a, size: 1, change: new}]\n`,
  [`${day}/${id}.log`]: "output\n",
};

/** Commands that read or remove what others can write. */
export const commands: readonly [readonly string[], ...(readonly string[])[]] = [
  ["list"],
  ["list", "--output=json"],
  ["inspect", "b"],
  ["inspect", "--transaction", id],
  ["snapshot", "b", "a"],
  ["validate"],
  ["history"],
  ["history", "--output=json"],
  ["logs", id],
  ["run", "b", "a"],
  ["run", "b", "a", "--dry-run"],
  ["build"],
  ["build", "--dry-run"],
  ["ps"],
  ["prune"],
  ["prune", "--logs", "1d"],
  ["doctor"],
  ["ps", "--output=json"],
  ["stop", "--all"],
  ["logs", "--", "../../../secret"],
  ["inspect", "--transaction", "01a20e8a"],
  ["inspect", "--transaction", "\u001b[31m"],
  ["complete", "--", "polycrate", "run", ""],
];

/** Puts something in the place of a file, or of a folder above it, that nothing should stumble over. */
function spoil(folder: Folder, outside: Folder, random: Random): string {
  const names = Object.keys(files);
  const file = names[random.below(names.length)] ?? "workspace.poly";
  const parts = file.split("/");
  const path = join(folder.path, ...parts.slice(0, 1 + random.below(parts.length)));
  const [name, make] = random.pick(nasty);
  const what = `${name} at ${path.slice(folder.path.length + 1)}`;
  // What was spoilt before may be in the way, and a link there leads out.
  if (realPath(dirname(path)) !== dirname(path)) return `no ${what}`;
  rmSync(path, { recursive: true, force: true });
  make(path, { content: files[file] ?? "", random, outside: outside.path });
  return what;
}

function realPath(path: string): string | undefined {
  try {
    return statSync(path).isDirectory() ? realpathSync(path) : undefined;
  } catch {
    return undefined;
  }
}

type Material = { readonly content: string; readonly random: Random; readonly outside: string };

type Make = (path: string, material: Material) => void;

const nasty: readonly [readonly [string, Make], ...(readonly [string, Make])[]] = [
  ["a pipe", (path) => void Bun.spawnSync(["mkfifo", path])],
  ["a folder", (path) => mkdirSync(join(path, "folder"), { recursive: true })],
  ["an endless link", (path) => symlinkSync("/dev/zero", path)],
  ["a dangling link", (path) => symlinkSync("/nowhere/at/all", path)],
  ["a link to itself", (path) => symlinkSync(path, path)],
  ["a link to a folder", (path, { outside }) => symlinkSync(outside, path)],
  ["a huge file", (path) => huge(path)],
  ["a changed file", (path, { content, random }) => writeFileSync(path, mutated(content, random))],
  [
    "random bytes",
    (path, { random }) =>
      writeFileSync(path, Buffer.from(Array.from({ length: 200 }, () => random.below(256)))),
  ],
  ["an empty file", (path) => writeFileSync(path, "")],
  [
    "a file that is forbidden",
    (path, { content }) => {
      writeFileSync(path, content);
      chmodSync(path, 0);
    },
  ],
  ["many lines", (path, { content }) => writeFileSync(path, content.repeat(8_000))],
];

/** More than Bun puts into one buffer. What goes into an image is read to its end, which takes its time: so it is smaller there. */
function huge(path: string): void {
  writeFileSync(path, "name: huge\n");
  truncateSync(path, /\/a(?:\/content)?$/.test(path) ? 700_000_000 : 3_000_000_000);
}

/** A `docker` that answers nothing, and whose containers do one thing to their status file and end. */
const docker = `#!/bin/sh
case $1 in
run) for status in .polycrate/run/*/status/status; do eval "$SPOIL"; done; exit $(($$ % 2)) ;;
build | ps) exit 0 ;;
image) exit 1 ;;
esac
`;

const ofStatus: readonly [string, ...string[]] = [
  ":",
  "echo started >$status; echo 1 1 >>$status",
  "rm $status",
  "rm $status; mkfifo $status",
  "rm $status; mkdir $status",
  "ln -sf /dev/zero $status",
  "truncate -s 3G $status",
  "head -c 1000 /dev/urandom >$status",
  "echo started >$status; for i in $(seq 9000); do echo 1 9 >>$status; done",
  "folder=$(dirname $status); mv $folder $folder.away; ln -s /etc $folder",
];

/** Spoils a few files of a workspace, runs a random command in it, and returns what is wrong with that, if anything is. */
export async function runSpoilt(random: Random): Promise<string | undefined> {
  using bin = makeFolder({ docker });
  chmodSync(join(bin.path, "docker"), 0o755);
  using outside = makeFolder({
    [`${id}/owner`]: "host/999999/boot-1",
    [`${id}.yml`]: "status: running\n",
    x: "",
  });
  using folder = makeFolder(files);
  const before = contentOf(outside);
  const spoilt = Array.from({ length: 1 + random.below(3) }, () => spoil(folder, outside, random));
  const command = random.pick(commands);
  const ofContainer = random.pick(ofStatus);
  const watched = await watch([executable, ...command], {
    cwd: folder.path,
    env: {
      ...process.env,
      PATH: `${bin.path}:${process.env.PATH}`,
      CI: undefined,
      XDG_RUNTIME_DIR: undefined,
      SPOIL: ofContainer,
    },
  });
  const wrong = [
    ...complaintsOf(watched, command),
    ...(contentOf(outside) === before ? [] : ["changed what is outside of the workspace"]),
  ];
  return wrong.length === 0
    ? undefined
    : `${command.join(" ")} with ${[...spoilt, ofContainer].join(", ")}: ${wrong.join(", ")}`;
}

/** Returns all that is in a folder, to see whether it changed. */
export function contentOf(folder: Folder): string {
  return folder
    .glob("**/*")
    .map((path) => `${path}\0${folder.read(path)}`)
    .join("\0");
}
