import { limitRows } from "../../engine/engineLimits.ts";
import { labelMeanings } from "../../engine/labels.ts";
import { exitCodeMeanings, exitCodes } from "../../errors.ts";
import { eventRows } from "../../reports/eventReference.ts";
import { recordKeys } from "../../transactions/transaction.ts";
import { keyTable, markdownTable } from "../../workspace/poly/keyReference.ts";
import { problemCodes } from "../../workspace/poly/problemCodes.ts";
import { variableMeanings } from "../../workspace/variableNames.ts";

/**
 * Returns a topic's Markdown with each line `<!-- PART -->` or `<!-- PART: WORDS -->` replaced by the table that the sources
 * give for it. Throws for an unknown part.
 */
export function insertGenerated(text: string): string {
  return text.replace(/^<!-- ([^:]+?)(?:: (.*))? -->$/gm, (_, name: string, words: string | undefined) => {
    const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
    if (part === undefined) throw new Error(`there is no generated part ${name}`);
    return part((words ?? "").split(" ").filter((word) => word !== "")).join("\n");
  });
}

const parts: Readonly<Record<string, (words: readonly string[]) => readonly string[]>> = {
  keys,
  "problem codes": () => markdownTable(["Code", "Meaning"], byName(problemCodes)),
  "exit codes": () => markdownTable(["Code", "Meaning"], exitCodeRows()),
  "record keys": () => markdownTable(["Key", "Value"], byName(recordKeys)),
  events: () => markdownTable(["Type", "Meaning", "Keys of its own"], eventCells()),
  variables: () => markdownTable(["Variable", "Value"], byName(variableMeanings)),
  "engine limits": () => markdownTable(["Engine", "Limit"], limitRows()),
  labels: () => markdownTable(["Label", "Value"], byName(labelMeanings)),
};

/** The words: a file (default: `workspace.poly`), keys that are wanted (default: all), and after a `-` those that are not. */
function keys(words: readonly string[]): readonly string[] {
  const paths = words.filter((word) => !word.startsWith("-") && !word.endsWith(".poly"));
  const without = words.filter((word) => word.startsWith("-")).map((word) => word.slice(1));
  return keyTable({ file: words.includes("block.poly") ? "block" : "workspace", paths, without });
}

function byName(meanings: Readonly<Record<string, string>>): readonly (readonly string[])[] {
  return Object.entries(meanings).map(([name, meaning]) => [`\`${name}\``, meaning]);
}

function eventCells(): readonly (readonly string[])[] {
  return eventRows().map(([type, meaning, keys]) => [
    `\`${type}\``,
    meaning,
    keys.map((key) => `\`${key}\``).join(", "),
  ]);
}

function exitCodeRows(): readonly (readonly string[])[] {
  const meanings: Readonly<Record<string, string>> = exitCodeMeanings;
  return Object.entries(exitCodes).map(([name, code]) => [String(code), meanings[name] ?? ""]);
}
