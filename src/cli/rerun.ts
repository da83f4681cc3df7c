import { exitCodes, PolycrateError, printable } from "../errors.ts";
import { quote } from "../host/arg.ts";
import type { ActionTarget } from "../plan/target.ts";
import { planWorkflow } from "../plan/workflow/planWorkflow.ts";
import { findAction } from "../run/findTarget.ts";
import type { Recorded } from "../transactions/history.ts";
import { recordedMatrix } from "../transactions/recordedTransaction.ts";
import { findWorkflow } from "../workspace/blocks/resolveWorkflow.ts";
import { inputsOf, scalarText } from "../workspace/inputs/declarations.ts";
import type { Workspace } from "../workspace/load.ts";
import { nodeName } from "../workspace/matrix.ts";
import {
  isYamlList,
  isYamlMap,
  isYamlNumber,
  textOf,
  type YamlMap,
  type YamlValue,
  yamlMapAt,
} from "../yaml/value.ts";
import { shortId } from "./findRecord.ts";
import { inputArgument } from "./inputFlags.ts";
import type { GivenInputs } from "./readInputs.ts";

/** What a recorded run is repeated with. A record is only a file, so the user sees it before. */
export type Rerun = {
  readonly target: ActionTarget;
  readonly arguments: readonly string[];
  /** The values of the inputs that are not secret. */
  readonly inputs: GivenInputs;
  /** The timeout of the workflow's step, in seconds; undefined without one. */
  readonly timeout: number | undefined;
  /** The first of the arguments, which come from the workflow's step, not from the command line. */
  readonly stepArguments: readonly string[];
};

/**
 * Returns the action of the record as it is today, and its arguments; `failedHosts` limits a playbook to the hosts that failed or
 * were unreachable. Throws (64) when the record does not say enough, and as `findAction` does.
 */
export function readRerun(workspace: Workspace, recorded: Recorded, failedHosts: boolean): Rerun {
  const { target, timeout, stepArguments } = recordedTarget(workspace, recorded);
  const words = argumentsOf(recorded);
  return {
    target,
    timeout,
    stepArguments,
    arguments: failedHosts ? withLimit(words, failedHostsOf(target, recorded)) : words,
    inputs: inputsToRepeat(target, recorded),
  };
}

/** A secret is asked for again; what it was is not recorded. */
function inputsToRepeat({ block, action }: ActionTarget, { record }: Recorded): GivenInputs {
  const declarations = inputsOf(action.value);
  const inputs = Array.from(yamlMapAt(record, "inputs") ?? [], ([key, value]) => {
    const name = String(key);
    const declaration = declarations.find((one) => one.name === name);
    if (declaration === undefined) {
      throw refusal(
        `action \`${block.resolved.name} ${action.name}\` no longer has an input \`${name}\``,
        "repeat the run with `polycrate run`",
      );
    }
    if (declaration.secret) return [];
    const text = scalarText(value);
    if (text === undefined || text.includes("***")) {
      throw refusal(
        `the value of the input \`${name}\` contained a secret, which is not recorded`,
        "repeat the run with `polycrate run`",
      );
    }
    return [[name, text] as const];
  });
  return new Map(inputs.flat());
}

/** Returns what is run as a command line for people. */
export function describeRerun({ target, arguments: words, stepArguments, inputs }: Rerun): string {
  const { block, action, step } = target;
  const flags = Array.from(inputs, ([name, value]) => inputArgument(name, value));
  const names =
    step === undefined
      ? [block.resolved.name, action.name, ...flags]
      : [
          ...[step.workflow, `--step=${step.name}`],
          ...(step.matrix ?? []).map(({ name, value }) => `--matrix=${name}=${value}`),
        ];
  const isOwn = stepArguments.every((word, index) => words[index] === word);
  const given = isOwn ? words.slice(stepArguments.length) : words;
  const tail = given.length === 0 ? [] : ["--", ...given];
  // The inputs of a step are in the file, or were when it ran.
  const note = step === undefined || flags.length === 0 ? "" : ` (with ${flags.map(quote).join(" ")})`;
  return printable(`${["polycrate", "run", ...[...names, ...tail].map(quote)].join(" ")}${note}`);
}

