import { expect, test } from "bun:test";
import { renderMarkdown } from "../../../../src/cli/topics/render.ts";
import { allTopics } from "../../../../src/cli/topics/topics.ts";

const plain = (markdown: string, columns: number) =>
  renderMarkdown(markdown, { columns, paint: (_, text) => text, isStyled: false });

const marked = (markdown: string, columns: number) =>
  renderMarkdown(markdown, { columns, paint: (tone, text) => `<${tone}:${text}>`, isStyled: true });

const example = `# title

A sentence with \`code\` and [a link](other.md), and one to
[a page](https://example.com/page).

## Part

- an item that is longer than the terminal is wide
- **another**

1. one

\`\`\`console
$ polycrate list
base    template
\`\`\`
`;

test("headings are at the margin, all else is indented, and code is not broken", () => {
  expect(plain(example, 40)).toMatchInlineSnapshot(`
    "title

      A sentence with \`code\` and a link, and
      one to a page
      (https://example.com/page).

    Part

      - an item that is longer than the
        terminal is wide
      - another

      1. one

        $ polycrate list
        base    template
    "
  `);
});

test("with styles, code and headings are bold and code has no backquotes", () => {
  expect(marked("# title\n\nA \\`code\\`: `code`.\n", 40)).toBe(
    "<strong:title>\n\n  A `code`: <strong:code>.\n",
  );
});

test("a dollar, an underscore and a brace are themselves", () => {
  expect(plain("`$HOME` costs $5 or $6, in __main__ and {{ x }}: `a|b`\n", 80)).toBe(
    "  `$HOME` costs $5 or $6, in main and {{ x }}: `a|b`\n",
  );
});

test("a short command is not cut between its words", () => {
  expect(plain("It is told by `polycrate help`.\n", 26)).toBe("  It is told by\n  `polycrate help`.\n");
  expect(plain(`\`${"word ".repeat(12)}\`.\n`, 26).split("\n").length).toBeGreaterThan(3);
});

const table = `| Key | Value | Meaning |
| --- | --- | --- |
| \`a\` | text | The first letter of the alphabet, which is |
| \`long.key\` |  | \\| is a pipe |
`;

test("a table has aligned columns, and its last column is wrapped", () => {
  expect(plain(table, 60)).toMatchInlineSnapshot(`
    "  Key         Value  Meaning
      \`a\`         text   The first letter of the alphabet, which
                         is
      \`long.key\`         | is a pipe
    "
  `);
});

test("of two columns of sentences both are wrapped", () => {
  const sentences = `| Here | There |
| --- | --- |
| a sentence that is longer than half of the terminal is wide | another sentence that is as long as the first one |
`;
  expect(plain(sentences, 80)).toMatchInlineSnapshot(`
    "  Here                                    There
      a sentence that is longer than half of  another sentence that is as long as
      the terminal is wide                    the first one
    "
  `);
});

test("where a table does not fit, its last column is below the others", () => {
  expect(plain(table, 40)).toMatchInlineSnapshot(`
    "  \`a\`  text
          The first letter of the alphabet,
          which is
      \`long.key\`
          | is a pipe
    "
  `);
});

const commands = `\`\`\`sh
polycrate list   # all
polycrate validate --strict   # in CI, where warnings fail
\`\`\`
`;

test("the comments of commands are above them where they do not fit beside them", () => {
  expect(plain(commands, 80)).toBe(
    "    polycrate list   # all\n    polycrate validate --strict   # in CI, where warnings fail\n",
  );
  expect(plain(commands, 50)).toBe(
    "    # all\n    polycrate list\n    # in CI, where warnings fail\n    polycrate validate --strict\n",
  );
});

test.each(allTopics())("$name fits 60, 80, 100 and 200 columns, but for code and long names", ({ text }) => {
  for (const columns of [60, 80, 100, 200]) {
    const lines = plain(text, columns).split("\n");
    const wide = lines.filter((line) => Bun.stringWidth(line) > columns);
    expect(wide.filter((line) => !/^ {4}/.test(line))).toEqual([]);
    expect(lines.join("\n")).not.toMatch(/<!--|```|^ *\|.*\|$|\]\(/m);
  }
});
