import { expect, test } from "bun:test";
import { pagerCommand } from "../../../src/host/pager.ts";

test.each([
  [{ PAGER: "more" }, "more"],
  [{ PAGER: "less -R | cat" }, "less -R | cat"],
  [{ PAGER: "" }, undefined],
  [{ PAGER: " " }, undefined],
  [{ PAGER: "cat" }, undefined],
  [{ PAGER: "more", TERM: "dumb" }, undefined],
])("with %j the pager is %s", (environment, command) => {
  expect(pagerCommand(environment)).toBe(command);
});

test("without PAGER it is less where that is installed", () => {
  expect(pagerCommand({ TERM: "xterm" })).toBe(Bun.which("less") === null ? undefined : "less");
});
