import { isYamlList, isYamlMap, type YamlMap, type YamlPath, type YamlValue } from "../../yaml/value.ts";
import { hasCommand, hasKey, nothingToRunMessage } from "./actionCommand.ts";
import type { PolyKind } from "./polyKind.ts";
import type { PolyFinding } from "./problems.ts";
import { workflowConflicts } from "./workflowConflicts.ts";

/**
 * Returns the conflicts between values, which the schema of a single value cannot check: names that are repeated in a
 * list, actions with both a script and a playbook or with neither, workflows that are not a graph.
 */
export function conflictsIn(kind: PolyKind, value: YamlMap): readonly PolyFinding[] {
  if (kind === "block") return [...actionConflicts(value, [])];
  const blocks = value.get("blocks");
  const found: PolyFinding[] = [
    ...repeatedNames(blocks, ["blocks"], "block"),
    ...repeatedNames(value.get("workflows"), ["workflows"], "workflow"),
    ...(kind === "secrets" ? [] : workflowConflicts(value)),
  ];
  if (isYamlList(blocks)) {
    blocks.forEach((block, index) => {
      if (isYamlMap(block)) found.push(...actionConflicts(block, ["blocks", index]));
    });
  }
  return found;
}

function actionConflicts(block: YamlMap, at: YamlPath): readonly PolyFinding[] {
  const actions = block.get("actions");
  if (!isYamlList(actions)) return [];
  const found: PolyFinding[] = [...repeatedNames(actions, [...at, "actions"], "action")];
  const mayInherit = block.has("from") || at.length > 0;
  actions.forEach((action, index) => {
    if (!isYamlMap(action)) return;
    const path = [...at, "actions", index];
    const name = String(action.get("name"));
    if (hasKey(action, "script") && hasKey(action, "playbook")) {
      found.push({
        severity: "error",
        at: [...path, "playbook"],
        code: "script-and-playbook",
        message: `action \`${name}\` has both \`script\` and \`playbook\``,
        hint: "split it into two actions",
      });
    } else if (!mayInherit && !hasCommand(action)) {
      found.push({
        severity: "error",
        at: path,
        code: "nothing-to-run",
        message: nothingToRunMessage(action, `action \`${name}\``),
        hint: "add `script:` with a list of shell commands, or `playbook:` with a path",
      });
    }
  });
  return found;
}

function repeatedNames(list: YamlValue | undefined, at: YamlPath, what: string): readonly PolyFinding[] {
  if (!isYamlList(list)) return [];
  const seen = new Set<string>();
  return list.flatMap((item, index) => {
    if (!isYamlMap(item)) return [];
    const version = item.get("version");
    const name = item.get("name");
    const identity = what === "block" ? JSON.stringify([name, version ?? null]) : String(name);
    if (typeof name !== "string" || !seen.has(identity)) {
      seen.add(identity);
      return [];
    }
    return [
      {
        severity: "error",
        at: [...at, index, "name"],
        code: "repeated-name",
        message: `two ${what}s have the name \`${name}\``,
        hint: `rename one of them`,
      },
    ];
  });
}
