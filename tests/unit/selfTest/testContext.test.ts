import { expect, test } from "bun:test";
import { homedir } from "node:os";
import { withoutPaths, wrongEnd } from "../../../src/selfTest/testContext.ts";

test("of a run that failed the error is what a report needs, else the last line", () => {
  const result = { exitCode: 125, stdout: "" };
  const start = "polycrate ended with exit code 125 instead of 0";
  expect(wrongEnd({ ...result, stderr: "one\nerror: two\nhint: three\n" })).toBe(`${start}: two`);
  expect(wrongEnd({ ...result, stderr: "one\ntwo\n" })).toBe(`${start}: two`);
  expect(wrongEnd({ ...result, stderr: "" })).toBe(start);
  expect(wrongEnd({ ...result, stderr: "" }, 125)).toBeUndefined();
});

test("a report has no folder of this machine in it", () => {
  const text = `no ${homedir()}/x, and no /tmp/y-1/caller`;
  expect(withoutPaths(text, "/tmp/y-1")).toBe("no ~/x, and no FOLDER/caller");
});
