import { expect, test } from "bun:test";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startAtTerminal } from "../../../src/host/process.ts";
import { isOneFile, sizeOf, thisHost } from "../../../src/host/stdio.ts";
import { fakeStream } from "../../support/fakes.ts";
import { makeFolder } from "../../support/harness.ts";

test("a stream's size is what it says, or that of an old terminal", () => {
  expect(sizeOf(fakeStream({ rows: 5, columns: 60 }))).toEqual({ rows: 5, columns: 60 });
  expect(sizeOf(fakeStream({ rows: 0, columns: 0 }))).toEqual({ rows: 24, columns: 80 });
  expect(sizeOf(fakeStream())).toEqual({ rows: 24, columns: 80 });
});

test("the host is this process's", () => {
  const host = thisHost();
  expect(host.environment).toBe(process.env);
  expect(Math.abs(host.now().getTime() - Date.now())).toBeLessThan(60_000);
});

test("two descriptors of one file are one, of two files are not, and one that is closed is none", () => {
  using folder = makeFolder({ a: "", b: "" });
  const open = (name: string) => openSync(join(folder.path, name), "r");
  expect(isOneFile(open("a"), open("a"))).toBe(true);
  expect(isOneFile(open("a"), open("b"))).toBe(false);
  expect(isOneFile(open("a"), 9999)).toBe(false);
});

test.each([
  ["a pipe", "pipe", true],
  ["a file", "file", true],
  ["nothing", "ignore", false],
])("of standard input %s is data: %p", async (_, kind, expected) => {
  const code = `const { isStdinData } = await import("${import.meta.dir}/../../../src/host/stdio.ts");
    console.log(isStdinData());`;
  const stdin = kind === "file" ? Bun.file(import.meta.path) : kind === "pipe" ? "pipe" : "ignore";
  const child = Bun.spawn([process.execPath, "--eval", code], { stdin });
  expect(await new Response(child.stdout).text()).toBe(`${expected}\n`);
});

const terminalCode = `const { isStdinTerminal } = await import("${import.meta.dir}/../../../src/host/stdio.ts");
  const { stderr, stdout } = await import("${import.meta.dir}/../../../src/host/output.ts");
  require("node:fs").writeFileSync(process.argv.at(-1), [isStdinTerminal(), stdout.isTTY, stderr.isTTY, stdout.columns].join());`;

test("a terminal is known as one, and only by the descriptors that lead to it", async () => {
  using folder = makeFolder({});
  const seen = join(folder.path, "seen");
  const options = { directory: folder.path, environment: process.env };
  for (const [redirection, expected] of [
    ["", "true,true,true,70"],
    ["</dev/null", "false,true,true,70"],
    [">/dev/null 2>file", "true,false,false,"],
    ["| cat", "true,false,true,"],
  ]) {
    const command = `"$0" --eval "$1" "$2" ${redirection}`;
    const argv = ["sh", "-c", command, process.execPath, terminalCode, seen];
    await startAtTerminal(argv, options, { rows: 5, columns: 70 }, () => {}).ended;
    expect(readFileSync(seen, "utf8")).toBe(expected ?? "");
  }
});
