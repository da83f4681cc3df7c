import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { parseDocument } from "../../../src/yaml/parseDocument.ts";
import { readSimpleYaml } from "../../../src/yaml/simpleYaml.ts";
import { isYamlList, isYamlMap, type YamlPath, type YamlValue } from "../../../src/yaml/value.ts";

/** As `.poly` files want it: everything below `env`, and the lines of scripts. */
const verbatim = (path: YamlPath) => path.at(-2) === "env" || path.at(-2) === "script";

/** A value as text that shows the order of maps, the types of keys and the spelling of numbers. */
function shown(value: YamlValue): unknown {
  if (isYamlList(value)) return value.map(shown);
  if (!isYamlMap(value)) return value;
  return { map: Array.from(value, ([key, item]) => [typeof key, String(key), shown(item)]) };
}

/** Expects that the text is read as the exact reader does, or not at all; true when it was read. */
function wasRead(text: string): boolean {
  const value = readSimpleYaml(text, verbatim);
  if (value === undefined) return false;
  const exact = parseDocument(text, { verbatim });
  if (exact.problems.length > 0)
    throw new Error(`${JSON.stringify(text)} was read: ${exact.problems[0]?.message}`);
  expect(JSON.stringify(shown(value)), text).toBe(JSON.stringify(shown(exact.value)));
  return true;
}

describe("what files are made of is simple", () => {
  test.each([
    ["a: 1\n"],
    ["a: 1"],
    ["---\na: 1\n"],
    ["\ufeffa: 1\r\nb: 2\r\n"],
    ["# a comment\n\na: text # and another\n  # more\nb: 'it''s' # quoted\n"],
    ["a:\n  b:\n    c: 0644\n  d: 1.10\ne: ~\nf:\ng: yes\n"],
    ["80: a\n\"80\": b\ntrue: c\n1.5: d\nnull: e\n'<<': f\n"],
    ['list:\n  - a\n  - "b: \\"c\\"\\n"\n  -\n  - k: 1\n    l: 2\n  -\n    m: 3\n'],
    ["list:\n- a\n- b: 1\n  c:\n  - d\nend: 1\n"],
    ["flow: [a, 'b', \"c\", 1, {d: e f, 'g': [ ]}, [ ], { }]\n"],
    ["text: |\n  one\n\n    two\n  three  \nnext: |-\n  # no comment\n  x: y\n\n\n# comment\nlast: 1\n"],
    [
      'script:\n  - |\n    if true; then\n      echo 1\n    fi\n  - echo "$A" && test -n b\n  - 12\n  - --flag\n',
    ],
    ["env:\n  A: 1.10\n  B: 0644\n  C: yes\n  D:\n"],
    ["url: https://example.com:8080/a?b=c#d\npath: ~/a\nimage: registry.example.com:5000/x:1.2\n"],
  ])("%j", (text) => {
    expect(wasRead(text)).toBe(true);
  });
});

describe("what needs more rules is left to the exact reader", () => {
  const texts = [
    ["", "- a\n", "text\n", " a: 1\n"],
    ["a: &b 1\n", "a: *b\n", "a: !!str 1\n", "<<: {a: 1}\n", "? a\n", "%YAML 1.2\n---\na: 1\n"],
    ["a: 1\na: 2\n", "a: {b: 1, b: 2}\n", "1: a\n0x1: b\n"],
    [
      "a: one\n  two\n",
      "a: 'one\n  two'\n",
      "a:\n  text\n",
      "a: [b,\n  c]\n",
      "a: >\n  b\n",
      "a: |2\n  b\n",
      "a: |+\n  b\n",
    ],
    [
      "a:\tb\n",
      'a: "\\x41"\n',
      "a: b: c\n",
      "a: b:\n",
      "a: 'b' c\n",
      'a: "b"#c\n',
      "a: [b]c\n",
      "a: @b\n",
      "a: `b`\n",
    ],
    [
      "a: 1\n  b: 2\n",
      "a:\n    b: 1\n  c: 2\n",
      "a:\n  - b\n c: 1\n",
      "a:\n  - b\n  c: 1\n",
      "a: 1\n---\nb: 1\n",
      "a: 1\n...\n",
    ],
    [
      "a: |\nb: 1\n",
      "a: |\n  b",
      "a: |\n    \n  b\n",
      "a: {b}\n",
      "a: {b: }\n",
      "a: [b, ]\n",
      "- - a\n",
      "a\u0000: b\n",
    ],
  ].flat();
  test.each(texts.map((text) => [text]))("%j", (text) => {
    expect(readSimpleYaml(text, verbatim)).toBeUndefined();
  });
});

const root = resolve(import.meta.dir, "../../..");

/** The files of the project, and what the manual shows. */
function realTexts(): readonly string[] {
  const files = ["tests/example", "scripts/picture"].flatMap((folder) =>
    [...new Bun.Glob("**/{workspace,block}.poly").scanSync({ cwd: join(root, folder) })].map((file) =>
      readFileSync(join(root, folder, file), "utf8"),
    ),
  );
  const topics = join(root, "src/cli/topics");
  const shownTexts = readdirSync(topics)
    .filter((name) => name.endsWith(".md"))
    .flatMap((name) => [...readFileSync(join(topics, name), "utf8").matchAll(/^```yaml\n(.*?)^```$/gms)])
    .map(([, text = ""]) => text);
  return [...files, ...shownTexts];
}

test("most real files are simple, and are read alike", () => {
  const texts = realTexts();
  const simple = texts.filter(wasRead);
  expect(simple.length / texts.length).toBeGreaterThan(0.8);
});

