import type { ChildProcess, spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { constants } from "node:os";
import { $ } from "zx/core";

// zx supervises every program that polycrate starts. Loading it takes as long as planning a run, so a program is started first,
// and zx is handed it in its own option `spawn` while the program runs: this file is loaded by `import()` after each start.

/** A program that runs, as Bun started it. */
export type StartedProgram = Pick<Bun.Subprocess, "pid" | "exited" | "exitCode" | "signalCode" | "kill">;

/** Returns the exit code of the program when it has ended, or 128 plus the number of the signal that ended it. */
export async function exitCodeOf(started: StartedProgram): Promise<number> {
  const { exitCode, signal } = await $({
    spawn: (() => asChildProcess(started)) as unknown as typeof spawn, // zx only passes it arguments
    stdio: "ignore",
    detached: true,
    nothrow: true,
    quiet: true,
    verbose: false,
  })`program`;
  return exitCode ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/** zx expects a child process of node; this one has the members that zx uses. */
function asChildProcess(started: StartedProgram): ChildProcess {
  const child = Object.assign(new EventEmitter(), {
    pid: started.pid,
    stdin: null,
    stdout: null,
    stderr: null,
    kill: () => started.kill(),
  });
  void started.exited.then(() => {
    child.emit("exit", started.exitCode, started.signalCode);
    child.emit("close", started.exitCode, started.signalCode);
  });
  return child as unknown as ChildProcess; // zx uses only these members
}
