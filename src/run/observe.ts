import { homedir } from "node:os";
import { isAbsolute } from "node:path";
import type { Engine } from "../engine/engine.ts";
import { readWorkspaceFlags } from "../engine/flags/checkFlags.ts";
import { mountsOfFlags } from "../engine/flags/flagMounts.ts";
import { exitCodes, PolycrateError } from "../errors.ts";
import { cacheFolderOf } from "../host/cacheFile.ts";
import { isFile } from "../host/fileStatus.ts";
import { stdout } from "../host/output.ts";
import { callerName, thisOwner, writeOwner } from "../host/owner.ts";
import { readText } from "../host/read.ts";
import { isCi, isOneFile, isStdinData, isStdinTerminal, sizeOf } from "../host/stdio.ts";
import { mappedIds, readCaller } from "../host/user.ts";
import type { ContainerFacts, HostFacts } from "../plan/hostFacts.ts";
import type { RunOptions } from "../plan/runOptions.ts";
import type { Target } from "../plan/target.ts";
import type { Stdio } from "../plan/terminal.ts";
import { warmSeconds } from "../plan/warm.ts";
import { checkLockedBlocks } from "../registry/lockedBlocks.ts";
import { runPlaceOf, runPlacesOf } from "../transactions/runPlace.ts";
import { newTransactionId } from "../transactions/transaction.ts";
import { accessRequestOf } from "../trust/hostAccess.ts";
import type { Trust } from "../trust/trust.ts";
import { buildId, version } from "../version.ts";
import { blockChecksum } from "../workspace/blocks/blockChecksum.ts";
import {
  declaredByBlock,
  declaredByFlags,
  declaredByStep,
  declaredByWorkspace,
  readVariables,
  type Variable,
} from "../workspace/environment.ts";
import { hostFiles } from "../workspace/hostFiles.ts";
import { inputsOf } from "../workspace/inputs/declarations.ts";
import type { Workspace } from "../workspace/load.ts";
import { locateFiles } from "../workspace/locateFiles.ts";
import { readExtraMounts, readMountFlags } from "../workspace/mounts.ts";
import { withManagedSecrets } from "./managedSecrets.ts";
import { observeImage } from "./observeImage.ts";
import { observeWarm } from "./observeWarm.ts";
import { snapshotBlocks } from "./snapshotBlocks.ts";
import { traceparentFor } from "./traceContext.ts";

/**
 * Returns everything that a run is planned from in addition to the workspace: caller, terminal, files, variables and the
 * image's inputs, read once. Throws (64, 65) when they are invalid, (69) when the engine has to be asked and does not
 * answer, and (73) inside an action of the same workspace.
 */
export async function observe(
  workspace: Workspace,
  engine: Engine,
  target: Target,
  options: RunOptions,
): Promise<HostFacts> {
  if (!options.dryRun) {
    assertNotNested(workspace);
    assertTrusted(workspace, options.trust);
  }
  const container = await fetchingSecrets(
    workspace,
    observeContainer(workspace, engine, target, options),
    options,
  );
  return {
    ...container,
    warm: warmSeconds(workspace, options) === 0 ? undefined : observeWarm(workspace.path, container),
    blocks: checkLockedBlocks(workspace, target.block?.resolved.lineage ?? [], {
      locked: options.locked,
      isCi: isCi(process.env),
    }),
    image: await observeImage(workspace, engine, options, { asks: !options.dryRun }),
    stdio: detectStdio(),
    selinux: isSelinuxEnforcing(),
    owner: writeOwner(thisOwner()),
  };
}

/** A dry run asks no manager: the printed script takes the values from the environment. */
async function fetchingSecrets(
  workspace: Workspace,
  facts: ContainerFacts,
  { dryRun }: Pick<RunOptions, "dryRun">,
): Promise<ContainerFacts> {
  if (dryRun) return facts;
  const fetch = (variables: readonly Variable[]) => withManagedSecrets(workspace, variables, process.env);
  const variables = await fetch(facts.variables);
  const ofInputs = await fetch(facts.inputs.map(({ variable }) => variable));
  const inputs = facts.inputs.map((input, index) => ({
    ...input,
    variable: ofInputs[index] ?? input.variable,
  }));
  return { ...facts, variables, inputs };
}

/**
 * Returns what a container of the workspace is planned from, except its image, and the values that managers have. Throws (64, 65).
 */
