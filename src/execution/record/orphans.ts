import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { replaceFile } from "../../host/files.ts";
import { writeYaml } from "../../plan/writeYaml.ts";
import { ask } from "../ask.ts";
import type { Host } from "../host.ts";
import { engineIsGone } from "../runPlan.ts";
import { readRecord, recordFiles, recordFolders } from "./history.ts";
import { isAlive, type Owner, ownerFile, readOwner } from "./owner.ts";

/** A container that polycrate made. Its owner is undefined when a person ran what a dry run had printed. */
export type OwnedContainer = {
  readonly name: string;
  readonly transaction: string;
  readonly workspace: string;
  readonly block: string;
  readonly action: string;
  readonly owner: Owner | undefined;
  /** As docker says it: `running`, `created`, `exited`, … */
  readonly state: string;
  readonly created: Date;
};

/** Returns polycrate's containers on this engine, of one workspace or of all. Throws (69) when the engine does not answer. */
export async function listContainers(
  workspace: string | undefined,
  directory: string,
  host: Host,
): Promise<readonly OwnedContainer[]> {
  const filter =
    workspace === undefined ? "label=polycrate.transaction" : `label=polycrate.workspace=${workspace}`;
  const labels = ["transaction", "workspace", "block", "action", "owner"].map(
    (name) => `{{json (.Label "polycrate.${name}")}}`,
  );
  const format = `[{{json .Names}},{{json .State}},{{json .CreatedAt}},${labels.join(",")}]`;
  const words = ["docker", "ps", "--all", "--no-trunc", `--filter=${filter}`, `--format=${format}`];
  const { stdout, stderr, exitCode } = await ask(words, { directory, environment: host.environment });
  if (exitCode !== 0) throw engineError(stderr);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => readContainer(JSON.parse(line)));
}

/** Returns the error for a docker command that was refused, with docker's first words. */
export function engineError(stderr: string): PolycrateError {
  const [reason = "docker gave no reason"] = stderr.split("\n").filter((line) => line.trim() !== "");
  return new PolycrateError(engineIsGone(stderr) ? "the docker engine does not answer" : reason.trim(), {
    hint: "`polycrate doctor` looks for the cause",
    exitCode: engineIsGone(stderr) ? exitCodes.noDocker : exitCodes.dockerRefused,
  });
}

/** True when the container's polycrate is gone: on this host, by number and start time. */
export function isOrphan({ owner }: OwnedContainer): boolean {
  return owner !== undefined && !isAlive(owner);
}

/** The folder of a run whose polycrate is gone, and what it ran. Paths are relative to the workspace. */
export type LostRun = { readonly transaction: string; readonly folder: string };

/** Returns the runs whose polycrate is gone; looks at files only, so that every run can afford it. */
export function lostRuns(workspace: string): readonly LostRun[] {
  const root = ".polycrate/run";
  return namesIn(join(workspace, root)).flatMap((transaction) => {
    const folder = `${root}/${transaction}`;
    const owner = readOwner(textOf(join(workspace, folder, ownerFile)) ?? "");
    return owner !== undefined && !isAlive(owner) ? [{ transaction, folder }] : [];
  });
}

/** Returns leftovers of writes that a dead process did not finish, and of locks it held, relative to the workspace. */
export function lostFiles(workspace: string, logsRoot: string): readonly string[] {
  const locks = namesIn(join(workspace, ".polycrate/locks")).map((name) => `.polycrate/locks/${name}`);
  const held = locks.filter((file) => {
    const owner = readOwner(textOf(join(workspace, file)) ?? "");
    return owner !== undefined && !isAlive(owner);
  });
  const temporary = recordFolders(workspace, logsRoot).flatMap((folder) =>
    namesIn(join(workspace, folder)).flatMap((name) =>
      /\.yml\.\d+\.tmp$/.test(name) ? [join(folder, name)] : [],
    ),
  );
  return [...held, ...temporary];
}

/** Writes `lost` into the records that a dead process left `running`, and returns their ids. */
export function finishLostRecords(workspace: string, logsRoot: string, dryRun: boolean): readonly string[] {
  const lost: string[] = [];
  for (const file of recordFiles(workspace, logsRoot)) {
    const recorded = readRecord(workspace, file);
    if (recorded?.status !== "lost" || recorded.record.get("status") === "lost") continue;
    lost.push(recorded.id);
    if (!dryRun)
      replaceFile(workspace, file, writeYaml(new Map([...recorded.record, ["status", "lost"]])), 0o644);
  }
  return lost;
}

function readContainer(fields: readonly string[]): OwnedContainer {
  const [
    name = "",
    state = "",
    created = "",
    transaction = "",
    workspace = "",
    block = "",
    action = "",
    owner = "",
  ] = fields;
  return {
    name,
    state,
    transaction,
    workspace,
    block,
    action,
    owner: readOwner(owner),
    created: new Date(created.replace(/ [A-Z]+$/, "")),
  };
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
