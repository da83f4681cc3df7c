import { expect, test } from "bun:test";
import fc from "fast-check";
import { type OutputPiece, outputPieces } from "../../../src/reports/outputPieces.ts";

function piecesOf(chunks: readonly Uint8Array[]): readonly OutputPiece[] {
  const { pass, end } = outputPieces();
  return [...chunks.map((chunk) => pass(Buffer.from(chunk))), end()].filter((piece) => piece !== undefined);
}

const bytesOf = (piece: OutputPiece) =>
  "text" in piece ? Buffer.from(piece.text) : Buffer.from(piece.base64, "base64");

/** The bytes cut at these places. */
function cut(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

test("text is text, however it is cut", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme" }).map((text) => text.toWellFormed()),
      fc.array(fc.nat()),
      (text, places) => {
        const pieces = piecesOf(cut(Buffer.from(text), places));
        expect(pieces.map((piece) => ("text" in piece ? piece.text : "base64")).join("")).toBe(text);
      },
    ),
  );
});

test("bytes stay the bytes that they are", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .array(fc.constantFrom(0x41, 0x80, 0xbf, 0xc2, 0xc3, 0xa4, 0xe2, 0x82, 0xac, 0xed, 0xf0, 0x9f, 0xf8))
      .map((list) => Uint8Array.from(list)),
  );
  fc.assert(
    fc.property(bytes, fc.array(fc.nat()), (all, places) => {
      const pieces = piecesOf(cut(all, places));
      expect(Buffer.concat(pieces.map(bytesOf))).toEqual(Buffer.from(all));
      expect(JSON.stringify(pieces)).not.toContain("\ufffd");
    }),
  );
});

test("a byte order mark and a NUL are text, and latin-1 is base64", () => {
  expect(piecesOf([Buffer.from("\ufeff\0a")])).toEqual([{ text: "\ufeff\0a" }]);
  expect(piecesOf([Buffer.from("caf\xe9\n", "latin1")])).toEqual([{ base64: "Y2Fm6Qo=" }]);
});

test("a character that never ends is base64 at the end", () => {
  expect(piecesOf([Buffer.from([0x41, 0xe2, 0x82])])).toEqual([{ text: "A" }, { base64: "4oI=" }]);
});
