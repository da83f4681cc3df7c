import { closeSync, readSync } from "node:fs";
import { defineCommand } from "citty";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { openOwnFile } from "../../host/filesBelow.ts";
import type { ReadProblem } from "../../host/read.ts";
import { readRecord } from "../../transactions/history.ts";
import { findRecord, lastRecord } from "../findRecord.ts";
import { workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../running/prepare.ts";

export default defineCommand({
  meta: { name: "logs", description: "Print the output of a run." },
  args: {
    id: {
      type: "positional",
      description: "The transaction's id, or its beginning. Default: the newest.",
      required: false,
    },
    ...workspaceFlags,
    last: { type: "boolean", description: "The newest run, which is the default." },
    follow: { type: "boolean", description: "Go on until the run ends." },
  },
  run: async ({ args }) => {
    const workspace = openWorkspace(args.workspace);
    const recorded = args.id === undefined ? lastRecord(workspace) : findRecord(workspace, args.id);
    const isRunning = () =>
      args.follow === true && readRecord(workspace.path, recorded.file)?.status === "running";
    // Without a reader there is no drain to wait for, and following would go on unseen.
    process.stdout.on("error", () => process.exit(exitCodes.readerGone));
    await printLog(openLog(workspace.path, recorded.log), isRunning);
    return 0;
  },
});

const pause = 100;

/** Prints what is there, and while the run goes on what comes; what came before its end is read after it. */
async function printLog(file: number, isRunning: () => boolean): Promise<void> {
  const buffer = Buffer.alloc(65_536);
  try {
    for (let goesOn = true; goesOn; ) {
      goesOn = isRunning();
      for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer)) {
        if (!process.stdout.write(Buffer.from(buffer.subarray(0, count)))) {
          await new Promise((resolve) => process.stdout.once("drain", resolve));
        }
      }
      if (goesOn) await Bun.sleep(pause);
    }
  } finally {
    closeSync(file);
  }
}

function openLog(workspace: string, path: string): number {
  const file = openOwnFile(workspace, path);
  if (typeof file === "number") return file;
  const [reason, hint] = refusals[file];
  throw new PolycrateError(`the log \`${path}\` ${reason}`, { hint, exitCode: exitCodes.invalidWorkspace });
}

const unreadable = ["cannot be read", "see that you may read it"] as const;

const refusals: Readonly<Record<ReadProblem, readonly [string, string]>> = {
  missing: ["does not exist", "it may have been removed; the record is still there"],
  "not a file": ["is not a file", "polycrate follows no link here; move it away"],
  unreadable,
  "too large": unreadable,
};
