import { expect, test } from "bun:test";
import { isCovered } from "../../../src/plan/mounts.ts";

test.each([
  ["/root/.ssh/config", "/root/.ssh/config", true],
  ["/root/.ssh/config", "/root/.ssh", true],
  ["/root/.ssh/config", "/root/", true],
  ["/root/.ssh/config", "/root/.ss", false],
  ["/root/.ssh", "/root/.ssh/config", false],
])("%s is covered by a mount at %s: %p", (path, target, expected) => {
  expect(isCovered(path, [target])).toBe(expected);
});
