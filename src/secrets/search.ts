/** From `start` to before `end`. */
export type ByteSpan = { readonly start: number; readonly end: number };

/** Looks for texts of at least 4 bytes. */
export type TextSearch = {
  /** Returns every place of every text, in no order. */
  readonly find: (data: Buffer) => readonly ByteSpan[];
  /** Returns the offset at which the data may end with the beginning of a text; the length of the data when it does not. */
  readonly openEnd: (data: Buffer) => number;
};

/** For more texts than this one pass over the data is faster than one for each text. */
const fewTexts = 16;

/** Returns a search for the texts. */
export function searchFor(texts: readonly Buffer[]): TextSearch {
  const known = searches.get(texts);
  if (known !== undefined) return known;
  const search = texts.length <= fewTexts ? plainSearch(texts) : indexedSearch(texts);
  searches.set(texts, search);
  return search;
}

/** A function of the texts, so keeping it only saves time. */
const searches = new WeakMap<readonly Buffer[], TextSearch>();

function plainSearch(texts: readonly Buffer[]): TextSearch {
  return {
    find: (data) => texts.flatMap((text) => occurrences(data, text)),
    openEnd: (data) => Math.min(data.length, ...texts.map((text) => openEndOf(data, text))),
  };
}

function occurrences(data: Buffer, text: Buffer): readonly ByteSpan[] {
  const found: ByteSpan[] = [];
  for (let at = data.indexOf(text); at >= 0; at = data.indexOf(text, at + 1)) {
    found.push({ start: at, end: at + text.length });
  }
  return found;
}

function openEndOf(data: Buffer, text: Buffer): number {
  const first = text.subarray(0, 1);
  const from = Math.max(0, data.length - text.length + 1);
  for (let at = data.indexOf(first, from); at >= 0; at = data.indexOf(first, at + 1)) {
    if (data.compare(text, 0, data.length - at, at) === 0) return at;
  }
  return data.length;
}

/** In bytes: longer texts are few, and compared one by one. */
const longText = 4096;

/**
 * Looks up the first 4 bytes at each place; a table of the first 2 skips most of them. Texts that begin alike are told apart by
 * their length and a hash, because the lines of a value often begin alike.
 */
function indexedSearch(texts: readonly Buffer[]): TextSearch {
  const begins = new Uint8Array(0x1_00_00);
  for (const text of texts) begins[text.readUInt16BE(0)] = 1;
  const [long, short] = [texts.filter(isLong), texts.filter((text) => !isLong(text))];
  const longSearch = plainSearch(long);
  const byBeginning = new Map(
    [...Map.groupBy(short, (text) => text.readUInt32BE(0))].map(([beginning, alike]) => [
      beginning,
      [...Map.groupBy(alike, ({ length }) => length)].map(([length, equallyLong]) => ({
        length,
        texts: new Set(equallyLong.map((text) => text.toString("latin1"))),
      })),
    ]),
  );
  const longest = Math.max(0, ...short.map(({ length }) => length));
  const sorted = short.toSorted(Buffer.compare);
  return {
    find: (data) => {
      const found = [...longSearch.find(data)];
      for (let start = 0; start + 4 <= data.length; start += 1) {
        if (begins[pairAt(data, start)] === 0) continue;
        for (const { length, texts: alike } of byBeginning.get(data.readUInt32BE(start)) ?? []) {
          const end = start + length;
          if (end <= data.length && alike.has(data.toString("latin1", start, end)))
            found.push({ start, end });
        }
      }
      return found;
    },
    openEnd: (data) => {
      const limit = longSearch.openEnd(data);
      for (let at = Math.max(0, data.length - longest + 1); at < limit; at += 1) {
        const mayBegin = at + 1 === data.length || begins[pairAt(data, at)] === 1;
        if (mayBegin && isBeginning(data.subarray(at), sorted)) return at;
      }
      return limit;
    },
  };
}

/** Two bytes as a number; faster than `readUInt16BE`, which checks its offset. */
function pairAt(data: Buffer, at: number): number {
  return ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
}

function isLong(text: Buffer): boolean {
  return text.length > longText;
}

/** True for the beginning of a longer one of the sorted texts: the first that is after it begins with it, if any does. */
function isBeginning(part: Buffer, sorted: readonly Buffer[]): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (Buffer.compare(sorted[middle] ?? part, part) <= 0) low = middle + 1;
    else high = middle;
  }
  return sorted[low]?.subarray(0, part.length).equals(part) === true;
}
