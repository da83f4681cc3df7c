import { expect, test } from "bun:test";
import { annotationLine, githubCommand } from "../../../src/reports/githubCommands.ts";

test("what ends a property, a line or a command is escaped", () => {
  expect(githubCommand("error", { file: "a:b,c%", line: 3, col: undefined }, "50%\nx::y\r\u202e")).toBe(
    "::error file=a%3Ab%2Cc%25,line=3::50%25%0Ax::y\\u000d\\u202e\n",
  );
  expect(githubCommand("endgroup", {}, "")).toBe("::endgroup::\n");
});

test("a file is relative to the checkout, unless it is outside of the workspace", () => {
  const root = { root: "/repo", workspace: "infra" };
  const annotation = { severity: "warning", title: "t", message: "m" } as const;
  expect(annotationLine({ ...annotation, at: { file: "a.poly", line: 1, column: 2 } }, root)).toBe(
    "::warning file=infra/a.poly,line=1,col=2,title=t::m\n",
  );
  expect(annotationLine({ ...annotation, at: { file: "/x" } }, root)).toBe("::warning file=/x,title=t::m\n");
  expect(annotationLine(annotation, root)).toBe("::warning title=t::m\n");
});
