import { expect } from "bun:test";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { readWorkspaceFlags } from "../../src/engine/flags/checkFlags.ts";
import type { Caller } from "../../src/host/user.ts";
import { readBuildContext } from "../../src/image/buildContext.ts";
import type { Image } from "../../src/image/image.ts";
import { tagOf } from "../../src/image/tag.ts";
import { type Container, describeContainer } from "../../src/plan/container.ts";
import { scriptOf } from "../../src/plan/entrypoint.ts";
import type { HostFacts } from "../../src/plan/hostFacts.ts";
import { type AttachStep, type ContainerStep, containerStepOf, type Plan } from "../../src/plan/plan.ts";
import { type ContainerCommand, planContainer } from "../../src/plan/planContainer.ts";
import type { RunOptions } from "../../src/plan/runOptions.ts";
import { takeSnapshot } from "../../src/plan/snapshot.ts";
import type { Target } from "../../src/plan/target.ts";
import { noTerminal } from "../../src/plan/terminal.ts";
import { findTarget } from "../../src/run/findTarget.ts";
import { snapshotBlocks } from "../../src/run/snapshotBlocks.ts";
import {
  declaredByBlock,
  declaredByStep,
  declaredByWorkspace,
  readVariables,
} from "../../src/workspace/environment.ts";
import { loadWorkspace, type Workspace } from "../../src/workspace/load.ts";
import { locateFiles } from "../../src/workspace/locateFiles.ts";
import { readYaml } from "../../src/yaml/read.ts";
import { isYamlMap, type YamlMap } from "../../src/yaml/value.ts";
import { writeYaml } from "../../src/yaml/write.ts";
import { docker } from "./engines.ts";
import { makeFolder } from "./harness.ts";

/** A caller with one group beside the primary one. */
export const anna: Caller = {
  uid: 1000,
  gid: 1000,
  name: "anna",
  groups: [
    { gid: 1000, name: "anna" },
    { gid: 998, name: "docker" },
  ],
  isRootInside: false,
};

/** What the caller's environment has. */
const host = { HOME: "/home/anna", TOKEN: "s3cr3t value" };

/** Where the workspace is in every plan, wherever the test put it. */
export const workspacePath = "/work/example";

const transaction = "01a20e8a-0000-7000-8000-00c0ffee0001";

/** What a run is planned from, with facts that are the same everywhere, and what a test changes in them. */
export type Facts = {
  readonly block?: string | undefined;
  readonly action?: string | undefined;
  readonly step?: Target["step"];
  readonly engine?: Engine;
  readonly facts?: Partial<HostFacts>;
  readonly command?: Partial<ContainerCommand>;
  readonly options?: Partial<RunOptions>;
};

/** What was planned on the way to a plan. */
export type Planned = {
  readonly plan: Plan;
  readonly run: ContainerStep | AttachStep;
  readonly container: Container;
  /** As the container reads it. */
  readonly snapshot: YamlMap;
  readonly workspace: Workspace;
};

/** Returns the workspace of these files, as if it were at `workspacePath`. */
export function workspaceOf(files: Readonly<Record<string, string>>): Workspace {
  using folder = makeFolder(files);
  return { ...loadWorkspace({ named: folder.path }), path: workspacePath };
}

/** Returns the plan of an action as `polycrate run` makes it. */
export function planOf(workspace: Workspace, changes: Facts): Planned {
  const target = targetOf(workspace, changes);
  const facts = { ...factsOf(workspace, target), ...changes.facts };
  const options = optionsOf(changes.options);
  const command: ContainerCommand = {
    title: `polycrate run ${changes.block} ${changes.action}`,
    script: target.action === undefined ? "" : scriptOf(target.action),
    recap: typeof target.action?.settings.playbook === "string",
    items: target.action?.settings.script ?? [],
    source: undefined,
    terminal: noTerminal,
    joined: false,
    timeout: undefined,
    ...changes.command,
  };
  const plan = planContainer(workspace, changes.engine ?? docker, target, facts, command, options);
  const run = containerStepOf(plan);
  if (run === undefined) throw new Error("a container was planned without a step that runs it");
  const container = describeContainer(workspace, target, facts, options.yes);
  const { value } = readYaml(writeYaml(takeSnapshot(workspace, target, container, facts)));
  if (!isYamlMap(value)) throw new Error("a snapshot is a map");
  return { plan, run, container, snapshot: value, workspace };
}

