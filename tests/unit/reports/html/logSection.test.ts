import { expect, test } from "bun:test";
import { logMarkup, shownLog, stylesOf } from "../../../../src/reports/html/logSection.ts";
import type { LogExcerpt } from "../../../../src/reports/logExcerpt.ts";
import { shortLog } from "../../../support/reports.ts";

function written(log: LogExcerpt): string {
  return logMarkup(shownLog(log), ".logs/1.log", "1").markup;
}

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join("");

test("a short log is there, with its colours", () => {
  expect(written(shortLog("\x1b[1;31mred\x1b[0m <b>\n"))).toBe(
    `<pre class="log"><code><span class="bold cf4766b-14181d">red</span> &lt;b&gt;</code></pre>`,
  );
});

test("of a long one the last lines are there, and those before them are folded", () => {
  const markup = written(shortLog(lines(30)));
  expect(markup).toContain("<summary>6 earlier lines</summary>");
  expect(markup).toMatch(/line 6<\/code><\/pre><\/details><pre class="log"><code>line 7\n/);
});

test("lines of a hundred characters take one row, and longer ones two", () => {
  const full = `${"x".repeat(100)}\n`.repeat(24);
  expect(written(shortLog(full))).not.toContain("<details>");
  expect(written(shortLog(full.replace("x", "xx")))).toContain("<summary>1 earlier line</summary>");
});

test("long lines count as the rows that they take, and one that is a page long is folded", () => {
  expect(written(shortLog(`${"x".repeat(1000)}\n`.repeat(3)))).toContain("<summary>1 earlier line</summary>");
  const markup = written(shortLog("x".repeat(100_000)));
  expect(markup).toStartWith("<details>");
  expect(markup).toEndWith("</details>");
});

test("what is left out is known, and where all of it is", () => {
  const markup = written({
    size: 50_000_000,
    parts: [
      { of: "beginning", omitted: 0, text: "first\n" },
      { of: "failure", omitted: 1000, text: "fatal: [a]\n" },
      { of: "end", omitted: 2000, text: "last\n" },
    ],
    problem: undefined,
  });
  expect(markup).toContain(
    "<p>3.0 kB of 50.0 MB are left out here. The whole log is in <code>.logs/1.log</code>; <code>polycrate logs 1</code> prints it.</p>",
  );
  expect(markup).toContain("<summary>The beginning, 1 line</summary>");
  expect(markup).toContain(`<p class="gap">1.0 kB left out</p><p>A task that failed:</p>`);
  expect(markup).toContain(`<p class="gap">2.0 kB left out</p><pre class="log"><code>last</code></pre>`);
});

test("a log without output, and one that is not there, say so", () => {
  expect(written(shortLog(""))).toBe("<p>The action printed nothing.</p>");
  expect(written({ size: 0, parts: [], problem: "missing" })).toBe(
    "<p>The log <code>.logs/1.log</code> does not exist any more.</p>",
  );
});

test("the styles of logs are known for their rules", () => {
  expect([...stylesOf([shownLog(shortLog("a\x1b[1mb\x1b[0mc"))])].map(({ bold }) => bold)).toEqual([
    false,
    true,
  ]);
});
