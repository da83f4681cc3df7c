import { expect, test } from "bun:test";
import fc from "fast-check";
import { decodeName, encodeName, entryNameOf, splitPath } from "../../../src/host/fileName.ts";

test.each<[string, readonly number[], string]>([
  ["text", [0x61, 0xc3, 0xa4], "aä"],
  ["a byte that is no text", [0x61, 0xff, 0x62], "a\udcffb"],
  ["the beginning of a character", [0xe2, 0x82], "\udce2\udc82"],
  ["a surrogate", [0xed, 0xa0, 0x80], "\udced\udca0\udc80"],
  ["a character that is written too long", [0xc0, 0xaf], "\udcc0\udcaf"],
  ["the replacement character itself", [0xef, 0xbf, 0xbd], "\ufffd"],
  ["four bytes", [0xf0, 0x9f, 0x98, 0x80, 0x80], "😀\udc80"],
])("%s", (_, bytes, text) => {
  expect(decodeName(Buffer.from(bytes))).toBe(text);
  expect([...encodeName(text)]).toEqual([...bytes]);
});

test("every name comes back byte by byte, and no two are the same text", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (one, other) => {
      const [first, second] = [decodeName(Buffer.from(one)), decodeName(Buffer.from(other))];
      expect(encodeName(first).equals(Buffer.from(one))).toBe(true);
      expect(first === second).toBe(Buffer.from(one).equals(Buffer.from(other)));
    }),
    { numRuns: 1000 },
  );
});

test("only a name that is not UTF-8 is bytes for the system", () => {
  expect(entryNameOf("ä")).toBe("ä");
  expect(entryNameOf("\udcff")).toEqual(Buffer.from([0xff]));
});

test("a path is its folder and its name, whatever bytes they have", () => {
  expect(splitPath("a")).toEqual({ folder: ".", name: "a" });
  expect(splitPath("a\udcff/b/c\udcfe")).toEqual({ folder: "a\udcff/b", name: "c\udcfe" });
});
