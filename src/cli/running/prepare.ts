import { fstatSync } from "node:fs";
import { homedir } from "node:os";
import { docker } from "../../engine/docker.ts";
import { isEngineHere, mapsRootToCaller } from "../../engine/endpoint.ts";
import type { PullPolicy } from "../../engine/engine.ts";
import { readWorkspaceFlags } from "../../engine/flags/checkFlags.ts";
import { exitCodes, PolycrateError, printable } from "../../errors.ts";
import { callerName } from "../../host/owner.ts";
import { readText } from "../../host/read.ts";
import { sizeOf, thisHost } from "../../host/stdio.ts";
import { readCaller } from "../../host/user.ts";
import { type BuildContext, readBuildContext } from "../../image/buildContext.ts";
import { type Image, tagOf } from "../../image/image.ts";
import { chooseImage } from "../../image/imageSource.ts";
import { type Container, describeContainer, type Subject } from "../../plan/container.ts";
import type { Terminal } from "../../plan/entrypoint.ts";
import { type Snapshot, takeSnapshot } from "../../plan/snapshot.ts";
import { type Connections, chooseTerminal } from "../../plan/terminal.ts";
import { keyConcern } from "../../plan/user/ssh.ts";
import { learnBases, reasonInBases, rememberedBases } from "../../run/baseImages.ts";
import { isTooShortToMask } from "../../secrets/mask.ts";
import { lostRuns } from "../../transactions/recovery.ts";
import { runPlaceOf } from "../../transactions/runPlace.ts";
import { newTransactionId } from "../../transactions/transaction.ts";
import { buildId, version } from "../../version.ts";
import { blockChecksum } from "../../workspace/blocks/blockChecksum.ts";
import { findBlocks, orphansOf, parentOf } from "../../workspace/blocks/findBlock.ts";
import type { Block } from "../../workspace/blocks/overlayBlocks.ts";
import { resolveAction, resolveBlock } from "../../workspace/blocks/resolveBlock.ts";
import {
  declaredByBlock,
  declaredByFlags,
  declaredByWorkspace,
  readVariables,
} from "../../workspace/environment.ts";
import { loadWorkspace, placeOfWorkspace, type Workspace } from "../../workspace/load.ts";
import { readExtraMounts, readMountFlags } from "../../workspace/mounts.ts";
import { cacheFolderOf } from "../../workspace/poly/polyCache.ts";
import { describeProblem, type Entry, type Problem } from "../../workspace/poly/problems.ts";
import { locateBlock, locateRunFiles, refuseUnknown } from "../../workspace/runFiles.ts";
import { isYamlList, isYamlMap, textOf } from "../../yaml/value.ts";
import { notice } from "../output/notices.ts";
import type { CommandData } from "../parseArgs.ts";

/**
 * Loads the workspace that the command line means, and says its warnings on standard error. What is wrong with the block or
 * workflow that the command is about is left to the error that it ends with.
 */
export function openWorkspace(flag: string | undefined, subject?: string): Workspace {
  const uid = process.getuid?.() ?? 0;
  const place = placeOfWorkspace(flag, process.env, process.cwd(), uid);
  const workspace = loadWorkspace(place, cacheFolderOf(process.env, uid, buildId));
  sayProblems(workspace, subject);
  return workspace;
}

/** Warnings are said in full; what is broken and need not matter to this command is named in one line. */
function sayProblems(workspace: Workspace, subject: string | undefined): void {
  const { problems } = workspace;
  const family = subject === undefined ? [] : blocksBehind(workspace, subject);
  const sources = family.flatMap((block) => block.sources);
  const isTold = ({ file, entry }: Problem) =>
    (entry?.list === "workflows" && nameIn(workspace, entry) === subject) ||
    sources.some(
      ({ file: { path }, at }) =>
        path === file &&
        (entry === undefined ? at.length === 0 : at[0] === entry.list && at[1] === entry.index),
    );
  const errors = problems.filter((problem) => problem.severity === "error" && !isTold(problem));
  const files = errors.filter(({ entry }) => entry === undefined).map(({ file }) => printable(file));
  const entries = errors.flatMap(({ entry }) => (entry === undefined ? [] : [nameOfEntry(workspace, entry)]));
  const blocks = orphansOf(workspace)
    .filter((block) => !family.includes(block))
    .map(({ name }) => `block \`${printable(name)}\``);
  for (const broken of new Set([...files, ...entries, ...blocks])) {
    notice(`warning: ${broken} is broken; \`polycrate validate\` says why`);
  }
  for (const problem of problems) {
    if (problem.severity === "warning") notice(`warning: ${describeProblem(problem)}`);
  }
}

function nameOfEntry(workspace: Workspace, entry: Entry): string {
  const { list, index } = entry;
  const name = nameIn(workspace, entry);
  if (name === undefined) return `\`${list}[${index}]\` of ${printable(workspace.file.path)}`;
  return `${list === "blocks" ? "block" : "workflow"} \`${printable(name)}\``;
}

