import { expect, test } from "bun:test";
import { sizeOf, thisHost } from "../../../src/host/stdio.ts";
import { fakeStream } from "../../support/fakes.ts";

test("a stream's size is what it says, or that of an old terminal", () => {
  expect(sizeOf(fakeStream({ rows: 5, columns: 60 }))).toEqual({ rows: 5, columns: 60 });
  expect(sizeOf(fakeStream({ rows: 0, columns: 0 }))).toEqual({ rows: 24, columns: 80 });
  expect(sizeOf(fakeStream())).toEqual({ rows: 24, columns: 80 });
});

test("what is said goes to standard error, a line at a time, and orders no terminal about", () => {
  const code = `const { thisHost } = await import("${import.meta.dir}/../../../src/host/stdio.ts");
    thisHost().say("one\\ntwo\\u001b[2J");`;
  const { stdout, stderr } = Bun.spawnSync([process.execPath, "--eval", code]);
  expect([stdout.toString(), stderr.toString()]).toEqual(["", "one\ntwo\\u001b[2J\n"]);
  const host = thisHost();
  expect(host.environment).toBe(process.env);
  expect(Math.abs(host.now().getTime() - Date.now())).toBeLessThan(60_000);
});
