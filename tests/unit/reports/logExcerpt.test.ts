import { expect, test } from "bun:test";
import { openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { logLimit, readLogExcerpt } from "../../../src/reports/logExcerpt.ts";
import { makeFolder } from "../../support/harness.ts";

/** The excerpt of a log with this content. */
function excerptOf(content: string | Uint8Array, limit: number, failed = false) {
  using folder = makeFolder({ log: "" });
  writeFileSync(join(folder.path, "log"), content);
  return readLogExcerpt(openSync(join(folder.path, "log"), "r"), { limit, failed });
}

const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index}\n`);
const log = lines.join("");

test("a log that is not too long is whole", () => {
  expect(excerptOf("a\nb", 100)).toEqual({
    size: 3,
    parts: [{ of: "end", omitted: 0, text: "a\nb" }],
    problem: undefined,
  });
});

test("of a longer one there are whole lines of the beginning and of the end, and it is known what is between them", () => {
  const { size, parts } = excerptOf(log, 10_000);
  const [beginning, end] = parts;
  expect(size).toBe(log.length);
  expect(parts.map(({ of }) => of)).toEqual(["beginning", "end"]);
  expect(log.startsWith(beginning?.text ?? "?")).toBe(true);
  expect(log.endsWith(end?.text ?? "?")).toBe(true);
  expect(beginning?.text).toEndWith("\n");
  expect(end?.text).toStartWith("line ");
  expect((beginning?.text.length ?? 0) + (end?.omitted ?? 0) + (end?.text.length ?? 0)).toBe(log.length);
  expect((beginning?.text.length ?? 0) + (end?.text.length ?? 0)).toBeLessThanOrEqual(10_000);
});

test("one line that is longer than all is cut between two characters", () => {
  const { parts } = excerptOf("😀".repeat(10_000), 1001);
  for (const { text } of parts) expect(text).toMatch(/^😀+$/u);
});

const fatal = 'TASK [x] ***\n\x1b[0;31mfatal: [web2]: FAILED! => {"msg": "no"}\x1b[0m\n';

test("of a failed run the task that failed is there too, out of the middle", () => {
  const failing = [...lines.slice(0, 5000), fatal, ...lines.slice(5000)].join("");
  const { parts } = excerptOf(failing, 10_000, true);
  expect(parts.map(({ of }) => of)).toEqual(["beginning", "failure", "end"]);
  expect(parts[1]?.text).toContain(fatal);
  const known = parts.reduce((sum, { omitted, text }) => sum + omitted + text.length, 0);
  expect(known).toBe(failing.length);
  expect(excerptOf(failing, 10_000, false).parts.map(({ of }) => of)).toEqual(["beginning", "end"]);
});

test("a failure that the playbook ignores is not it", () => {
  const ignored = `${fatal}\x1b[0;36m...ignoring\x1b[0m\n`;
  const onlyIgnored = [...lines.slice(0, 3000), ignored, ...lines.slice(3000)].join("");
  expect(excerptOf(onlyIgnored, 10_000, true).parts.map(({ of }) => of)).toEqual(["beginning", "end"]);
  const other = fatal.replace("web2", "web3");
  const both = [...lines.slice(0, 3000), ignored, ...lines.slice(3000, 6000), other, ...lines.slice(6000)];
  expect(excerptOf(both.join(""), 10_000, true).parts[1]?.text).toContain("fatal: [web3]");
});

test("50 MB are read in a moment, and the failed task is found over blocks", () => {
  const filler = Buffer.from("a line of output that goes on and on\n".repeat(700_000));
  const started = performance.now();
  const { size, parts } = excerptOf(Buffer.concat([filler, Buffer.from(fatal), filler]), 262_144, true);
  expect(performance.now() - started).toBeLessThan(3000);
  expect(size).toBeGreaterThan(50_000_000);
  expect(parts[1]?.text).toContain("fatal: [web2]");
  expect(parts.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(262_144);
});

test("a log that is not there, or cannot be read, says so", () => {
  expect(readLogExcerpt("missing", { limit: 1, failed: false }).problem).toBe("missing");
});

test("the more runs, the less of each log, but never nothing", () => {
  expect([0, 1, 16, 100, 10_000].map(logLimit)).toEqual([262_144, 262_144, 262_144, 41_943, 16_384]);
});
