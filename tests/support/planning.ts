import { expect } from "bun:test";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { docker } from "../../src/engine/docker.ts";
import { readWorkspaceFlags } from "../../src/engine/flags/checkFlags.ts";
import type { Caller } from "../../src/host/user.ts";
import { readBuildContext } from "../../src/image/buildContext.ts";
import { type Image, tagOf } from "../../src/image/image.ts";
import {
  type Container,
  describeContainer,
  type Ingredients,
  type Subject,
} from "../../src/plan/container.ts";
import { scriptOf } from "../../src/plan/entrypoint.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planRun, type RunOptions } from "../../src/plan/planRun.ts";
import { type Snapshot, takeSnapshot } from "../../src/plan/snapshot.ts";
import { resolveAction, resolveBlock } from "../../src/workspace/blocks/resolveBlock.ts";
import { declaredByBlock, declaredByWorkspace, readVariables } from "../../src/workspace/environment.ts";
import { loadWorkspace, type Workspace } from "../../src/workspace/load.ts";
import { locateBlock } from "../../src/workspace/runFiles.ts";
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

/** All that is read of machine and command line for a run, with facts that are the same everywhere. */
export type Facts = {
  readonly block?: string | undefined;
  readonly action?: string | undefined;
  readonly step?: Subject["step"];
  readonly ingredients?: Partial<Ingredients>;
  readonly options?: Partial<RunOptions>;
};

/** What was planned on the way to a plan. */
export type Planned = {
  readonly plan: Plan;
  readonly container: Container;
  readonly snapshot: Snapshot;
  readonly workspace: Workspace;
};

/** Returns the workspace of these files, as if it were at `workspacePath`. */
export function workspaceOf(files: Readonly<Record<string, string>>): Workspace {
  using folder = makeFolder(files);
  return { ...loadWorkspace({ named: folder.path }), path: workspacePath };
}

/** Returns the plan of an action as `polycrate run` makes it. */
export function planOf(workspace: Workspace, facts: Facts): Planned {
  const { block, action, step, ingredients, options } = facts;
  const subject = subjectOf(workspace, block, action, step);
  const directory = workspace.path;
  const read = readWorkspaceFlags(workspace, {
    uid: 1000,
    gid: 1000,
    home: host.HOME,
    directory,
    environment: host,
  });
  const container = describeContainer(workspace, subject, {
    transaction,
    place: { root: workspace.path, folder: ".polycrate/run" },
    version: "1.2.3",
    caller: anna,
    isEngineHere: true,
    files: { privateKey: undefined, publicKey: undefined, knownHosts: undefined, agent: undefined },
    environment: readVariables([
      ...declaredByWorkspace(workspace, read.variables, host),
      ...declaredByBlock(workspace, subject.block?.resolved, subject.action, host),
    ]),
    extraMounts: [],
    mountFlags: [],
    flags: read.flags,
    force: false,
    ...ingredients,
  });
  const snapshot = takeSnapshot(workspace, subject, container, "checksum-of-the-block");
  const plan = planRun(container, snapshot, {
    engine: docker,
    title: `polycrate run ${block} ${action}`,
    workspace: workspace.path,
    image: { reference: "busybox", build: undefined },
    terminal: { interactive: false, size: undefined },
    script: subject.action === undefined ? "" : scriptOf(subject.action),
    arguments: [],
    pull: undefined,
    joined: false,
    requires: [],
    folders: [
      workspace.layout.logsRoot,
      ...(subject.block === undefined ? [] : [subject.block.places.artifacts]),
    ],
    owner: "host/7/boot-1",
    selinux: false,
    ...options,
  });
  return { plan, container, snapshot, workspace };
}

function subjectOf(
  workspace: Workspace,
  block: string | undefined,
  action: string | undefined,
  step: Subject["step"],
): Subject {
  if (block === undefined) return { block: undefined, action: undefined, step };
  const resolved = resolveBlock(workspace, block);
  const places = locateBlock(workspace, resolved.value, resolved.lineage);
  return {
    block: { resolved, places },
    action: action === undefined ? undefined : resolveAction(resolved, action),
    step,
  };
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
