import type { Topic } from "./topics.ts";

/** A place in a topic that has the words that were searched for. */
export type Match = {
  readonly topic: string;
  /** The nearest heading above it; undefined before the first. */
  readonly heading: string | undefined;
  /** A heading, a sentence, a row of a table or a line of code. */
  readonly line: string;
};

/** Returns what contains the words, in the order of the topics; upper and lower case are the same. */
export function searchTopics(topics: readonly Topic[], words: string): readonly Match[] {
  const wanted = oneSpaced(words).toLowerCase();
  return topics.flatMap(placesIn).filter(({ line }) => oneSpaced(line).toLowerCase().includes(wanted));
}

function placesIn({ name, text }: Topic): readonly Match[] {
  const places: Match[] = [];
  let heading: string | undefined;
  const add = (lines: readonly string[]) => {
    const filled = lines.filter((line) => line !== "");
    places.push(...filled.map((line) => ({ topic: name, heading, line })));
    return "";
  };
  Bun.markdown.render(text, {
    heading: (title, { level }) => {
      if (level > 1) heading = title;
      return add([title]);
    },
    paragraph: (prose) => add(sentencesOf(prose)),
    listItem: (prose) => add(sentencesOf(prose)),
    code: (code) => add(code.split("\n").map((line) => line.trim())),
    th: (cell) => `${cell}  `,
    td: (cell) => `${cell}  `,
    tr: (row) => add([row.trim()]),
    codespan: (code) => `\`${code}\``,
  });
  return places;
}

function sentencesOf(prose: string): readonly string[] {
  return oneSpaced(prose).split(/(?<=[.?!]) (?=[A-Z`])/);
}

function oneSpaced(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ");
}