/** Returns the options of a command line without flags, with some changes. */
export function optionsOf(changes: Partial<RunOptions> = {}): RunOptions {
  return {
    env: [],
    mounts: [],
    arguments: [],
    inputs: [],
    yes: false,
    dryRun: false,
    report: false,
    ...changes,
  };
}

/** Returns what is read of the machine for the target: the same everywhere. */
export function factsOf(workspace: Workspace, target: Target): HostFacts {
  const read = readWorkspaceFlags(workspace, {
    uid: 1000,
    gid: 1000,
    home: host.HOME,
    directory: workspace.path,
    environment: host,
  });
  const files = locateFiles(workspace);
  return {
    transaction,
    traceparent: undefined,
    place: { root: workspace.path, folder: ".polycrate/run" },
    version: "1.2.3",
    caller: anna,
    isEngineHere: true,
    mappedIds: undefined,
    hasCaches: true,
    files: { privateKey: undefined, publicKey: undefined, knownHosts: undefined, agent: undefined },
    variables: readVariables([
      ...declaredByWorkspace(workspace, read.variables, host),
      ...declaredByBlock(workspace, target.block?.resolved, target.action, host),
      ...declaredByStep(workspace, target.step, host),
    ]),
    inputs: [],
    extraMounts: [],
    mountFlags: [],
    flags: read.flags,
    mountedFiles: new Set(),
    snapshot: {
      files,
      blocks: snapshotBlocks(workspace, files, undefined),
      checksum: "checksum-of-the-block",
    },
    image: { reference: "busybox", build: undefined },
    blocks: { digests: new Map(), warnings: [] },
    stdio: { stdin: "nothing", stdout: undefined, joined: false, ci: false },
    selinux: false,
    owner: "host/7/boot-1",
  };
}

/** Returns the target that a test names. */
export function targetOf(
  workspace: Workspace,
  { block, action, step }: Pick<Facts, "block" | "action" | "step">,
): Target {
  return { ...findTarget(workspace, block, action), step };
}

const exampleFolder = resolve(import.meta.dir, "../example");

/** The workspace `tests/example`, and the image that is built from it; `more` is added to its file. */
export async function readExample(more = ""): Promise<{ workspace: Workspace; image: Image }> {
  const names = [...new Bun.Glob("**/*").scanSync({ cwd: exampleFolder, dot: true })];
  const files = names.map((name) => [name, readFileSync(join(exampleFolder, name), "utf8")]);
  using folder = makeFolder(Object.fromEntries(files));
  // Whatever the umask is where the project was checked out.
  for (const name of names) chmodSync(join(folder.path, name), 0o644);
  const context = await readBuildContext(folder.path, "Dockerfile.poly", { builtinIgnores: [] });
  folder.write("workspace.poly", folder.read("workspace.poly") + more);
  const workspace = { ...loadWorkspace({ named: folder.path }), path: workspacePath };
  const build = { context, noCache: false, pull: false, when: "missing" } as const;
  return { workspace, image: { reference: tagOf(context), build } };
}

/** Compares with a file beside this one, which `UPDATE_GOLDEN=1 bun test tests/unit` writes anew. */
export function expectGolden(name: string, text: string): void {
  const file = join(import.meta.dir, "../unit/plan/golden", name);
  const portable = text.replaceAll(`${homedir()}/.kube`, "~/.kube");
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, portable);
  expect(portable).toBe(readFileSync(file, "utf8"));
}
