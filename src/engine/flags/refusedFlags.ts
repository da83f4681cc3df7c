import { isOurTarget, ourTargetHint, ourTargetMessage } from "../../workspace/mounts.ts";
import { splitAt, targetsOfFlags } from "./flagMounts.ts";
import { flagError } from "./splitWords.ts";

/** A flag as it is checked: its long name, and how it is written. */
export type WrittenFlag = { readonly name: string; readonly shown: string };

/** Throws (65) for a flag that a workspace cannot set. */
export function assertAllowed({ name, shown }: WrittenFlag): void {
  const reason = refusedFlags.get(name);
  if (reason !== undefined) throw flagError(`the flag \`${shown}\` cannot be set`, reason);
}

/** Throws (65) also for a switch that is turned off, a label of polycrate, a mount at a reserved path. */
export function assertUsable(flag: WrittenFlag, value: string | undefined, containerRoot: string): void {
  const { name, shown } = flag;
  assertAllowed(flag);
  const reason = alwaysOn.get(name);
  if (reason !== undefined && value !== undefined && !/^(?:1|t|T|TRUE|true|True)$/.test(value)) {
    throw flagError(`the flag \`${shown}=${value}\` cannot be set`, reason);
  }
  if (name === "label" && value?.startsWith("polycrate.") === true) {
    throw flagError(
      `the label \`${splitAt(value, "=")[0]}\` is set by polycrate`,
      "choose a name that does not begin with `polycrate.`",
    );
  }
  for (const target of targetsOfFlags([{ name, value }])) {
    if (isOurTarget(target, containerRoot)) throw flagError(ourTargetMessage(target), ourTargetHint);
  }
}

const ours = "polycrate sets it";
const useLog = "polycrate writes the log, with secrets masked; see `polycrate logs`";
const terminal = "use `interactive: true` on the action, or `--interactive`";

/** Why a workspace cannot set a flag, by the flag's name. */
const refusedFlags: ReadonlyMap<string, string> = new Map([
  ["name", ours],
  ["entrypoint", "set `config.container.shell` instead"],
  ["workdir", "an action runs in the folder of its block"],
  ["cidfile", ours],
  ["detach", "polycrate waits for the action and returns its exit code"],
  ["detach-keys", "polycrate waits for the action and does not detach"],
  ["attach", ours],
  ["sig-proxy", "signals must reach the action"],
  ["restart", "an action runs once"],
  ["interactive", terminal],
  ["tty", terminal],
  ["pull", "use `polycrate run --pull`"],
  ["env-file", "set its variables in `config.container.env`"],
  ["help", "run `docker run --help` by hand"],
  ["log-driver", useLog],
  ["log-opt", useLog],
]);

/** Switches that every container has, so setting them changes nothing, and why they cannot be turned off. */
export const alwaysOn: ReadonlyMap<string, string> = new Map([
  ["rm", "polycrate removes the container when the action ends"],
  ["init", "without it a signal does not reach every process of the action"],
]);
