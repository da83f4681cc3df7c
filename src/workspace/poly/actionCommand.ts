import type { YamlMap } from "../../yaml/value.ts";

/** True for an action that would run nothing: no playbook, and no line of a script except blank ones. */
export function runsNothing(action: YamlMap): boolean {
  const values = [action.get("script"), action.get("playbook")].flat();
  return values.every(
    (value) => value === undefined || value === null || (typeof value === "string" && value.trim() === ""),
  );
}

/** True for an action that has a script or a playbook, even if it is empty. */
export function hasCommand(action: YamlMap): boolean {
  return hasKey(action, "script") || hasKey(action, "playbook");
}

/** Returns the message for an action that would run nothing; `what` names it. */
export function nothingToRunMessage(action: YamlMap, what: string): string {
  const [slot] = ["script", "playbook"].filter((key) => hasKey(action, key));
  return slot === undefined
    ? `${what} has neither \`script\` nor \`playbook\``
    : `the \`${slot}\` of ${what} is empty`;
}

/** True for a key that has a value other than null. */
export function hasKey(map: YamlMap, key: string): boolean {
  return (map.get(key) ?? null) !== null;
}