function nameIn({ file }: Workspace, { list, index }: Entry): string | undefined {
  const entries = file.value.get(list);
  const entry = isYamlList(entries) ? entries[index] : undefined;
  return isYamlMap(entry) ? textOf(entry.get("name")) : undefined;
}

/** The block of that name and its ancestors, or those of the steps of the workflow. */
function blocksBehind(workspace: Workspace, subject: string): readonly Block[] {
  const workflow = (workspace.settings.workflows ?? []).find(({ name }) => name === subject);
  const references = [subject, ...(workflow?.steps ?? []).map(({ block }) => block)];
  return references.flatMap((reference) => familyOf(workspace, reference));
}

/** The block and its ancestors, as far as there are any. */
function familyOf(workspace: Workspace, reference: string): readonly Block[] {
  const family: Block[] = [];
  for (
    let [block] = findBlocks(workspace, reference);
    block !== undefined && !family.includes(block);
    block = parentIn(workspace, block)
  ) {
    family.push(block);
  }
  return family;
}

function parentIn(workspace: Workspace, block: Block): Block | undefined {
  try {
    return parentOf(workspace, block);
  } catch (error) {
    if (error instanceof PolycrateError) return undefined;
    throw error;
  }
}

/** Says that a run died without cleaning up; costs no docker call, and touches nothing. */
export function sayLostRuns(workspace: Workspace): void {
  if (lostRuns(workspace.path, thisHost()).length === 0) return;
  notice("warning: an earlier run did not end in order\nhint: `polycrate prune` removes what it left behind");
}

/** Returns what a container is for: an action of a block, or the block alone, or neither. */
export function subjectOf(
  workspace: Workspace,
  block: string | undefined,
  action: string | undefined,
): Subject {
  if (block === undefined) return { block: undefined, action: undefined, step: undefined };
  const resolved = resolveBlock(workspace, block);
  const places = locateBlock(workspace, resolved.value, resolved.lineage);
  refuseUnknown(places);
  return {
    block: { resolved, places },
    action: action === undefined ? undefined : resolveAction(resolved, action),
    step: undefined,
  };
}

/** A container and what its action gets to see. */
export type Prepared = { readonly container: Container; readonly snapshot: Snapshot };

/**
 * Reads all that a container to be run is made of, and returns it with its snapshot; says what the action will not like.
 * Throws (65) when ssh would refuse the workspace's key.
 */
export function prepareContainer(
  workspace: Workspace,
  subject: Subject,
  data: CommandData,
  force: boolean,
): Prepared {
  const prepared = readContainer(workspace, subject, data, force);
  const { privateKey, person, environment } = prepared.container;
  const concern = privateKey === undefined ? undefined : keyConcern(privateKey, person);
  if (concern?.refused === true) {
    throw new PolycrateError(concern.message, { hint: concern.hint, exitCode: exitCodes.invalidWorkspace });
  }
  if (concern !== undefined) warn(concern.message, concern.hint);
  for (const { name, value, secret } of environment) {
    if (secret !== undefined && value !== "" && isTooShortToMask(value)) {
      warn(
        `the secret \`${name}\` is too short to be masked in the output`,
        "use one of 4 or more characters",
      );
    }
  }
  return prepared;
}

/** A workflow prepares several containers; what is the same for all of them is said once. */
const said = new Set<string>();

function warn(message: string, hint: string): void {
  const lines = `warning: ${printable(message)}\nhint: ${printable(hint)}`;
  if (!said.has(lines)) notice(lines);
  said.add(lines);
}

/** Reads all that a container of this workspace is made of, and returns it with its snapshot; `force` answers questions. */
export function readContainer(
  workspace: Workspace,
  subject: Subject,
  data: CommandData,
  force: boolean,
): Prepared {
  const uid = process.getuid?.() ?? 0;
  const engine = { environment: process.env, home: homedir() };
  const { flags, variables } = readWorkspaceFlags(workspace, {
    uid,
    gid: process.getgid?.() ?? 0,
    home: homedir(),
    directory: workspace.path,
    environment: process.env,
  });
  const container = describeContainer(workspace, subject, {
    transaction: newTransactionId(),
    version,
    place: runPlaceOf(workspace.path, engine, uid),
    isEngineHere: isEngineHere(engine),
    caller: readCaller(callerName(), mapsRootToCaller(engine, uid)),
    files: locateRunFiles(workspace, process.env),
    environment: readVariables([
      ...declaredByWorkspace(workspace, variables, process.env),
      ...declaredByBlock(workspace, subject.block?.resolved, subject.action, process.env),
      ...declaredByFlags(data.all("env"), process.env),
    ]),
    extraMounts: readExtraMounts(workspace, process.env),
    mountFlags: readMountFlags(workspace, data.all("mount"), process.cwd()),
    flags,
    force,
  });
  const folder = subject.block?.resolved.lineage[0].directory;
  const checksum = folder === undefined ? undefined : blockChecksum(`${workspace.path}/${folder}`);
  return { container, snapshot: takeSnapshot(workspace, subject, container, checksum) };
}

