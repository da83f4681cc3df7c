import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { searchFor } from "../../../src/secrets/search.ts";

const bytes = (minLength: number, maxLength: number) =>
  fc.array(fc.constantFrom(97, 98), { minLength, maxLength }).map((list) => Buffer.from(list));

test("many texts are found where each alone would be", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(bytes(4, 9), { minLength: 17, maxLength: 30, selector: String }),
      bytes(0, 60),
      (texts, data) => {
        const order = (spans: readonly { start: number; end: number }[]) =>
          spans.map(({ start, end }) => `${start}-${end}`).sort();
        expect(order(searchFor(texts)(data))).toEqual(
          order(texts.flatMap((text) => searchFor([text])(data))),
        );
      },
    ),
  );
});
