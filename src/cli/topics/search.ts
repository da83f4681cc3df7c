import type { Topic } from "./topics.ts";

/** A line of a topic that has the words that were searched for. */
export type Match = {
  readonly topic: string;
  /** The nearest heading above it. */
  readonly heading: string;
  /** Without Markdown's marks of lists and tables; two lines when the words stand on both. */
  readonly line: string;
};

/** Returns the lines that contain the words, in the order of the topics; upper and lower case are the same. */
export function searchTopics(topics: readonly Topic[], words: string): readonly Match[] {
  const wanted = words.trim().replaceAll(/\s+/g, " ").toLowerCase();
  return topics.flatMap(({ name, text }) => {
    const lines = linesOf(name, text);
    const has = (line: string) => line.toLowerCase().includes(wanted);
    return lines.flatMap((one, index): readonly Match[] => {
      if (has(one.line)) return [one];
      const next = lines[index + 1];
      if (next === undefined || one.line === "" || next.line === "" || has(next.line)) return [];
      const both = `${one.line} ${next.line}`;
      return has(both) ? [{ ...one, line: both }] : [];
    });
  });
}

function linesOf(topic: string, text: string): readonly Match[] {
  let heading = topic;
  let isCode = false;
  return text.split("\n").map((line) => {
    if (line.startsWith("```")) {
      isCode = !isCode;
      return { topic, heading, line: "" };
    }
    if (!isCode && line.startsWith("#")) heading = line.replace(/^#+ */, "");
    return { topic, heading, line: isCode ? line.trim() : plainLine(line) };
  });
}

function plainLine(line: string): string {
  if (/^\|[\s|:-]*$/.test(line)) return "";
  if (!line.startsWith("|")) return line.replace(/^\s*(?:#+|-|\d+\.)\s+/, "").trim();
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"))
    .filter((cell) => cell !== "")
    .join("  ");
}
