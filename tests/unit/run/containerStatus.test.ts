import { expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { hasStarted, isInspected, readStatus } from "../../../src/run/containerStatus.ts";
import { makeFolder } from "../../support/harness.ts";

test.each([
  ["# transaction 1\n", 0, false, undefined],
  ["", 0, false, undefined],
  ["started\n", 0, true, undefined],
  ["started\n\n7 3\n", 7, true, 3],
  ["started\n7 3\n1 4\n", 1, true, 4],
  ["started\n7 3\n1 4\n", 7, true, undefined],
  ["started\n7 3\ninspecting\n", 7, true, 3],
  ["started\n7\n", 7, true, undefined],
  ["started", 0, true, undefined],
  ["not started\nstarted\n", 0, false, undefined],
])(
  "the file %j of a container that ended with %i: started %p, failed at line %p",
  (text, code, started, failedLine) => {
    using folder = makeFolder({ status: text });
    const path = join(folder.path, "status");
    expect(hasStarted(path)).toBe(started);
    expect(readStatus(path, code)).toEqual({ started, failedLine });
  },
);

test.each([
  ["started\n7 3\n", false],
  ["started\n7 3\ninspecting\n", true],
  ["", false],
])("the file %j says that a shell is open: %p", (text, expected) => {
  using folder = makeFolder({ status: text });
  expect(isInspected(join(folder.path, "status"))).toBe(expected);
});

test("a file that is not there, a link or a file without end has not started", () => {
  using folder = makeFolder({ other: "started\n", large: `started\n${"x".repeat(70_000)}` });
  symlinkSync("other", join(folder.path, "status"));
  for (const name of ["none", "status", "large"]) expect(hasStarted(join(folder.path, name))).toBe(false);
});
