import { closeSync, readSync } from "node:fs";
import { defineCommand } from "citty";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { openOwnFile } from "../../host/filesBelow.ts";
import { isReaderGone, type Output } from "../../host/output.ts";
import type { ReadProblem } from "../../host/read.ts";
import { readRecord } from "../../transactions/history.ts";
import { findRecord, lastRecord } from "../findRecord.ts";
import { workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { messagesTo } from "../output/messages.ts";
import type { CommandData } from "../parseArgs.ts";

export default defineCommand({
  meta: { name: "logs", description: "Print the output of a run." },
  args: {
    id: {
      type: "positional",
      description: "The transaction's id, or its first characters. Default: the last run.",
      required: false,
    },
    ...workspaceFlags,
    last: { type: "boolean", description: "Print the last run, which is the default." },
    follow: { type: "boolean", description: "Follow the output until the run ends." },
  },
  run: async ({ args, data }) => {
    const { outputs }: CommandData = data;
    const workspace = openWorkspace(messagesTo(outputs), args.workspace);
    const recorded = args.id === undefined ? lastRecord(workspace) : findRecord(workspace, args.id);
    const isRunning = () =>
      args.follow === true && readRecord(workspace.path, recorded.file)?.status === "running";
    return printLog(openLog(workspace.path, recorded.log), outputs.stdout, isRunning);
  },
});

/** In milliseconds. */
const pause = 100;

/**
 * Prints the log and, while the run goes on, what is added to it; reads once more after the run has ended. Stops when the
 * reader of the output is gone. Returns the exit code.
 */
async function printLog(file: number, output: Output, isRunning: () => boolean): Promise<number> {
  const buffer = Buffer.alloc(65_536);
  let lost: Error | undefined;
  const stopListening = output.onLost((error) => {
    lost = error;
  });
  try {
    for (let goesOn = true; goesOn && lost === undefined; ) {
      goesOn = isRunning();
      for (
        let count = readSync(file, buffer);
        count > 0 && lost === undefined;
        count = readSync(file, buffer)
      ) {
        await output.write(Buffer.from(buffer.subarray(0, count)));
      }
      if (goesOn) await Bun.sleep(pause);
    }
    return lost !== undefined && isReaderGone(lost) ? exitCodes.readerGone : 0;
  } finally {
    stopListening();
    closeSync(file);
  }
}

function openLog(workspace: string, path: string): number {
  const file = openOwnFile(workspace, path);
  if (typeof file === "number") return file;
  const [reason, hint] = refusals[file];
  throw new PolycrateError(`the log \`${path}\` ${reason}`, { hint, exitCode: exitCodes.invalidWorkspace });
}

const unreadable = ["cannot be read", "check its permissions"] as const;

const refusals: Readonly<Record<ReadProblem, readonly [string, string]>> = {
  missing: ["does not exist", "it may have been removed; the record still exists"],
  "not a file": ["is not a file", "polycrate does not follow links here; move or remove it"],
  unreadable,
  "too large": unreadable,
};
