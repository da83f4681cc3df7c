import { expect, test } from "bun:test";
import { errorAt, parsePolyFile } from "../../../../src/workspace/poly/polyFile.ts";

test("a value of a file is located by its path: 65", () => {
  const file = parsePolyFile("workspace", "workspace.poly", "name: a\nextramounts:\n  - /a:/b\n  - c\n");
  const error = errorAt(file, ["extramounts", 1], "`c` is not a mount", "write `HOST:CONTAINER`");
  expect(error).toMatchObject({
    message: "`c` is not a mount",
    hint: "write `HOST:CONTAINER`",
    exitCode: 65,
    position: { file: "workspace.poly", line: 4, column: 5 },
  });
});
