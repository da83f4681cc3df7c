import { expect, test } from "bun:test";
import { isOurLabel, label } from "../../../src/engine/labels.ts";

test.each([
  [label("transaction"), "polycrate.transaction"],
  [label("owner", "host/1/2"), "polycrate.owner=host/1/2"],
  [label("block", ""), "polycrate.block="],
])("%s", (made, expected) => {
  expect(made).toBe(expected);
});

test.each([
  ["polycrate.owner", true],
  ["polycrate.", true],
  ["polycrate", false],
  ["polycrates.owner", false],
  ["my.polycrate.owner", false],
])("%s is a label of polycrate's own: %p", (key, expected) => {
  expect(isOurLabel(key)).toBe(expected);
});
