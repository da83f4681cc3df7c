import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { type ManPage, manPages } from "../../scripts/release/manPages.ts";
import { manualPage } from "../../scripts/release/manualPage.ts";
import { escaped, roffOf } from "../../scripts/release/roff.ts";
import { commandNames } from "../../src/cli/help.ts";
import { topicNames } from "../../src/cli/topics/topics.ts";
import { call, type Folder, makeFolder } from "../support/harness.ts";

const edition = { version: "1.2.3", date: "2026-01-31" };
let pages: readonly ManPage[] = [];
let folder: Folder | undefined;

beforeAll(async () => {
  pages = await manPages(edition);
  folder = makeFolder(Object.fromEntries(pages.map(({ name, text }) => [name, text])));
});

afterAll(() => folder?.[Symbol.dispose]());

/** A page as man shows it, and what man warns about. */
async function shown(...names: readonly string[]) {
  const words = ["man", "--warnings", "--local-file", ...names.map((name) => join(folder?.path ?? "", name))];
  return call(words, { env: { LC_ALL: "C.UTF-8", MANWIDTH: "80", MANPAGER: "cat" } });
}

test("polycrate, each command and each topic have a page", () => {
  const names = [
    "polycrate.1",
    ...commandNames.map((name) => `polycrate-${name.replace(" ", "-")}.1`),
    ...topicNames.map((name) => `polycrate-${name}.7`),
  ];
  expect(pages.map(({ name }) => name).sort()).toEqual(names.sort());
});

const hasMan = Bun.which("man") !== null;

test.skipIf(!hasMan)("man shows every page without a warning", async () => {
  const { stdout, stderr, exitCode } = await shown(...pages.map(({ name }) => name));
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  expect(stdout.match(/^NAME$/gm)).toHaveLength(pages.length);
});

test.skipIf(!hasMan)("man would warn about a page that has a mistake", async () => {
  folder?.write("mistake.1", '.TH X 1\n.SH "NAME"\n\\[nosuchglyph]\n');
  expect((await shown("mistake.1")).stderr).toContain("nosuchglyph");
});

test.skipIf(!hasMan)("the page of a command has its flags, and that of a topic its tables", async () => {
  const run = (await shown("polycrate-run.1")).stdout;
  expect(run).toMatch(/^NAME\n +polycrate-run - run an action or a workflow$/m);
  expect(run).toMatch(/^ +-w, --workspace=DIR\n +\S/m);
  expect(run).toMatch(/^ +polycrate run my-app deploy -- --region eu$/m);
  const codes = (await shown("polycrate-exit-codes.7")).stdout;
  expect(codes).toMatch(/^ +124 +The action ran longer than its timeout\.$/m);
});

test("every page that another one names exists", () => {
  const named = pages.flatMap(({ name, text }) =>
    [...text.matchAll(/\\fB(polycrate[^\\ ]*(?:\\-[^\\ ]*)*)\\fR\(([17])\)/g)].map(
      ([, page = "", number]) => ({
        in: name,
        page: `${page.replaceAll("\\-", "-")}.${number}`,
      }),
    ),
  );
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter(({ page }) => !pages.some(({ name }) => name === page))).toEqual([]);
});

test.each([
  ["a line that begins with a dot", ".SH is no request\n", ".PP\n\\&.SH is no request\n"],
  ["what roff takes for quotes and dashes", "a-b 'c' `d~`", ".PP\na\\-b \\(aqc\\(aq \\fBd\\(ti\\fR\n"],
  ["a backslash", "```\nprintf 'a\\n'\n```\n", ".PP\n.RS 4\n.nf\nprintf \\(aqa\\(rsn\\(aq\n.fi\n.RE\n"],
  ["a table", "| A | B |\n| - | - |\n| `x` | one |\n", ".TP\n\\fBx\\fR\none\n"],
  ["a list", "1. one\n2. two\n   more\n", ".IP 1. 4\none\n.IP 2. 4\ntwo\nmore\n"],
  ["a link to a topic", "see [`polycrate help ci`](ci.md)", ".PP\nsee \\fBpolycrate\\-ci\\fR(7)\n"],
])("it writes %s", (_, markdown, roff) => {
  expect(roffOf(markdown)).toBe(roff);
});

test("a page is ASCII, whatever is on it", () => {
  expect(escaped("→ …")).toBe("\\[u2192] \\[u2026]");
  expect(pages.filter(({ text }) => /[^\n\x20-\x7e]/.test(text)).map(({ name }) => name)).toEqual([]);
});

test("the page for browsers has every topic, and its links lead to them", () => {
  const html = manualPage({
    ...edition,
    changes: [],
    description: "",
    author: "",
    license: "",
    page: "https://PAGE",
  });
  const ids = [...html.matchAll(/<section id="([a-z-]+)">/g)].map(([, id]) => id);
  expect(ids).toEqual([...topicNames]);
  const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, link = ""]) => link);
  const isBroken = (link: string) => !/^https:/.test(link) && !ids.includes(link.replace("#", ""));
  expect(links.filter(isBroken)).toEqual([]);
});
