import { expect, test } from "bun:test";
import { exitCodes, locatedMessage, PolycrateError } from "../../../../src/errors.ts";
import { errorAt, parsePolyFile } from "../../../../src/workspace/poly/polyFile.ts";
import {
  assertNoErrors,
  type Problem,
  problemLocation,
  problemOf,
} from "../../../../src/workspace/poly/problems.ts";

const exitCode = exitCodes.invalidWorkspace;

const problem: Problem = {
  severity: "error",
  code: "wrong-value",
  file: "blocks/a/block.poly",
  position: { line: 2, column: 7 },
  message: "`name`: expected text, found a list",
  hint: "write a single value in quotes",
};

/** What is thrown for the problems; undefined when nothing is. */
function thrown(problems: readonly Problem[]): PolycrateError | undefined {
  try {
    assertNoErrors(problems);
    return undefined;
  } catch (error) {
    if (error instanceof PolycrateError) return error;
    throw error;
  }
}

test("a value of a file is located by its path: 65", () => {
  const file = parsePolyFile("workspace", "workspace.poly", "name: a\nextramounts:\n  - /a:/b\n  - c\n");
  const error = errorAt(file, ["extramounts", 1], "`c` is not a mount", "write `HOST:CONTAINER`");
  expect(error).toMatchObject({
    message: "`c` is not a mount",
    hint: "write `HOST:CONTAINER`",
    exitCode,
    position: { file: "workspace.poly", line: 4, column: 5 },
  });
});

test("an error becomes a problem at its position, whatever its message looks like", () => {
  const position = { file: "blocks/a/block.poly", line: 2, column: 7 };
  const error = new PolycrateError("b:1:1: message", { hint: "hint", exitCode, position });
  expect(problemOf(error, "wrong-parent", "workspace.poly")).toEqual({
    severity: "error",
    code: "wrong-parent",
    file: "blocks/a/block.poly",
    position: { line: 2, column: 7 },
    message: "b:1:1: message",
    hint: "hint",
  });
});

test("an error without a position is about the file, whatever its message looks like", () => {
  expect(problemOf(new PolycrateError("b:1:1: message", { exitCode }), "wrong-parent", "a.poly")).toEqual({
    severity: "error",
    code: "wrong-parent",
    file: "a.poly",
    message: "b:1:1: message",
    hint: undefined,
  });
});

test("one error is thrown with its position as data", () => {
  const error = thrown([problem, { ...problem, severity: "warning" }]);
  expect(error).toMatchObject({ message: problem.message, hint: problem.hint, exitCode });
  expect(error?.position).toEqual({ file: "blocks/a/block.poly", line: 2, column: 7 });
});

test("one error about a whole file names the file in its message", () => {
  const error = thrown([{ ...problem, position: undefined, message: "is binary" }]);
  expect(error?.message).toBe("blocks/a/block.poly: is binary");
  expect(error?.position).toBeUndefined();
});

test("several errors are thrown as one, each as it is printed", () => {
  const error = thrown([problem, { ...problem, position: undefined, hint: undefined }]);
  expect(error && locatedMessage(error)).toBe(
    [
      "blocks/a/block.poly:2:7: `name`: expected text, found a list",
      "hint: write a single value in quotes",
      "error: blocks/a/block.poly: `name`: expected text, found a list",
    ].join("\n"),
  );
});

test("warnings throw nothing", () => {
  expect(thrown([{ ...problem, severity: "warning" }])).toBeUndefined();
});

test.each([
  [problem, "blocks/a/block.poly:2:7"],
  [{ ...problem, position: undefined }, "blocks/a/block.poly"],
])("a problem is located by file, line and column, as far as they are known: %#", (one, location) => {
  expect(problemLocation(one)).toBe(location);
});
