import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { searchFor } from "../../../src/secrets/search.ts";

const bytes = (minLength: number, maxLength: number) =>
  fc.array(fc.constantFrom(97, 98), { minLength, maxLength }).map((list) => Buffer.from(list));

const manyTexts = fc.uniqueArray(bytes(4, 9), { minLength: 17, maxLength: 30, selector: String });

test("many texts are found where each alone would be, and so is the beginning of one at the end", () => {
  fc.assert(
    fc.property(manyTexts, bytes(0, 60), fc.boolean(), (short, data, hasLong) => {
      const texts = hasLong ? [...short, Buffer.from("ab".repeat(3000))] : short;
      const alone = texts.map((text) => searchFor([text]));
      const order = (spans: readonly { start: number; end: number }[]) =>
        spans.map(({ start, end }) => `${start}-${end}`).sort();
      expect(order(searchFor(texts).find(data))).toEqual(order(alone.flatMap(({ find }) => find(data))));
      expect(searchFor(texts).openEnd(data)).toBe(Math.min(...alone.map(({ openEnd }) => openEnd(data))));
    }),
  );
});
