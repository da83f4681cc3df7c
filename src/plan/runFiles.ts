import type { Workspace } from "../workspace/load.ts";
import { revealed } from "../yaml/secret.ts";
import { writeYaml } from "../yaml/write.ts";
import { ansiblePlugin } from "./ansiblePlugin.ts";
import { recapPlugin, recapSettings } from "./ansibleRecap.ts";
import type { Container } from "./container.ts";
import { entrypointOf, markOf } from "./entrypoint.ts";
import type { FailureShell } from "./failureShell.ts";
import { ignoreFile, snapshotMountPoint, stays } from "./ownFiles.ts";
import type { PlannedFile } from "./plan.ts";
import { filesInContainer, recapFile } from "./runPaths.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Terminal } from "./terminal.ts";

/** What of a command is in files. */
type CommandInFiles = {
  readonly script: string;
  readonly terminal: Terminal;
  readonly recap: boolean;
  readonly failureShell?: FailureShell | undefined;
};

/**
 * Returns the files of a run: its script, entrypoint and snapshot, and what stays in the workspace. A snapshot with secrets is
 * revealed when it is written.
 */
export function runFiles(
  { path }: Workspace,
  container: Container,
  snapshot: Snapshot,
  { script, terminal, recap, failureShell }: CommandInFiles,
): readonly PlannedFile[] {
  const { paths, transaction, knownHosts } = container;
  const { root, path: folder } = paths.runDirectory;
  const run = (file: string, mode: number, content: string): PlannedFile => ({
    path: file.slice(`${root}/${folder}/`.length),
    mode,
    content,
    lifetime: "run",
  });
  const mark = `${markOf(transaction)}\n`;
  const inContainer = `${filesInContainer}/script`;
  const { entrypoint, prepare } = entrypointOf(container, terminal, inContainer, failureShell);
  return [
    ignoreFile,
    snapshotMountPoint,
    ...container.mountPoints.files.map((file) => stays(file, "")),
    ...(knownHosts === undefined ? [] : [stays(knownHosts.slice(path.length + 1), "")]),
    {
      ...run(paths.snapshot, 0o444, mark + writeYaml(snapshot)),
      ...(container.secrets.length === 0 ? {} : { reveal: () => mark + writeYaml(revealed(snapshot)) }),
    },
    ...container.secretFiles.flatMap(({ path: file, reveal }) => [
      stays(file, ""),
      { ...run(`${paths.secretFiles}/${file}`, 0o444, "***\n"), reveal },
    ]),
    run(`${paths.files}/entrypoint`, 0o444, mark + entrypoint),
    run(`${paths.files}/prepare`, 0o444, prepare),
    run(`${paths.files}/script`, 0o444, script),
    run(`${paths.files}/${ansiblePlugin.path}`, 0o444, ansiblePlugin.content),
    run(paths.status, 0o666, mark),
    ...(recap
      ? [
          ...[recapPlugin, recapSettings].map(({ path, content }) =>
            run(`${paths.files}/${path}`, 0o444, content),
          ),
          run(`${paths.statusFolder}/${recapFile}`, 0o666, ""),
        ]
      : []),
  ];
}
