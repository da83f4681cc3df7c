import { expect, test } from "bun:test";
import { PolycrateError } from "../../../../src/errors.ts";
import { findBlock, lineageOf } from "../../../../src/workspace/blocks/findBlock.ts";
import { loadWorkspace } from "../../../../src/workspace/load.ts";
import { makeFolder } from "../../../support/harness.ts";

type Files = Readonly<Record<string, string>>;

/** The error of looking a block up in these files, and its ancestors. */
function errorOf(files: Files, reference: string): Partial<PolycrateError> {
  using folder = makeFolder({ "workspace.poly": "name: test\n", ...files });
  try {
    const workspace = loadWorkspace({ named: folder.path });
    lineageOf(workspace, findBlock(workspace, reference));
    return {};
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    const { message, hint, exitCode, position } = error;
    return { message, hint, exitCode, position };
  }
}

test("several versions are named with their versions, the one without by a colon: 64", () => {
  const files = { "blocks/a/block.poly": "name: a\n", "blocks/b/block.poly": "name: a\nversion: 1.2\n" };
  expect(errorOf(files, "a")).toEqual({
    message: "block `a` has 2 versions",
    hint: "name one: `a:`, `a:1.2`",
    exitCode: 64,
  });
});

test("blocks that share an alias are named by their names alone, unless they have versions: 64", () => {
  const files = {
    "blocks/a/block.poly": "name: a\nalias: x\n",
    "blocks/b/block.poly": "name: b\nversion: 2.10\nalias: x\n",
  };
  expect(errorOf(files, "x")).toEqual({
    message: "`x` is an alias of 2 blocks",
    hint: "name one: `a`, `b:2.10`",
    exitCode: 64,
  });
});

test("two files of one name and version are both named: 65", () => {
  const files = { "blocks/a/block.poly": "name: a\n", "blocks/b/block.poly": "name: a\n" };
  expect(errorOf(files, "a")).toEqual({
    message: "block `a` is defined in both `blocks/a/block.poly` and `blocks/b/block.poly`",
    hint: "remove one of them, or give them different versions",
    exitCode: 65,
  });
});

test("a missing parent is located at its `from`: 65", () => {
  expect(errorOf({ "blocks/a/block.poly": "name: a\nfrom: none\n" }, "a")).toEqual({
    message: "block `a` inherits from `none`, which does not exist",
    hint: "`polycrate list` shows all blocks",
    exitCode: 65,
    position: { file: "blocks/a/block.poly", line: 2, column: 7 },
  });
});

test("a circle is located at the last `from` of it: 65", () => {
  const files = {
    "blocks/a/block.poly": "name: a\nfrom: b\n",
    "blocks/b/block.poly": "name: b\nversion: 1\nfrom: a\n",
  };
  expect(errorOf(files, "a")).toMatchObject({
    message: "block `a` inherits from itself: a → b → a",
    exitCode: 65,
    position: { file: "blocks/b/block.poly", line: 3, column: 7 },
  });
});
