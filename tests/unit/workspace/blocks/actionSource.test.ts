import { expect, test } from "bun:test";
import { actionSourceOf, positionOfFailure } from "../../../../src/workspace/blocks/actionSource.ts";
import { resolveBlock } from "../../../../src/workspace/blocks/resolveBlock.ts";
import { workspaceOf } from "../../../support/planning.ts";

const files = {
  "workspace.poly":
    "name: test-workspace\nblocks:\n  - name: inline\n    from: app\n    actions:\n      - {name: own, script: [a, b]}\n",
  "blocks/app/block.poly": `name: app
actions:
  - name: install
    script:
      - one
      - |
        two
        three
      - "four
        five"
      - |- # in a literal block
        six
  - name: play
    playbook: site.yml
`,
  "blocks/web/block.poly": "name: web\nfrom: app\nactions:\n  - name: install\n    script: null\n",
};
const workspace = workspaceOf(files);

/** `file:line:column` of a place in an action. */
function placeOf(block: string, action: string, item?: number, line = 1): string | undefined {
  const source = actionSourceOf(resolveBlock(workspace, block), action);
  if (source === undefined) return undefined;
  const place = item === undefined ? undefined : { item, line };
  const position = positionOfFailure(source, place);
  return `${position.file}:${position.line}:${position.column}`;
}

test.each([
  ["app", "install", 1, 1, "blocks/app/block.poly:5:9"],
  ["app", "install", 2, 1, "blocks/app/block.poly:7:1"],
  ["app", "install", 2, 2, "blocks/app/block.poly:8:1"],
  ["app", "install", 3, 2, "blocks/app/block.poly:9:9"],
  ["app", "install", 4, 1, "blocks/app/block.poly:12:1"],
  ["inline", "own", 2, 1, "workspace.poly:6:33"],
])("item of %s %s: %i, line %i is at %s", (block, action, item, line, expected) => {
  expect(placeOf(block, action, item, line)).toBe(expected);
});

test("an inherited script is where the ancestor wrote it", () => {
  expect(placeOf("inline", "install", 1)).toBe("blocks/app/block.poly:5:9");
  expect(placeOf("web", "install", 1)).toBe("blocks/app/block.poly:5:9");
});

test("a playbook is at its key, and an unknown action nowhere", () => {
  expect(placeOf("web", "play")).toBe("blocks/app/block.poly:14:5");
  expect(placeOf("web", "none")).toBe(undefined);
});
