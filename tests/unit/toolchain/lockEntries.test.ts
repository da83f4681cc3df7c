import { expect, test } from "bun:test";
import { formatLock, parseLock } from "../../../src/registry/lock.ts";
import { toolchainEntries } from "../../../src/toolchain/lockEntries.ts";
import { downloads } from "../../../src/toolchain/tools.ts";

test("the toolchain image has an entry for its recipe and one for each download, which a lock file can hold", () => {
  const entries = toolchainEntries("polycrate-toolchain:1.2.3");
  expect(entries[0]).toMatchObject({ kind: "toolchain", name: "polycrate-toolchain:1.2.3" });
  expect(entries.filter(({ kind }) => kind === "tool")).toHaveLength(downloads.length);
  expect(parseLock(formatLock(entries))).toHaveLength(entries.length);
});
