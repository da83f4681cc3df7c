import type { Arg } from "../host/arg.ts";
import type { CaptureOptions } from "../host/capture.ts";
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
  const names: readonly LabelName[] = [
    "transaction",
    "workspace",
    "block",
    "action",
    "owner",
    "warm",
    "delivery",
  ];
  const labels = names.map((name) => `{{json (.Label "${label(name)}")}}`);
  const format = `[{{json .Names}},{{json .State}},{{json .CreatedAt}},${labels.join(",")}]`;
  const words = engine.listContainers(filter, format);
  const { stdout, stderr, exitCode } = await askEngine(engine, words, { directory, environment });
  if (exitCode !== 0) throw engineError(stderr);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => readContainer(JSON.parse(line)));
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
    warm = "",
    delivery = "",
  ] = fields;
  return {
    name,
    state,
    transaction,
    workspace,
    block,
    action,
    owner: readOwner(owner),
    warm: warm === "" ? undefined : Number(warm),
    isCopied: delivery === "copy",
    created: new Date(created.replace(/ [A-Z]+$/, "")),
  };
}
