/** A source of random numbers that a seed repeats. */
export type Random = {
  /** A whole number from 0 to below `limit`. */
  readonly below: (limit: number) => number;
  readonly pick: <Item>(items: readonly [Item, ...Item[]]) => Item;
};

/** Returns the source for a seed (the mulberry32 generator). */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const below = (limit: number) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  return { below, pick: (items) => items[below(items.length)] ?? items[0] };
}

/** What breaks readers: signs of YAML, shells, Dockerfiles and patterns, escapes, marks that turn the direction of text. */
const pieces = [
  ..."\0\u0007\u001b[31m|\u009b|\u202e|\u2066|\ufeff|\ud800|: |- |&a |*a|<<: |? |!!binary |{|}|[|]|\"|'|\\|$(id)|${A|`|#|\t|\r\n|\n\n|/|..|~|=|,|**/|*x*x*x*x*x*x*x|[^x]|!|--|-v|-e A=1|--mount=|FROM |COPY |<<E|\n  |0x|1e999|9999999999999999999|__proto__|null|%YAML".split(
    "|",
  ),
  "a".repeat(3000),
  "[".repeat(2000),
  "\n- ".repeat(500),
] as const;

/** Returns the text with a few random changes. */
export function mutated(text: string, random: Random): string {
  let result = text;
  for (let count = random.below(6); count >= 0; count -= 1) {
    const at = random.below(result.length + 1);
    const length = random.below(Math.min(40, result.length - at) + 1);
    const change = random.below(4);
    if (change === 0) result = result.slice(0, at) + result.slice(at + length);
    else if (change === 1) result = result.slice(0, at) + result.slice(at, at + length) + result.slice(at);
    else
      result = result.slice(0, at) + (pieces[random.below(pieces.length)] ?? "") + result.slice(at + length);
  }
  return result;
}
