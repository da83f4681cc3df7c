import { expect, test } from "bun:test";
import { html, prose, visibleText } from "../../../../src/reports/html/markup.ts";

test("text in a template is shown as it is: in an element, and in an attribute", () => {
  const text = `<b title='x'>"&amp;</b>\u00a0`;
  expect(html`<p title="${text}">${text} ${3}</p>`.markup).toBe(
    `<p title="&lt;b title='x'&gt;&quot;&amp;amp;&lt;/b&gt;&nbsp;">&lt;b title='x'&gt;&quot;&amp;amp;&lt;/b&gt;&nbsp; 3</p>`,
  );
});

test("HTML in a template is HTML, alone or in a list", () => {
  const item = html`<li>${"&"}</li>`;
  expect(html`<ul>${item}${[item, item]}</ul>`.markup).toBe(
    "<ul><li>&amp;</li><li>&amp;</li><li>&amp;</li></ul>",
  );
});

test("what a page must not contain is replaced, and what cannot be seen is an escape", () => {
  expect(html`${"a\ud800b\uffff\ufdd0\u{1fffe} \0\u202e\n\t"}`.markup).toBe(
    "a\ufffdb\ufffd\ufffd\ufffd \\u0000\\u202e\n\t",
  );
});

test("an escape that we made stands out from text that looks like one", () => {
  expect(visibleText("a<\u202e\0b \\u202e\n").markup).toBe(
    `a&lt;<span class="unseen">\\u202e\\u0000</span>b \\u202e\n`,
  );
});

test.each([
  ["install `a<b` in `c`", "install <code>a&lt;b</code> in <code>c</code>"],
  ["a `b` c ` d", "a <code>b</code> c ` d"],
  ["", ""],
  ["`", "`"],
])("%p: what is in backticks is code", (message, markup) => {
  expect(prose(message).markup).toBe(markup);
});
