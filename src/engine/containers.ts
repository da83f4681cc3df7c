import type { Arg } from "../host/arg.ts";
import type { CaptureOptions } from "../host/capture.ts";
import { parseJson, textAt } from "../host/json.ts";
import { isAlive, type Owner, readOwner } from "../host/owner.ts";
import type { Host } from "../host/stdio.ts";
import { askEngine } from "./ask.ts";
import type { Engine } from "./engine.ts";
import { engineError, isMissing } from "./errors.ts";
import { type LabelName, label } from "./labels.ts";

/** A container that polycrate created. Its owner is undefined when it is kept warm, or the script of a dry run created it. */
export type OwnedContainer = {
  readonly name: string;
  readonly transaction: string;
  readonly workspace: string;
  readonly block: string;
  readonly action: string;
  readonly owner: Owner | undefined;
  /** As docker reports it: `running`, `created`, `exited`, … */
  readonly state: string;
  readonly created: Date;
  /** For how many seconds it is kept after its last run; undefined for the container of a single run. */
  readonly warm: number | undefined;
  /** Whether it was sent its files, so that those of its action are only there. */
  readonly isCopied: boolean;
};

/** Returns polycrate's containers on this engine, of one workspace or of all. Throws (69) when the engine is not available. */
export async function listContainers(
  engine: Engine,
  workspace: string | undefined,
  directory: string,
  { environment }: Host,
): Promise<readonly OwnedContainer[]> {
  const filter = workspace === undefined ? label("workspace") : label("workspace", workspace);
  const options = { directory, environment };
  const listed = await askEngine(engine, engine.listContainers(filter), options);
  if (listed.exitCode !== 0) throw engineError(listed.stderr);
  const ids = listed.stdout.split("\n").filter((line) => line !== "");
  if (ids.length === 0) return [];
  // One that has been removed meanwhile is not printed, and the others are.
  const { stdout, stderr, exitCode } = await askEngine(engine, engine.inspectContainer(...ids), options);
  const found = parseJson(stdout);
  if (!Array.isArray(found)) throw engineError(stderr);
  if (exitCode !== 0 && !isMissing(stderr)) throw engineError(stderr);
  return found.map(readContainer);
}

/** True when the polycrate process of the container has ended: on this host, by pid and start time. */
export function isOrphan({ owner }: OwnedContainer): boolean {
  return owner !== undefined && !isAlive(owner);
}

/** Runs a command that removes something, which may no longer exist. Throws the error of the engine. */
export async function removeWith(
  engine: Engine,
  args: readonly Arg[],
  options: Omit<CaptureOptions, "hint">,
): Promise<void> {
  const { exitCode, stderr } = await askEngine(engine, args, options);
  if (exitCode !== 0 && !isMissing(stderr)) throw engineError(stderr);
}

function readContainer(container: unknown): OwnedContainer {
  const labelOf = (name: LabelName) => textAt(container, "Config", "Labels", label(name)) ?? "";
  const warm = labelOf("warm");
  return {
    // docker's begins with a slash, podman's does not.
    name: (textAt(container, "Name") ?? "").replace(/^\//, ""),
    state: textAt(container, "State", "Status") ?? "",
    transaction: labelOf("transaction"),
    workspace: labelOf("workspace"),
    block: labelOf("block"),
    action: labelOf("action"),
    owner: readOwner(labelOf("owner")),
    warm: warm === "" ? undefined : Number(warm),
    isCopied: labelOf("delivery") === "copy",
    created: new Date(textAt(container, "Created") ?? ""),
  };
}