export function observeContainer(
  workspace: Workspace,
  engine: Engine,
  target: Target,
  {
    env,
    mounts,
    inputs,
    ...options
  }: Pick<RunOptions, "env" | "mounts" | "inputs" | "dryRun" | "workflowRun">,
): ContainerFacts {
  const uid = process.getuid?.() ?? 0;
  const { flags, variables } = readWorkspaceFlags(workspace, {
    uid,
    gid: process.getgid?.() ?? 0,
    home: homedir(),
    directory: workspace.path,
    environment: process.env,
  });
  const extraMounts = readExtraMounts(workspace, process.env);
  const mountFlags = readMountFlags(workspace, mounts, process.cwd());
  const sources = [...extraMounts, ...mountFlags, ...mountsOfFlags(flags)].map(({ source }) => source);
  const folder = target.block?.resolved.lineage[0].directory;
  const { blocks, ...files } = locateFiles(workspace);
  const transaction = newTransactionId();
  return {
    transaction,
    traceparent: traceparentFor(transaction, options, process.env),
    version,
    ...runPlaces(workspace, engine, uid, options),
    isEngineHere: engine.isHere,
    mappedIds: engine.mapsRootToCaller && engine.isHere ? mappedIds(callerName()) : undefined,
    hasCaches: engine.can.labelCaches,
    caller: readCaller(callerName(), engine.mapsRootToCaller),
    files: hostFiles(workspace, process.env),
    variables: readVariables(
      [
        ...declaredByWorkspace(workspace, variables, process.env),
        ...declaredByBlock(workspace, target.block?.resolved, target.action, process.env),
        ...declaredByStep(workspace, target.step, process.env),
        ...declaredByFlags(env, process.env),
      ],
      target.action === undefined ? [] : inputsOf(target.action.value).map(({ variable }) => variable),
    ),
    inputs,
    extraMounts,
    mountFlags,
    flags,
    mountedFiles: new Set(sources.filter((source) => isAbsolute(source) && isFile(source))),
    snapshot: {
      files,
      blocks: snapshotBlocks(workspace, { ...files, blocks }, cacheFolderOf(process.env, uid, buildId)),
      checksum: folder === undefined ? undefined : blockChecksum(`${workspace.path}/${folder}`),
    },
  };
}

/** What a dry run prints has no secrets, so it is where runs usually are. */
function runPlaces(
  { path, secrets, secretFiles }: Workspace,
  engine: Engine,
  uid: number,
  { dryRun }: Pick<RunOptions, "dryRun">,
): Pick<ContainerFacts, "place" | "placeInWorkspace"> {
  const inMemory = (secrets !== undefined || secretFiles.length > 0) && !dryRun;
  const place = runPlaceOf(path, engine, process.env, uid, { inMemory });
  const [inWorkspace] = runPlacesOf(path, process.env, uid);
  return inMemory && place.root !== path ? { place, placeInWorkspace: inWorkspace } : { place };
}

/** Throws (77) if the workspace asks for something else than it is trusted with: an action may have replaced a folder by a link. */
function assertTrusted(workspace: Workspace, trust: Trust | undefined): void {
  if (accessRequestOf(workspace, process.env).hash === trust?.hash) return;
  throw new PolycrateError("what the workspace can reach of this machine has changed since it was trusted", {
    hint: "`polycrate trust` shows it",
    exitCode: exitCodes.notTrusted,
  });
}

/** Throws (73) inside an action: polycrate's own folders are empty and read-only there, so it cannot run another action. */
export function assertNotNested({ path }: Workspace): void {
  if (process.env.POLYCRATE_TRANSACTION_ID === undefined || process.env.POLYCRATE_WORKSPACE !== path) return;
  throw new PolycrateError("an action cannot run another action of its own workspace", {
    hint: "run both on the host: one after the other, or as steps of a workflow",
    exitCode: exitCodes.cannotWrite,
  });
}

/** True on hosts where SELinux denies containers access to their bind mounts. */
export function isSelinuxEnforcing(): boolean {
  return readText("/sys/fs/selinux/enforce", 16)?.trim() === "1";
}

function detectStdio(): Stdio {
  return {
    stdin: isStdinTerminal() ? "terminal" : isStdinData() ? "data" : "nothing",
    stdout: stdout.isTTY ? sizeOf(stdout.stream) : undefined,
    joined: isOneFile(1, 2),
    ci: isCi(process.env),
  };
}
