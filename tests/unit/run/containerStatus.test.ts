import { expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { hasStarted, isInspected, readStatus } from "../../../src/run/containerStatus.ts";
import { makeFolder } from "../../support/harness.ts";

test.each([
  ["# transaction 1\n", 0, false, undefined],
  ["", 0, false, undefined],
  ["started\n", 1, true, undefined],
  ["started\n\n7 3\n", 7, true, 3],
  ["started\n7 3\n1 4\n", 1, true, 4],
  ["started\n7 3\n1 4\n", 7, true, undefined],
  ["started\n7 3\ninspecting\n", 7, true, 3],
  ["started\n7\n", 7, true, undefined],
  ["started", 1, true, undefined],
  ["started\nended 7\nsaction 1\n7 3\n", 7, true, 3],
  ["started\nended 137\nsaction 1\n7 3\n", 137, true, undefined],
  ["not started\nstarted\n", 0, false, undefined],
])(
  "the file %j of a container that ended with %i: started %p, failed at line %p",
  (text, code, started, failedLine) => {
    using folder = makeFolder({ status: text });
    const path = join(folder.path, "status");
    expect(hasStarted(path)).toBe(started);
    const end = { exitCode: code, started, endUnknown: false, failedLine };
    expect(readStatus({ status: path, notesEnd: true }, code)).toEqual(end);
  },
);

test.each([
  ["started\nended 0\nsaction 1\n", 0, { exitCode: 0, endUnknown: false, failedLine: undefined }],
  ["started\nended 7\nsaction 1\n7 3\n", 0, { exitCode: 7, endUnknown: false, failedLine: 3 }],
  ["started\nended 7\n", 9, { exitCode: 9, endUnknown: false, failedLine: undefined }],
  ["started\nended 0\n", 137, { exitCode: 137, endUnknown: false, failedLine: undefined }],
  ["started\nsaction 1\n", 0, { exitCode: 0, endUnknown: true, failedLine: undefined }],
  ["started\nsaction 1\nended 0\n", 0, { exitCode: 0, endUnknown: true, failedLine: undefined }],
  ["started\nended 0x7\n", 0, { exitCode: 0, endUnknown: true, failedLine: undefined }],
])("the file %j of a container whose client ended with %i: %j", (text, code, expected) => {
  using folder = makeFolder({ status: text });
  const status = join(folder.path, "status");
  expect(readStatus({ status, notesEnd: true }, code)).toEqual({ started: true, ...expected });
  expect(readStatus({ status, notesEnd: false }, code).endUnknown).toBe(false);
});

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
