import { describe, expect, test } from "bun:test";
import { blocksOf } from "../../../src/workspace/blocks/overlayBlocks.ts";
import { resolveAction, resolveFoundBlock } from "../../../src/workspace/blocks/resolveBlock.ts";
import { loadWorkspace } from "../../../src/workspace/load.ts";
import { makeFolder } from "../../support/harness.ts";
import { olderWorkspaces } from "../../support/olderWorkspaces.ts";

describe("loads as it is:", () => {
  test.each(olderWorkspaces.map(([name, files, block]) => [name, files, block ?? "app"] as const))(
    "%s",
    (_, files, name) => {
      using folder = makeFolder(files);
      const workspace = loadWorkspace({ named: folder.path });
      expect(workspace.problems).toEqual([]);
      const blocks = blocksOf(workspace).map((block) => resolveFoundBlock(workspace, block));
      const block = blocks.find((one) => [one.name, ...[one.settings.alias ?? []].flat()].includes(name));
      if (block === undefined) throw new Error(`no block ${name}`);
      expect(resolveAction(block, "greet").settings.script?.join("\n")).toContain("echo hello");
    },
  );
});