function recordedTarget(workspace: Workspace, { id, record }: Recorded): Omit<Rerun, "arguments" | "inputs"> {
  const [block, action, workflow, step] = ["block", "action", "workflow", "step"].map((key) =>
    textOf(record.get(key)),
  );
  if (block === undefined || action === undefined) {
    throw refusal(
      `the record of ${shortId(id)} does not name a block and an action`,
      "see `polycrate history`",
    );
  }
  if (workflow === undefined || step === undefined)
    return { target: findAction(workspace, block, action), timeout: undefined, stepArguments: [] };
  const matrix = recordedMatrix(record);
  const name = nodeName(step, matrix);
  const today = findWorkflow(workspace, workflow);
  const found = today && planWorkflow(today).nodes.find((node) => node.name === name)?.step;
  const target = findAction(workspace, block, action, { workflow, name: step, matrix });
  if (found !== undefined) {
    const now = findAction(workspace, found.block, found.action);
    if (now.block.resolved.name === target.block.resolved.name && now.action.name === target.action.name)
      return { target, timeout: found.timeout ?? undefined, stepArguments: found.arguments };
  }
  throw refusal(
    `workflow \`${workflow}\` no longer has a step \`${name}\` that runs \`${block} ${action}\``,
    `run the action itself: \`polycrate run ${block} ${action}\``,
  );
}

function argumentsOf({ id, record }: Recorded): readonly string[] {
  const value = record.get("arguments");
  const words = isYamlList(value) ? value.filter((word) => typeof word === "string") : undefined;
  if (words === undefined) {
    throw refusal(
      `the record of ${shortId(id)} does not contain the arguments of the run`,
      "it was written by polycrate 0.1.0; repeat the run with `polycrate run`",
    );
  }
  if (words.some((word) => word.includes("***"))) {
    throw refusal(
      "an argument of the run contained a secret, which is not recorded",
      "repeat the run with `polycrate run`",
    );
  }
  return words;
}

function failedHostsOf({ action }: ActionTarget, { id, record }: Recorded): readonly string[] {
  if (typeof action.settings.playbook !== "string") {
    throw refusal(`action \`${action.name}\` does not run a playbook`, "omit `--failed-hosts`");
  }
  const hosts = record.get("hosts");
  const recaps = isYamlList(hosts) ? hosts.filter(isYamlMap) : [];
  const failed = recaps.filter((recap) => isAbove0(recap, "failed") || isAbove0(recap, "unreachable"));
  if (failed.length === 0) {
    throw refusal(
      `no host failed or was unreachable in ${shortId(id)}`,
      "omit `--failed-hosts` to run the playbook on all hosts",
    );
  }
  return failed.map((recap) => textOf(recap.get("host")) ?? "");
}

function isAbove0(recap: YamlMap, key: string): boolean {
  const count: YamlValue | undefined = recap.get(key);
  return isYamlNumber(count) && Number(count.digits) > 0;
}

/**
 * A name of a host must not be a pattern to `--limit`, which would mean other hosts (`all`, `!x`, `~x`, `web*`) or the lines of
 * a file (`@x`). The last `--limit` counts, and options end at `--`.
 */
function withLimit(words: readonly string[], hosts: readonly string[]): readonly string[] {
  for (const host of hosts) {
    if (plainHost.test(host) && host !== "all" && host !== "ungrouped") continue;
    throw refusal(
      `the host name \`${host}\` cannot be passed to \`--limit\``,
      "omit `--failed-hosts`, or limit the playbook yourself: `-- --limit HOSTS`",
    );
  }
  const dashes = words.indexOf("--");
  const end = dashes < 0 ? words.length : dashes;
  return [...words.slice(0, end), `--limit=${hosts.join(",")}`, ...words.slice(end)];
}

const plainHost = /^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_.-]*$/u;

function refusal(message: string, hint: string): PolycrateError {
  return new PolycrateError(message, { hint, exitCode: exitCodes.wrongCommandLine });
}