const word = fc.constantFrom(
  ...["a", "b", "key", "x1", "0", "12", "0644", "1.10", "yes", "null", "~", "true", "-1", "--x", "a b"],
  ...[
    "a#b",
    "a: b",
    "a:",
    "c:d",
    "",
    "#",
    "# x",
    "'q'",
    "'it''s'",
    '"q"',
    '"\\n"',
    '"\\\\"',
    '"\\x41"',
    '"a" b',
  ],
  ...[
    "[]",
    "{}",
    "[a, b]",
    "{a: 1}",
    "{a: 1, 'b': [c, {d: ~}]}",
    "[ ]",
    "[a,]",
    "[a b, 0x1F]",
    "{a: 1, a: 2}",
  ],
  ...[
    "|",
    "|-",
    "|+",
    ">",
    "|2",
    "&x",
    "*x",
    "!t",
    "<<",
    "?",
    "-",
    "- a",
    "@",
    "%",
    "`",
    "$X",
    "$(x)",
    "=",
    "<",
  ],
  ...[
    "ü",
    "Ü",
    "é x",
    "x\u00a0",
    "\u2028",
    "\u0085",
    "\ufeff",
    "\t",
    "a\tb",
    ".5",
    ".inf",
    "---",
    "...",
    "a\\b",
  ],
);
const simpleWord = fc.constantFrom(
  ...["a", "12", "1.10", "yes", "", "a b", "'q'", '"\\n"', "[a, b]", "{a: 1}", "$(x)", "-f", "x:y", "~"],
);
const key = fc.constantFrom("a", "b", "c-d", "'e'", '"f"', "80", "env", "script", "true", "1.5", "<<", "g h");
const simpleKey = fc.constantFrom("a", "b", "c-d", "e", "'f'", "80", "env", "script", "0x50", "null");
const end = fc.constantFrom("", "", "", "", " ", "  # comment", " #");

/** Writes what follows a key or a dash, whose own lines have this indentation or more. */
type Write = (indent: number) => string;

const spaces = (count: number) => " ".repeat(count);

const { node } = fc.letrec<{ node: Write }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.tuple(fc.oneof({ weight: 6, arbitrary: simpleWord }, word), end).map(
      ([text, rest]): Write =>
        () =>
          ` ${text}${rest}\n`,
    ),
    fc
      .tuple(
        fc.constantFrom("|", "|-"),
        fc.array(fc.constantFrom("one", "  two", "# three", "", "", "x: y", "- z", " "), {
          minLength: 1,
          maxLength: 4,
        }),
      )
      .map(
        ([header, all]): Write =>
          (indent) =>
            ` ${header}\n${all.map((text) => `${text === "" ? "" : spaces(indent)}${text}\n`).join("")}`,
      ),
    fc
      .tuple(
        end,
        fc.array(fc.tuple(fc.oneof({ weight: 9, arbitrary: simpleKey }, key), tie("node")), {
          minLength: 1,
          maxLength: 4,
        }),
      )
      .map(
        ([rest, entries]): Write =>
          (indent) =>
            `${rest}\n${entries.map(([name, write]) => `${spaces(indent)}${name}:${write(indent + 2)}`).join("")}`,
      ),
    fc.tuple(fc.array(tie("node"), { minLength: 1, maxLength: 4 }), fc.constantFrom(0, 2)).map(
      ([items, less]): Write =>
        (indent) => {
          const own = Math.max(0, indent - less);
          return `\n${items.map((write) => `${spaces(own)}-${asItem(write(own + 2), own)}`).join("")}`;
        },
    ),
  ),
}));

/** A map in a list begins on the line of its dash. */
function asItem(text: string, column: number): string {
  const start = `\n${spaces(column + 2)}`;
  return text.startsWith(start) && text.charAt(start.length) !== " " ? ` ${text.slice(start.length)}` : text;
}

const document = fc
  .array(fc.tuple(simpleKey, node), { minLength: 1, maxLength: 4 })
  .map((entries) => entries.map(([name, write]) => `${name}:${write(2)}`).join(""));

const mutation = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom("insert", "remove", "replace", "repeat", "cut", "line"),
  text: fc.constantFrom(...[..." \n-:#'\"[]{},|>&*!?a0\\\t\u00a0"], "  ", "\n  ", "\n\n", ": ", " #", "- "),
});

type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

function mutated(source: string, { at, kind, text }: Mutation): string {
  const place = at % (source.length + 1);
  const [before, after] = [source.slice(0, place), source.slice(place)];
  if (kind === "insert") return before + text + after;
  if (kind === "remove") return before + after.slice(1);
  if (kind === "replace") return before + text + after.slice(1);
  if (kind === "repeat") return before + after.slice(0, 5) + after;
  if (kind === "cut") return before;
  return `${before}\n${text}${word}\n${after}`;
}

const mutations = fc.array(mutation, { maxLength: 3 });

/** The share of the texts that is simple. Expects that each is read alike, or not at all. */
function shareRead(texts: fc.Arbitrary<string>, numRuns: number): number {
  let read = 0;
  fc.assert(
    fc.property(texts, mutations, (text, all) => {
      if (wasRead(all.reduce(mutated, text))) read++;
    }),
    { numRuns },
  );
  return read / numRuns;
}

test("random texts are read alike, or not at all", () => {
  expect(shareRead(document, runs)).toBeGreaterThan(0.1);
});

test("real files with a few changes are read alike, or not at all", () => {
  const texts = realTexts().filter((text) => text.length < 2_000);
  expect(shareRead(fc.constantFrom(...texts), runs)).toBeGreaterThan(0.2);
});

/** `RUNS=500000` looks further. */
const runs = Number(process.env.RUNS ?? 4_000);
