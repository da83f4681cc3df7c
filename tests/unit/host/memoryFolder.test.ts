import { expect, test } from "bun:test";
import { chmodSync, rmdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { isInMemory, memoryFolder, sharedMemoryFolder } from "../../../src/host/memoryFolder.ts";
import { makeFolder } from "../../support/harness.ts";

const uid = process.getuid?.() ?? 0;

test("shared memory is where there is no private runtime folder in memory", () => {
  using folder = makeFolder({});
  chmodSync(folder.path, 0o700);
  const shared = sharedMemoryFolder(uid);
  for (const runtime of [undefined, "", "relative", folder.path]) {
    const isUsed = runtime === folder.path && isInMemory(folder.path);
    expect(memoryFolder({ XDG_RUNTIME_DIR: runtime }, uid)).toBe(isUsed ? folder.path : shared);
  }
  expect(statSync(shared).mode & 0o777).toBe(0o700);
});

test("a name that another user took is not used, nor is a link", () => {
  // No user has these numbers.
  const other = 4_000_000_000 + process.pid;
  const path = sharedMemoryFolder(other);
  expect(memoryFolder({}, other)).toBeUndefined();
  expect(statSync(path).uid).toBe(uid);
  using folder = makeFolder({});
  symlinkSync(folder.path, join(folder.path, "link"));
  expect(memoryFolder({ XDG_RUNTIME_DIR: join(folder.path, "link") }, uid)).toBe(sharedMemoryFolder(uid));
  rmdirSync(path);
});

test("a disk is not memory", () => {
  expect(isInMemory("/proc")).toBe(false);
  expect(isInMemory("/nowhere")).toBe(false);
  expect(isInMemory("/dev/shm")).toBe(true);
});
