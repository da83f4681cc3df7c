import { expect, test } from "bun:test";
import { lockChanges } from "../../../src/registry/lockChanges.ts";

test("what is added, moved and removed is told by kind and name", () => {
  const image = (name: string, digest: string) => ({ kind: "image", name, digest }) as const;
  const before = [image("same:1", "s"), image("moved:1", "m1"), image("gone:1", "g")];
  const after = [image("new:1", "n"), image("moved:1", "m2"), image("same:1", "s")];
  expect(lockChanges(before, after)).toEqual([
    { kind: "image", name: "gone:1", before: "g", after: undefined },
    { kind: "image", name: "moved:1", before: "m1", after: "m2" },
    { kind: "image", name: "new:1", before: undefined, after: "n" },
  ]);
  expect(lockChanges(after, after.toReversed())).toEqual([]);
});
