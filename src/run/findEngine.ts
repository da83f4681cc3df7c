import { homedir } from "node:os";
import { chooseEngine, programOf } from "../engine/chooseEngine.ts";
import { contextNames, hasContext } from "../engine/endpoint.ts";
import type { ClientProgram, Engine } from "../engine/engine.ts";
import { didYouMean, exitCodes, PolycrateError } from "../errors.ts";
import { pathOfStep, type StepInFile } from "../workspace/environment.ts";
import { type Fail, failAt, failFlag } from "../workspace/fail.ts";
import type { Workspace } from "../workspace/load.ts";

/** Who names a docker context beside the workspace, the stronger first. */
export type ContextWish = {
  /** The value of `--engine`. */
  readonly program?: ClientProgram | undefined;
  /** The value of `--context`. */
  readonly flag?: string | undefined;
  /** That of a workflow's step, and the step. */
  readonly step?: { readonly context: string | undefined; readonly of: StepInFile | undefined } | undefined;
};

/**
 * Returns the engine for a command: of the context that the flag, the step or the workspace names, else the one that docker's
 * client goes to. Throws (64, 65) when docker has no context of that name.
 */
export function findEngine(
  workspace: Pick<Workspace, "file" | "settings"> | undefined,
  wish: ContextWish = {},
): Engine {
  const settings = { environment: process.env, home: homedir() };
  const named = namedContext(workspace, wish);
  const program = wish.program ?? programOf(settings.environment);
  if (program === "podman") {
    named?.fail("podman has no contexts", "leave it out, or use docker's client: `--engine docker`");
    assertPodmanIsHere(settings.environment);
  }
  if (named !== undefined && !hasContext(settings, named.context)) {
    const near = didYouMean(named.context, contextNames(settings));
    named.fail(
      `docker has no context \`${named.context}\``,
      near ?? "`docker context ls` lists its contexts",
    );
  }
  const { delivery } = workspace?.settings.config.container ?? {};
  return chooseEngine(settings, process.getuid?.() ?? 0, {
    program,
    context: named?.context,
    delivery: delivery ?? undefined,
  });
}

/** A remote podman cannot mount the workspace, and copies nothing. */
function assertPodmanIsHere({ CONTAINER_HOST }: NodeJS.ProcessEnv): void {
  if (CONTAINER_HOST === undefined || CONTAINER_HOST === "") return;
  throw new PolycrateError("CONTAINER_HOST sends podman to another engine", {
    hint: "unset it, or use docker's client, with a context for an engine on another machine: `polycrate help remote`",
    exitCode: exitCodes.wrongCommandLine,
  });
}

type NamedContext = { readonly context: string; readonly fail: Fail };

function namedContext(
  workspace: Pick<Workspace, "file" | "settings"> | undefined,
  { flag, step }: ContextWish,
): NamedContext | undefined {
  if (flag !== undefined) return { context: flag, fail: failFlag("--context") };
  if (workspace === undefined) return undefined;
  const { file, settings } = workspace;
  if (step?.context !== undefined) {
    const at = step.of === undefined ? undefined : pathOfStep(file.value, step.of);
    return { context: step.context, fail: failAt(file, [...(at ?? []), "context"]) };
  }
  const { context } = settings.config.container;
  return context ? { context, fail: failAt(file, ["config", "container", "context"]) } : undefined;
}
