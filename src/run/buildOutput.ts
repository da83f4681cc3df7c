import { type Readable, Transform } from "node:stream";

/**
 * Returns a build's output without colours, because it is not a terminal for the instructions, and without the note that the
 * classic builder is deprecated, because a workspace cannot change that.
 */
export function plainOutput(source: Readable): Readable {
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
  const plain = new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, bytes(pass(chunk.toString("latin1"), false))),
    flush: (done) => done(null, bytes(pass("", true))),
  });
  source.on("error", () => plain.end());
  return source.pipe(plain);
}

/** Its first line, lines that are indented below it, and an empty one (docker 23 to 28.2). */
const deprecationNote = /^DEPRECATED: The legacy builder.*\n?(?:[ \t]+.*\n?)*\n?/;

function isPartOfNote(text: string): boolean {
  const beginning = "DEPRECATED: The legacy builder";
  if (text.length < beginning.length) return beginning.startsWith(text);
  return text.startsWith(beginning) && !/\n(?:\n|[^ \t\n])/.test(text);
}
