import { basename, dirname } from "node:path";
import { exitCodes, PolycrateError } from "../errors.ts";
import { createFile } from "../host/files.ts";
import { readOwnFile } from "../host/filesBelow.ts";
import { collect, type ProgramInput } from "../host/process.ts";
import { largestText, type ReadProblem } from "../host/read.ts";
import type { Plan } from "../plan/plan.ts";
import type { Parcel, SendStep } from "../plan/remote/steps.ts";
import { type Collected, collectWorkspace, type LeftOut, manifestOf } from "../transfer/collect.ts";
import { writeManifest } from "../transfer/manifest.ts";
import { type PackedEntry, packArchive, packedWorkspace } from "../transfer/pack.ts";
import type { ExecutionContext } from "./context.ts";
import { type Execution, withoutContainer } from "./execution.ts";
import { runQuietClient } from "./quietClient.ts";

/** Sends the files of the parcel, and notes in the run directory what of the workspace was sent. Throws (65, 73) as collecting does. */
export async function sendFiles(plan: Plan, step: SendStep, context: ExecutionContext): Promise<Execution> {
  const { cancellation, emit, host } = context;
  const { engine, workspace, runDirectory } = plan;
  const { parcel } = step;
  const collected = collectWorkspace(workspace, parcel.stays);
  let unread: LeftOut[] = [];
  const archive = () => {
    unread = [];
    return packArchive(packedParcel(plan, parcel, collected, host.now()), {
      root: workspace,
      owner: parcel.owner,
      onUnread: (file) => unread.push(file),
      onChanged: () => {},
    });
  };
  const ended = await runQuietClient(
    step.argv,
    { engine, directory: workspace, workspace, environment: host.environment },
    { read: (stdout) => collect(stdout, 0), send: (stdin) => writeParts(archive(), stdin) },
    context,
  );
  if (ended.exitCode === 0 && runDirectory !== undefined) {
    const note = writeManifest(manifestOf(collected, unread));
    createFile(runDirectory.root, `${runDirectory.path}/${step.note}`, note, 0o600);
    const files = collected.files - unread.length;
    emit({ type: "sent", files, bytes: collected.bytes, leftOut: [...collected.leftOut, ...unread] });
  }
  return withoutContainer(step, ended, cancellation.reason());
}

/** The folders first, then the workspace, then what is over it. */
function* packedParcel(plan: Plan, parcel: Parcel, collected: Collected, now: Date): Generator<PackedEntry> {
  const { workspace, folders, files } = parcel;
  const mtime = BigInt(now.getTime()) * 1_000_000n;
  const foldersWhere = (isInside: boolean) =>
    folders
      .filter(({ to }) => to.startsWith(`${workspace}/`) === isInside)
      .map(({ to, mode }): PackedEntry => ({ kind: "directory", to, mode, mtime }));
  yield* foldersWhere(false);
  yield* packedWorkspace(collected, workspace);
  yield* foldersWhere(true);
  for (const file of files) yield* packedFile(plan, file, mtime);
}

/** The files of the run are sent as they were planned; what a step wrote beside them, and the ssh key, as they are on the disk. */
function* packedFile(
  { runDirectory, files }: Plan,
  { from, to, mode }: Parcel["files"][number],
  mtime: bigint,
): Generator<PackedEntry> {
  const run = runDirectory === undefined ? undefined : `${runDirectory.root}/${runDirectory.path}/`;
  const path = run !== undefined && from.startsWith(run) ? from.slice(run.length) : undefined;
  const planned = files.filter(
    (file) => file.lifetime === "run" && path !== undefined && isAt(file.path, path),
  );
  if (planned.some((file) => file.path !== path)) yield { kind: "directory", to, mode: 0o755, mtime };
  for (const file of planned) {
    const below = file.path.slice(path?.length ?? 0);
    yield { kind: "text", to: `${to}${below}`, mode: mode ?? file.mode, mtime, content: file.content };
  }
  if (planned.length > 0) return;
  const content = readOwnFile(dirname(from), basename(from), largestText);
  if (typeof content === "string") throw cannotSend(from, content);
  yield { kind: "text", to, mode: mode ?? 0o644, mtime, content };
}

function isAt(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function cannotSend(path: string, problem: ReadProblem): PolycrateError {
  return new PolycrateError(`cannot send \`${path}\`: it is ${problem}`, {
    hint: "correct the file, or its permissions",
    exitCode: exitCodes.invalidWorkspace,
  });
}

/** Ends when all is written, or nobody reads it any more. */
async function writeParts(archive: AsyncIterable<Uint8Array>, stdin: ProgramInput): Promise<void> {
  for await (const part of archive) {
    if (!(await stdin.write(part))) break;
  }
  await stdin.end();
}
