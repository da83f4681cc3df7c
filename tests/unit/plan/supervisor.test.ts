import { expect, test } from "bun:test";
import { isSupervised, supervisorLines } from "../../../src/plan/supervisor.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

const mark = "# transaction 01a20e8a-0000-7000-8000-00c0ffee0001\n";

/** A folder with the supervisor of a script, which a shell reads as it does in a container. */
function folderOf(shell: string, script: string): Folder {
  const folder = makeFolder({ status: mark, script });
  const lines = supervisorLines(shell, `${folder.path}/script`).join("\n");
  folder.write("entrypoint", lines.replaceAll("/run/polycrate-status", folder.path));
  return folder;
}

const start = (shell: string, { path }: Folder, ...words: readonly string[]): string[] => [
  shell,
  "-c",
  `. ${path}/entrypoint`,
  `${path}/entrypoint`,
  ...words,
];

const notes = (folder: Folder) => folder.read("status").split("\n").slice(0, 2);

const shells = [["/bin/bash"], ["/bin/sh"]] as const;

test.each([
  [{ interactive: false, size: undefined }, true],
  [{ interactive: true, size: undefined }, true],
  [{ interactive: false, size: { rows: 5, columns: 60 } }, true],
  [{ interactive: true, size: { rows: 5, columns: 60 } }, false],
])("with the terminal %j the script has a shell above its own: %p", (terminal, expected) => {
  expect(isSupervised(terminal)).toBe(expected);
});

test.each(shells)("under %s the exit code of the script is noted, whatever it did", (shell) => {
  for (const [script, code] of [
    ["true", 0],
    ["exit 7", 7],
    ["exec true", 0],
    ["exec sh -c 'exit 3'", 3],
    ["kill -9 $$", 137],
    ["kill -TERM $$; echo still here", 143],
    ["trap 'exit 9' TERM; kill -TERM $$", 9],
    ["(", 2],
  ] as const) {
    using folder = folderOf(shell, script);
    const { stdout, exitCode } = Bun.spawnSync(start(shell, folder), { stderr: "ignore" });
    const seen = [script, stdout.toString(), exitCode, notes(folder)];
    expect(seen).toEqual([script, "", code, ["started", `ended ${code}`]]);
  }
});

test.each(shells)(
  "under %s the script has its words, its input and its streams, and nothing else",
  (shell) => {
    const script = `cat; echo "$0 $*"; echo complaint >&2; for fd in 7 8 9; do [ ! -e "/proc/$$/fd/$fd" ] || echo "$fd"; done`;
    for (const init of ["", "podman-init"]) {
      using folder = folderOf(shell, script);
      const { stdout, stderr, exitCode } = Bun.spawnSync(below(init, start(shell, folder, "a b", "c")), {
        stdin: Buffer.from("typed\n"),
      });
      const seen = [stdout.toString(), stderr.toString(), exitCode];
      expect(seen).toEqual([`typed\n${folder.path}/entrypoint a b c\n`, "complaint\n", 0]);
    }
  },
);

/** The command as the child of a process with that name, in a group of its own, as in a container. */
function below(init: string, command: readonly string[]): string[] {
  const text =
    '[ -z "$0" ] || printf %s "$0" >/proc/$$/comm; set -m; "$@" <&3 3<&- & set +m; echo $! >&4; wait $!; exit $?';
  return ["bash", "-c", `exec 3<&0 4>/dev/null; ${text}`, init, ...command];
}

test.each([
  ["/bin/bash", "INT", "INT"],
  ["/bin/bash", "QUIT", "QUIT"],
  ["/bin/sh", "INT", "TERM"],
  ...shells.flatMap(([shell]) => ["HUP", "TERM", "USR1"].map((signal) => [shell, signal, signal] as const)),
] as const)(
  "where the init signals only its child, %s passes %s on to every process: as %s",
  async (shell, sent, received) => {
    const child = `trap "echo child; exit 0" ${received}; echo ready; while :; do sleep 0.05; done`;
    using folder = folderOf(shell, `trap 'echo script; exit 5' ${received}; sh -c '${child}'`);
    const [bash, flag, text = "", ...words] = below("podman-init", start(shell, folder));
    const told = `${flag === "-c" ? text.replace("4>/dev/null", "4>&1") : ""}`;
    const running = Bun.spawn([bash ?? "", "-c", told, ...words], { stdout: "pipe", stderr: "pipe" });
    let seen = "";
    const decoder = new TextDecoder();
    for await (const bytes of running.stdout) {
      seen += decoder.decode(bytes);
      const pid = /^(\d+)$/m.exec(seen)?.[1];
      if (pid === undefined || !seen.includes("ready\n")) continue;
      seen = seen.replace(/^\d+\n/m, "").replace("ready\n", "");
      process.kill(Number(pid), `SIG${sent}`);
    }
    expect(seen.split("\n").toSorted()).toEqual(["", "child", "script"]);
    expect(await running.exited).toBe(5);
    expect(notes(folder)).toEqual(["started", "ended 5"]);
  },
);
