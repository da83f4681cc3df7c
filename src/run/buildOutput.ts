import type { ProgramOutput } from "../host/process.ts";

/**
 * Returns a build's output without colours, because it is not a terminal for the instructions, and without the note that the
 * classic builder is deprecated, because a workspace cannot change that.
 */
export async function* plainOutput(source: ProgramOutput): AsyncGenerator<Uint8Array> {
  let held = "";
  let isHead = true;
  const pass = (text: string, isEnd: boolean): string => {
    held += text;
    if (isHead && !isEnd && isPartOfNote(held)) return "";
    if (isHead) held = held.replace(deprecationNote, "");
    isHead = false;
    const cut = isEnd ? -1 : held.search(/\x1b(?:\[[0-9;]*)?$/);
    const ready = cut < 0 ? held : held.slice(0, cut);
    held = held.slice(ready.length);
    return ready.replace(/\x1b\[[0-9;]*m/g, "");
  };
  const bytes = (text: string) => Buffer.from(text, "latin1");
  try {
    for await (const chunk of source) yield bytes(pass(Buffer.from(chunk).toString("latin1"), false));
  } catch {
    // an output that breaks off has ended
  }
  yield bytes(pass("", true));
}

/** Its first line, lines that are indented below it, and an empty one (docker 23 to 28.2). */
const deprecationNote = /^DEPRECATED: The legacy builder.*\n?(?:[ \t]+.*\n?)*\n?/;

function isPartOfNote(text: string): boolean {
  const beginning = "DEPRECATED: The legacy builder";
  if (text.length < beginning.length) return beginning.startsWith(text);
  return text.startsWith(beginning) && !/\n(?:\n|[^ \t\n])/.test(text);
}
