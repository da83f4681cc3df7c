import type { Engine } from "../engine/engine.ts";
import { quote } from "../host/arg.ts";
import type { Workspace } from "../workspace/load.ts";
import type { HostFacts } from "./hostFacts.ts";
import type { Plan } from "./plan.ts";
import { planContainer } from "./planContainer.ts";
import type { RunOptions } from "./runOptions.ts";
import type { Target } from "./target.ts";
import { chooseTerminal } from "./terminal.ts";

/** Returns the plan of a command in a container set up like that of the target's action. Throws as `planAction` does. */
export function planExec(
  workspace: Workspace,
  engine: Engine,
  target: Target,
  facts: HostFacts,
  options: RunOptions,
): Plan {
  const { stdio } = facts;
  const command = {
    title: "polycrate exec",
    script: 'exec "$@"\n',
    recap: false,
    items: [],
    source: undefined,
    terminal: chooseTerminal(stdio, options, false),
    joined: stdio.joined,
    timeout: undefined,
  };
  return planContainer(workspace, engine, target, facts, command, options);
}

/** Returns the plan of a shell in such a container: interactive at a terminal, otherwise reading commands from standard input. */
export function planShell(
  workspace: Workspace,
  engine: Engine,
  target: Target,
  facts: HostFacts,
  options: RunOptions,
): Plan {
  const { stdio } = facts;
  const isPerson = stdio.stdin === "terminal" && stdio.stdout !== undefined && !stdio.ci;
  const name = target.block?.resolved.name;
  const command = {
    title: `polycrate shell${name === undefined ? "" : ` ${name}`}`,
    script: `exec ${quote(workspace.settings.config.container.shell)} "$@"\n`,
    recap: false,
    items: [],
    source: undefined,
    terminal: chooseTerminal(stdio, { dryRun: false }, isPerson),
    joined: stdio.joined,
    timeout: undefined,
  };
  return planContainer(workspace, engine, target, facts, command, options);
}