/** What the image flags say. */
export type ImageFlags = {
  readonly image?: string | undefined;
  readonly dockerfile?: string | undefined;
  readonly build?: boolean | undefined;
  readonly pull?: string | undefined;
};

/**
 * Returns the image of the workspace, its build context read and hashed when it has a Dockerfile. What base images add is
 * known from earlier builds, or, when it `asks`, from docker, which it then remembers.
 */
export async function prepareImage(
  workspace: Workspace,
  flags: ImageFlags,
  { noCache = false, asks = false }: { readonly noCache?: boolean; readonly asks?: boolean } = {},
): Promise<Image> {
  const source = chooseImage(workspace, {
    image: flags.image,
    dockerfile: flags.dockerfile,
    here: process.cwd(),
  });
  if ("reference" in source) return { reference: source.reference, build: undefined };
  const context = await contextOf(workspace, source.dockerfile, asks);
  for (const { message, hint } of context.warnings) notice(`warning: ${message}\nhint: ${hint}`);
  const when = flags.build === undefined ? "missing" : flags.build ? "always" : "never";
  return {
    reference: tagOf(context),
    build: { context, noCache, pull: flags.pull === "always", when },
  };
}

/** Where a base image adds what no Dockerfile tells, the whole workspace counts. */
async function contextOf(workspace: Workspace, dockerfile: string, asks: boolean): Promise<BuildContext> {
  const builtinIgnores = privatePaths(workspace);
  const context = await readBuildContext(workspace.path, dockerfile, { builtinIgnores });
  if (context.wholeContextReason !== undefined) return context;
  const bases = asks
    ? await learnBases(docker, workspace.path, context.parsed, thisHost(), false)
    : rememberedBases(workspace.path);
  const whole = reasonInBases(context.parsed, bases);
  return whole === undefined
    ? context
    : readBuildContext(workspace.path, dockerfile, { builtinIgnores, whole });
}

/** What never goes into a build context unless a Dockerfile names it. */
function privatePaths({ layout }: Workspace): readonly string[] {
  const { artifactsRoot, logsRoot, privateKey, publicKey } = layout;
  const fixed = [".git", ".polycrate", ".snapshot.yml", "known_hosts", "**/kubeconfig.yml", "**/kubeconfig"];
  return [...fixed, artifactsRoot, logsRoot, privateKey, publicKey];
}

/** Returns what polycrate is connected to. */
export function connections(): Connections {
  return {
    stdin: process.stdin.isTTY ? "terminal" : isOpenData() ? "data" : "nothing",
    stdout: process.stdout.isTTY ? sizeOf(process.stdout) : undefined,
    joined: isOneFile(1, 2),
    ci: !/^(?:|0|false)$/i.test(process.env.CI ?? ""),
  };
}

/** What the flags say of standard input. */
export type InputFlags = { readonly interactive?: boolean | undefined; readonly stdin?: boolean | undefined };

/** Returns the terminal of a container: the flags win over the action's setting. Throws (64) where an interactive one has none. */
export function terminalFor(
  flags: InputFlags,
  setting: boolean,
  here: Connections,
  dryRun: boolean,
): Terminal {
  if (flags.stdin !== false) return chooseTerminal(here, flags.interactive ?? setting, dryRun);
  if (flags.interactive === true) {
    throw new PolycrateError("`--interactive` and `--no-stdin` exclude each other", {
      hint: "leave one of them out",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  return chooseTerminal(here.stdin === "data" ? { ...here, stdin: "nothing" } : here, false, dryRun);
}

/** A pipe, socket or file on standard input is data for the action; /dev/null and a closed one are not. */
function isOpenData(): boolean {
  try {
    const stat = fstatSync(0);
    return stat.isFIFO() || stat.isFile() || stat.isSocket();
  } catch {
    return false;
  }
}

function isOneFile(one: number, other: number): boolean {
  try {
    const [a, b] = [fstatSync(one), fstatSync(other)];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}

/** An image of ours is only ever built: docker must not look for its tag in a registry, where anybody could put one. */
export function pullPolicy(image: Image, { pull }: ImageFlags): PullPolicy | undefined {
  if (image.build !== undefined) return "never";
  return pull === "always" || pull === "missing" || pull === "never" ? pull : undefined;
}

/** True on hosts where SELinux would keep a container from its bind mounts. */
export function isSelinuxEnforcing(): boolean {
  return readText("/sys/fs/selinux/enforce", 16)?.trim() === "1";
}

/** Throws (73) in an action: it finds polycrate's own folders empty and cannot write there, so it cannot run another one. */
export function refuseNested({ path }: Workspace): void {
  if (process.env.POLYCRATE_TRANSACTION_ID === undefined || process.env.POLYCRATE_WORKSPACE !== path) return;
  throw new PolycrateError("an action cannot run another action of its own workspace", {
    hint: "run both from outside: one after the other, or as the steps of a workflow",
    exitCode: exitCodes.cannotWrite,
  });
}
