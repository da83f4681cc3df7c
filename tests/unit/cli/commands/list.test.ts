import { expect, test } from "bun:test";
import { formatActions } from "../../../../src/cli/commands/list.ts";
import { resolveBlock } from "../../../../src/workspace/blocks/resolveBlock.ts";
import { loadWorkspace } from "../../../../src/workspace/load.ts";
import { makeFolder } from "../../../support/harness.ts";

test("the actions of a block are a table without colours", () => {
  using folder = makeFolder({
    "workspace.poly":
      'name: shop\nblocks: [{name: app, from: base, actions: [{name: deploy, alias: go, description: "Put it into production\\nwith care", script: echo hi}]}]\n',
    "blocks/base/block.poly":
      "name: base\nactions: [{name: check, description: See that it works, script: echo hi}]\n",
  });
  const workspace = loadWorkspace({ named: folder.path });
  expect(formatActions(resolveBlock(workspace, "app"), 80)).toBe(
    "  check       See that it works\n  deploy, go  Put it into production\n",
  );
});
