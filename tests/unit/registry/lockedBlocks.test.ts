import { expect, test } from "bun:test";
import { formatLock } from "../../../src/registry/lock.ts";
import { checkLockedBlocks } from "../../../src/registry/lockedBlocks.ts";
import { formatOrigin } from "../../../src/registry/origin.ts";
import { blocksOf } from "../../../src/workspace/blocks/overlayBlocks.ts";
import { loadWorkspace } from "../../../src/workspace/load.ts";
import { fetchedBlock } from "../../support/blockImages.ts";
import { digestOf } from "../../support/fakeRegistry.ts";
import { makeFolder } from "../../support/harness.ts";

const file = "name: r.io/web\nversion: 1\n";

/** What is said of a block that was installed at the digest `a`, with this lock file. */
function checked(lock: string | undefined, { isStrict = false, more = {} } = {}) {
  const origin = formatOrigin(
    "r.io/web:1",
    digestOf("a"),
    fetchedBlock("r.io/web:1", { "block.poly": file }).entries,
  );
  using folder = makeFolder({
    ...{ "workspace.poly": "name: w\n", "blocks/r.io/web/block.poly": file },
    ...{ "blocks/r.io/web/.polycrate-block": origin, "blocks/own/block.poly": "name: own\n" },
    ...(lock === undefined ? {} : { "polycrate.lock": lock }),
    ...more,
  });
  const workspace = loadWorkspace({ named: folder.path });
  return checkLockedBlocks(workspace, blocksOf(workspace), { locked: isStrict, isCi: false });
}

const lockOf = (name: string, letter: string) =>
  formatLock([{ kind: "block", name, digest: digestOf(letter) }]);

test("a block that is the locked one is fine, and so is everything without a lock file", () => {
  for (const isStrict of [true, false]) {
    expect(checked(lockOf("r.io/web:1", "a"), { isStrict })).toEqual({
      digests: new Map([["r.io/web:1", digestOf("a")]]),
      warnings: [],
    });
    expect(checked(undefined, { isStrict })).toEqual({ digests: new Map(), warnings: [] });
  }
});

test.each([
  [lockOf("r.io/other:1", "a"), "the block `r.io/web:1` is not in `polycrate.lock`"],
  [
    lockOf("r.io/web:1", "b"),
    "the block `r.io/web:1` in `blocks/r.io/web` is not the one in `polycrate.lock`",
  ],
])("another block is a warning, and an error where all must be locked", (lock, message) => {
  const { digests, warnings } = checked(lock);
  expect(digests).toEqual(new Map());
  expect(warnings).toMatchObject([{ message }]);
  expect(() => checked(lock, { isStrict: true })).toThrow(expect.objectContaining({ message, exitCode: 65 }));
});

test("a block that was changed here does not run where all must be locked, unless files were only added", () => {
  const lock = lockOf("r.io/web:1", "a");
  const changed = { "blocks/r.io/web/block.poly": `${file}# changed\n` };
  expect(checked(lock, { more: changed }).warnings).toEqual([]);
  expect(() => checked(lock, { isStrict: true, more: changed })).toThrow(
    "the block `r.io/web:1` was changed here: block.poly",
  );
  const added = { "blocks/r.io/web/.terraform/x": "1" };
  expect(checked(lock, { isStrict: true, more: added }).warnings).toEqual([]);
});
