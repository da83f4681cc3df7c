/** From `start` to before `end`. */
export type ByteSpan = { readonly start: number; readonly end: number };

/** Finds every place of every text, in no order. */
export type TextSearch = (data: Buffer) => readonly ByteSpan[];

/** For more texts than this one pass over the data is faster than one for each text. */
const fewTexts = 16;

/** Returns a search for the texts, which have at least 4 bytes. */
export function searchFor(texts: readonly Buffer[]): TextSearch {
  return texts.length <= fewTexts
    ? (data) => texts.flatMap((text) => occurrences(data, text))
    : indexedSearch(texts);
}

function occurrences(data: Buffer, text: Buffer): readonly ByteSpan[] {
  const found: ByteSpan[] = [];
  for (let at = data.indexOf(text); at >= 0; at = data.indexOf(text, at + 1)) {
    found.push({ start: at, end: at + text.length });
  }
  return found;
}

/** Looks up the first 4 bytes at each place; a table of the first 2 skips most of them. */
function indexedSearch(texts: readonly Buffer[]): TextSearch {
  const begins = new Uint8Array(0x1_00_00);
  const byBeginning = Map.groupBy(texts, (text) => text.readUInt32BE(0));
  for (const text of texts) begins[text.readUInt16BE(0)] = 1;
  return (data) => {
    const found: ByteSpan[] = [];
    for (let start = 0; start + 4 <= data.length; start += 1) {
      if (begins[data.readUInt16BE(start)] === 0) continue;
      for (const text of byBeginning.get(data.readUInt32BE(start)) ?? []) {
        const end = start + text.length;
        if (end <= data.length && data.compare(text, 0, text.length, start, end) === 0)
          found.push({ start, end });
      }
    }
    return found;
  };
}
