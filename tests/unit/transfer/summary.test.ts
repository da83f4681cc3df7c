import { expect, test } from "bun:test";
import { fetchedText, formatBytes, sentText } from "../../../src/transfer/summary.ts";

test("what travelled is one line", () => {
  expect(sentText(2015, 10_200_000)).toBe("sent 2,015 files, 10 MB");
  expect(sentText(1, 0)).toBe("sent 1 file, 0 B");
  expect(fetchedText({ fetched: 3, removed: 0 })).toBe("fetched 3 files");
  expect(fetchedText({ fetched: 1, removed: 1200 })).toBe("fetched 1 file, removed 1,200");
});

test.each<[number, string]>([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1 kB"],
  [1540, "1.5 kB"],
  [9_949, "9.9 kB"],
  [9_960, "10 kB"],
  [999_499, "999 kB"],
  [999_600, "1 MB"],
  [1.5e9, "1.5 GB"],
  [5e15, "5000 TB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
