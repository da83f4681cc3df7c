import { expect, test } from "bun:test";
import { withoutRunnerCommands } from "../../../src/reports/runnerCommands.ts";

test.each([
  ["::error::x", "&#58;:error::x"],
  ["a\n  ::add-mask::x\n", "a\n  &#58;:add-mask::x\n"],
  ["a ##[error]x", "a #&#35;[error]x"],
  ["a::b : c #[d] ## e", "a::b : c #[d] ## e"],
])("%j is printed as %j", (text, printed) => {
  expect(withoutRunnerCommands(text)).toBe(printed);
});

test("many empty lines take no time that grows with their square", () => {
  const text = "\n \t".repeat(200_000);
  const before = performance.now();
  expect(withoutRunnerCommands(text)).toBe(text);
  expect(performance.now() - before).toBeLessThan(1000);
});
