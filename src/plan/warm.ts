import type { ContainerRequest, Engine, KeepRequest } from "../engine/engine.ts";
import type { DockerFlag } from "../engine/flags/dockerFlag.ts";
import { label } from "../engine/labels.ts";
import { argValue } from "../host/arg.ts";
import type { Workspace } from "../workspace/load.ts";
import type { Container } from "./container.ts";
import type { HostFacts, WarmFacts } from "./hostFacts.ts";
import type {
  AttachStep,
  CacheStep,
  ContainerStep,
  ProbeStep,
  RunPlace,
  WarmSlot,
  WarmStep,
} from "./plan.ts";
import type { RunOptions } from "./runOptions.ts";
import type { RunPaths } from "./runPaths.ts";
import enter from "./warm/enter.sh" with { type: "text" };
import keeper from "./warm/keeper.sh" with { type: "text" };

/** How many runs can be in warm containers of the same kind at the same time. */
const slots = ["1", "2", "3", "4"];

/** Returns for how many seconds a container is kept after its last run; 0 if it is not. */
export function warmSeconds(workspace: Workspace, { warm }: Pick<RunOptions, "warm">): number {
  const configured = workspace.settings.config.container.warm ?? undefined;
  return warm === undefined ? (configured ?? 0) : (warm.seconds ?? (configured || 900));
}

/** Where the folders of warm containers are, beside those of runs; relative to the root of the place. */
export function warmFolder({ folder }: RunPlace): string {
  return `${folder}-warm`;
}

/** What decides whether a run can be warm. */
export type WarmCandidate = {
  readonly engine: Pick<Engine, "kind" | "program" | "can">;
  readonly container: Pick<Container, "flags" | "environment" | "secrets">;
  readonly step: Pick<ContainerStep | AttachStep, "terminal" | "inspects">;
};

/** Returns why a run cannot be in a warm container, as the rest of a sentence; undefined if it can. */
export function reasonForCold(
  { engine, container, step }: WarmCandidate,
  { pull, build }: Pick<RunOptions, "pull" | "build">,
): string | undefined {
  if (!engine.can.keepWarm) return `the engine is ${engine.program}`;
  if (engine.kind === "remote") return "its files are copied to the engine";
  if (container.secrets.length > 0) return "the workspace has a `secrets.poly`";
  if (step.inspects) return "`--shell-on-failure` is set";
  if (step.terminal.size !== undefined) return "the action has a terminal";
  if (step.terminal.interactive) return "the action reads standard input";
  if (pull === "always") return "`--pull always` is set";
  if (build === true) return "`--build` is set";
  // The shell that waits for the action would read it too.
  if (container.environment.some(({ name }) => name === "BASH_ENV")) return "`BASH_ENV` is set";
  const flag = container.flags.find(isForColdRuns);
  return flag === undefined ? undefined : `\`docker_flags\` have \`--${flag.name}\``;
}

/** Flags that share the host's processes or ports, or that a container has for its own command. */
function isForColdRuns({ name, value }: DockerFlag): boolean {
  if (["privileged", "publish-all"].includes(name)) return value !== "false";
  if (name === "pid") return true;
  return ["publish", "cidfile", "stop-signal", "no-healthcheck"].includes(name) || /^health-/.test(name);
}

/** What a warm step is planned from: a cold run, and what it was planned from. */
export type WarmPlan = {
  readonly engine: Engine;
  readonly container: Container;
  readonly request: ContainerRequest;
  readonly facts: HostFacts;
  readonly observed: WarmFacts;
  readonly before: readonly (ProbeStep | CacheStep)[];
  readonly cold: ContainerStep;
};

/** Returns the step that runs the command in a warm container, which is kept for that many seconds. */
export function warmStep(plan: WarmPlan, seconds: number): WarmStep {
  const key = warmKey(plan, seconds);
  const slot = (name: string) => slotOf(plan, seconds, `polycrate-warm-${key}-${name}`);
  return {
    kind: "warm",
    image: plan.facts.image,
    slots: slots.map(slot),
    slotOfScript: slot(plan.facts.transaction.slice(-12)),
    before: plan.before,
    cold: plan.cold,
  };
}

/** Two runs share a container only if all of this is the same: the engine decides whether the image is. */
function warmKey(plan: WarmPlan, seconds: number): string {
  const { facts, observed, engine } = plan;
  const words = engine.keep(keepRequest(plan, seconds, "", "")).map(argValue);
  const owner = [facts.version, engine.endpoint.name, facts.caller.uid, facts.caller.name];
  const text = JSON.stringify([owner, words, observed.inodes, observed.resolver]);
  return new Bun.CryptoHasher("sha256").update(text).digest("hex").slice(0, 24);
}

function slotOf(plan: WarmPlan, seconds: number, name: string): WarmSlot {
  const { engine, request, facts, cold, container } = plan;
  const folder = { root: facts.place.root, path: `${warmFolder(facts.place)}/${name}` };
  const path = `${folder.root}/${folder.path}`;
  const { environment, workdir, entrypoint } = request;
  const command = [entrypoint, "-c", enter, "enter", entrypoint, ...request.command];
  return {
    folder,
    keep: {
      kind: "keep",
      argv: engine.keep(keepRequest(plan, seconds, name, path)),
      image: facts.image,
      container: name,
      shell: entrypoint,
      find: engine.imageOfRunning(name),
      remove: engine.removeContainer(name),
      files: container.user.entries === undefined ? [] : ["files/passwd", "files/group"],
    },
    exec: {
      ...cold,
      kind: "exec",
      argv: engine.exec({ name, environment, workdir, command }),
      container: name,
      status: `${path}/status/status`,
    },
  };
}

function keepRequest(
  { request, container }: WarmPlan,
  seconds: number,
  name: string,
  folder: string,
): KeepRequest {
  const { mounts, volumes, hiddenFolders, tmpfs, entrypoint, selinux } = request;
  const { user, groups, limits, flags, image } = request;
  const moved = movedSources(container.paths, folder);
  const interval = Math.max(1, Math.min(10, Math.floor(seconds / 10)));
  return {
    name,
    labels: [...request.labels.filter(isOfWorkspace), label("warm", String(seconds))],
    mounts: mounts.map((mount) => ({ ...mount, source: moved.get(mount.source) ?? mount.source })),
    ...{ volumes, hiddenFolders, tmpfs, entrypoint, selinux, user, groups, limits, flags, image },
    // A missing image is pulled by a cold run, which shows it.
    pull: "never",
    command: ["-c", keeper, "keeper", String(seconds), String(interval)],
  };
}

function isOfWorkspace(one: string): boolean {
  return one.startsWith(`${label("workspace")}=`);
}

/** Where the files of the runs are that the container mounts. */
function movedSources(paths: RunPaths, folder: string): ReadonlyMap<string, string> {
  return new Map([
    [paths.files, `${folder}/files`],
    [paths.statusFolder, `${folder}/status`],
    [paths.snapshot, `${folder}/snapshot.yml`],
    [paths.passwd, `${folder}/passwd`],
    [paths.group, `${folder}/group`],
  ]);
}
