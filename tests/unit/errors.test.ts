import { expect, test } from "bun:test";
import { didYouMean, exitCodes, locatedMessage, locationOf, PolycrateError } from "../../src/errors.ts";

const exitCode = exitCodes.invalidWorkspace;
const position = { file: "workspace.poly", line: 3, column: 5 };

test("a position stands before the message where an error is printed, and is no part of the message", () => {
  const error = new PolycrateError("`x` is not a mount", { exitCode, position });
  expect(error.message).toBe("`x` is not a mount");
  expect(error.position).toEqual(position);
  expect(locatedMessage(error)).toBe("workspace.poly:3:5: `x` is not a mount");
});

test("a message without a position is printed as it is, even when it looks like one", () => {
  const error = new PolycrateError("a:1:2: b", { exitCode });
  expect(error.position).toBeUndefined();
  expect(locatedMessage(error)).toBe("a:1:2: b");
});

test("a file name passes no control character to a terminal", () => {
  expect(locationOf({ ...position, file: "a\u001b[31m\nb" })).toBe("a\\u001b[31m\\u000ab:3:5");
});

test("of two candidates that are as near, one that the word begins is suggested", () => {
  expect(didYouMean("block", ["lock", "blocks"])).toBe("did you mean `blocks`?");
  expect(didYouMean("block", ["blocks", "lock"])).toBe("did you mean `blocks`?");
  expect(didYouMean("locks", ["blocks", "lock"])).toBe("did you mean `blocks`?");
});
