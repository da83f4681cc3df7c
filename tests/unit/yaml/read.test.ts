import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { readYaml } from "../../../src/yaml/read.ts";
import { isYamlMap, type YamlNumber, type YamlPath, type YamlValue } from "../../../src/yaml/value.ts";

/** The value of a text that is expected to have no problem. */
function read(text: string, verbatim?: (path: YamlPath) => boolean): YamlValue {
  const { value, problems } = readYaml(text, verbatim && { verbatim });
  expect(problems).toEqual([]);
  return value;
}

/** The problems of a text, each as `line:column message (hint)`. */
function problemsOf(text: string): readonly string[] {
  return readYaml(text).problems.map(
    ({ position, message, hint }) => `${position.line}:${position.column} ${message} (${hint})`,
  );
}

const number = (digits: string, source = digits): YamlNumber => ({ digits, source });

describe("an unquoted scalar means what it means to Go's yaml.v3", () => {
  test.each([
    ["12", "12"],
    ["+12", "12"],
    ["-12", "-12"],
    ["-0", "0"],
    ["0644", "420"],
    ["-0644", "-420"],
    ["0o644", "420"],
    ["0x1F", "31"],
    ["0b11", "3"],
    ["1_000", "1000"],
    ["08", "8"],
    ["9007199254740993", "9007199254740993"],
    ["12345678901234567890123", "12345678901234567890123"],
    ["0xFFFFFFFFFFFFFFFF", "18446744073709551615"],
    ["-0x8000000000000000", "-9223372036854775808"],
    ["1.10", "1.10"],
    ["-1.5", "-1.5"],
    ["+1.5", "1.5"],
    ["1_0.5", "10.5"],
    ["007.5", "7.5"],
    ["1.", "1.0"],
    [".5", "0.5"],
    ["-.5", "-0.5"],
    [".5_5", "0.55"],
    ["1e3", "1.0e+3"],
    ["1.5E3", "1.5e+3"],
    ["1.50e-03", "1.50e-03"],
    [".inf", ".inf"],
    ["+.Inf", ".inf"],
    ["-.INF", "-.inf"],
    [".NaN", ".nan"],
  ])("`%s` is the number %s", (source, digits) => {
    expect(read(`- ${source}`)).toEqual([number(digits, source)]);
  });

  test.each(
    "yes no on off y n YES On tRUE nULL 1:30 190:20:30 2024-01-01 2001-12-14t21:59:43.10-05:00 1.10.2 10m 0xG 0b2 0o8 0x + -. . ._5 _1 1e400 0x1FFFFFFFFFFFFFFFF +0xFFFFFFFFFFFFFFFF -.nan = <".split(
      " ",
    ),
  )("`%s` is a string", (source) => {
    expect(read(`- ${source}`)).toEqual([source]);
  });

  test.each(["true", "True", "TRUE"])("`%s` is true", (source) =>
    expect(read(`- ${source}`)).toEqual([true]),
  );
  test.each(["false", "False", "FALSE"])("`%s` is false", (source) =>
    expect(read(`- ${source}`)).toEqual([false]),
  );
  test.each(["", "~", "null", "Null", "NULL"])("`%s` is null", (source) =>
    expect(read(`- ${source}`)).toEqual([null]),
  );
  test("a number of a hundred thousand digits takes no time", () => {
    const digits = "0".repeat(100_000);
    expect(read(`- ${digits}x`)).toEqual([`${digits}x`]);
  });
});

describe("an explicit tag decides what a scalar is", () => {
  test.each([
    ["!!str 12", "12"],
    ["!!str", ""],
    ["!!str ~", "~"],
    ['!!int "0644"', number("420", "0644")],
    ["!!float 3", number("3.0", "3")],
    ["!!bool 'true'", true],
    ["!!null ''", null],
    ["!!binary w6Q=", "ä"],
    ["!!binary |\n  aGk\n  =", "hi"],
    ["!!timestamp 2024-01-01", "2024-01-01"],
    ["!<tag:yaml.org,2002:str> 3", "3"],
    ["! 12", number("12")],
    ["!!seq [1]", [number("1")]],
    ["!!set {a}", new Map([["a", null]])],
  ])("`%s`", (source, value) => {
    expect(read(`- ${source}`)).toEqual([value]);
  });

  test.each([
    ["!vault x", "unknown tag `!vault`"],
    ["!vault [x]", "unknown tag `!vault`"],
    ["!!foo x", "unknown tag `!!foo`"],
    ["!!int x", "`x` does not match its tag `!!int`"],
    ["!!int 3.5", "`3.5` does not match its tag `!!int`"],
    ["!!bool yes", "`yes` does not match its tag `!!bool`"],
    ["!!null x", "`x` does not match its tag `!!null`"],
    ["!!binary aGk", "the `!!binary` value is not base64"],
    ["!!binary /w==", "the `!!binary` value is not UTF-8 text"],
  ])("`%s` is a problem", (source, message) => {
    expect(readYaml(`- ${source}`).problems.map((problem) => problem.message)).toEqual([message]);
  });
});

describe("where values are verbatim, unquoted scalars keep their text", () => {
  const verbatim = (path: YamlPath) => path[0] === "env";

  test("but null stays null, and quotes and tags count", () => {
    const text =
      "env: {a: 1.10, b: 0644, c: yes, d: TRUE, e: , f: ~, g: 'x', h: !!int 010, i: [.inf]}\nother: 0644";
    expect(read(text, verbatim)).toEqual(
      new Map<string, YamlValue>([
        [
          "env",
          new Map<string, YamlValue>([
            ["a", "1.10"],
            ["b", "0644"],
            ["c", "yes"],
            ["d", "TRUE"],
            ["e", null],
            ["f", null],
            ["g", "x"],
            ["h", number("8", "010")],
            ["i", [".inf"]],
          ]),
        ],
        ["other", number("420", "0644")],
      ]),
    );
  });

  test("also where an alias or a merge brings them there", () => {
    const text = "all: &all {mode: &mode 0644}\nenv: {<<: *all, alias: *mode}";
    expect(read(text, verbatim)).toEqual(
      new Map([
        ["all", new Map<string, YamlValue>([["mode", number("420", "0644")]])],
        ["env", new Map<string, YamlValue>(Object.entries({ alias: "0644", mode: "0644" }))],
      ]),
    );
  });
});

describe("maps", () => {
  test("keep the order and the type of their keys", () => {
    const map = read(
      "b: x\n80: x\n'80': x\n0x10: x\n1.5: x\n12345678901234567890: x\n~: x\ntrue: x\nyes: x\n__proto__: x\na: x",
    );
    expect(isYamlMap(map) && [...map.keys()]).toEqual([
      ...["b", 80, "80", 16, 1.5, 12345678901234567890n, null, true, "yes", "__proto__", "a"],
    ]);
  });

  test.each([
    ["a map", "base: &base {a: 1, b: 1}\nx: {<<: *base, b: 2, c: 2}", ["b 2", "c 2", "a 1"]],
    ["a list of maps", "base: &base {a: 1}\nx: {<<: [*base, {a: 3, b: 3}], c: 2}", ["c 2", "a 1", "b 3"]],
    ["a map that merges", "base: &base {<<: {a: 1}, b: 1}\nx: {<<: *base}", ["b 1", "a 1"]],
    ["nothing", "x: {<<: , c: 2}", ["c 2"]],
    ["a tagged key", "x: {!!merge <<: {a: 1}}", ["a 1"]],
    ["no map at all when `<<` is quoted", "x: {'<<': 1}", ["<< 1"]],
  ])("merge %s: own keys come first and win, then earlier maps", (_, text, entries) => {
    const map = read(text);
    const x = isYamlMap(map) ? map.get("x") : undefined;
    const entriesOfX = isYamlMap(x) ? Array.from(x, ([key, value]) => `${key} ${JSON.stringify(value)}`) : [];
    expect(entriesOfX).toEqual(
      entries.map((entry) => entry.replace(/\d+$/, '{"digits":"$&","source":"$&"}')),
    );
  });

  test("resolve an alias to the anchor before it, also when it is repeated later", () => {
    expect(read("- &a x\n- &b [*a]\n- &a y\n- *b\n- *a")).toEqual(["x", ["x"], "y", ["x"], "y"]);
  });

  test("take an alias as a key", () => {
    expect(read("- &a x\n- *a : y")).toEqual(["x", new Map([["x", "y"]])]);
  });
});

describe("files of any make can be read", () => {
  test.each([
    ["empty", "", null],
    ["with comments only", "# nothing\n", null],
    ["with a document that is empty", "---\n...\n", null],
    ["with a byte order mark", "\ufeffa", "a"],
    ["with a second document that is empty", "a\n---\n# nothing\n", "a"],
    ["with CRLF", '- |\r\n  a\r\n  b\r\n- "c\r\n  d"\r\n- e\r\n', ["a\nb\n", "c d", "e"]],
    ["with a text block and no last line feed", "- |\n  a\n  b", ["a\nb"]],
    ["with a tagged text block and no last line feed", "- !!str |\n  a", ["a"]],
    ["with a `%YAML 1.1` directive", "%YAML 1.1\n---\n[yes, 0o17]", ["yes", number("15", "0o17")]],
    ["with a key over many lines", '? "a\n\n  b"\n: |\n  c\n', new Map([["a\nb", "c\n"]])],
  ])("%s", (_, text, value) => {
    expect(read(text)).toEqual(value);
  });

  test("CRLF changes neither values nor positions", () => {
    const text = "a: |\n  x\n\n  y\nb: [1,\n  2]\nb: 3\n";
    const { value, problems } = readYaml(text);
    expect(problems).toHaveLength(1);
    const crlf = readYaml(text.replaceAll("\n", "\r\n"));
    expect([crlf.value, crlf.problems]).toEqual([value, problems]);
  });
});

describe("a problem says where it is, what is found there and what to do", () => {
  test.each([
    ["a: b: c", "1:4 the value `b: c` contains `: ` (quote the whole value)"],
    [
      "a: 1\n b: 2",
      "2:2 `b` is indented as a continuation of the value above (align it with the keys of the same mapping)",
    ],
    ["a:\n    b: 1\n  c: 2", "3:3 `c` is not aligned with the other keys (align it with them)"],
    ["- - a\n - b", "2:2 `-` is not aligned with the other items (align the `-` of all items)"],
    ["- a\nb: c", "2:1 `b` is not aligned with the lines above (align it with the lines it belongs to)"],
    ["a: 1\n- b", "2:1 expected a key, found `-` (indent it if it belongs to the key above)"],
    [
      "- a: 1\n b: 2",
      "2:2 `b` is not an item of the list (begin it with `- `, or align it with the item's keys)",
    ],
    [
      "a: 1\nb c\nd: 2",
      "2:1 `b c` is not a `key: value` pair (write `: ` after a key; indent a line that continues the value above)",
    ],
    ['a: "x', '1:4 `"` is not closed (close it, and indent every line of the value more than its key)'],
    [
      "a: 'x\nb: 2\n",
      "1:4 `'` is not closed (close it, and indent every line of the value more than its key)",
    ],
    [
      "a: [1, [2]\nb: 3",
      "1:4 `[` is not closed (close it with `]`, and indent every line of the value more than its key)",
    ],
    [
      "a: {x: 1",
      "1:4 `{` is not closed (close it with `}`, and indent every line of the value more than its key)",
    ],
    ["a: ]", "1:4 unexpected `]` (quote the value if it is text)"],
    ["a: @x", "1:4 an unquoted value cannot begin like `@x` (quote the whole value)"],
    ["a: *.log", "1:4 alias `*.log` has no anchor before it (quote the value if `*` is part of it)"],
    ["a: &a\n  - *a", "2:5 alias `*a` is inside the value that it repeats (remove the alias)"],
    ["a: &a {<<: *a}", "1:12 alias `*a` is inside the value that it repeats (remove the alias)"],
    ["a: {{ x }}", "1:5 expected a key, found a map (quote the whole value if it begins with `{{`)"],
    ["a: {{ x }} y", "1:12 unexpected `y` after the end of a value (quote the whole value)"],
    ['a: "b" c', "1:8 unexpected `c` after the end of a value (quote the whole value)"],
    ["? [a]\n: b", "1:3 expected a key, found a list (quote the key)"],
    ["a: [b]: c", "1:7 missing key before `:` (write the key, or quote the whole value)"],
    ['a: "\\d"', "1:5 unknown escape `\\d` (use single quotes, or write `\\\\` for a backslash)"],
    ["a: - b", "1:4 the list begins on the line of its key (begin it on the next line)"],
    ["a: |x\n y", "1:5 unexpected text after `x` (begin the text on the next line, or quote the value)"],
    ["a: [b, , c]", "1:8 missing entry before `,` (remove it)"],
    ["a:\n\tb: 1", "2:1 the line is indented with a tab (indent it with spaces)"],
    ["a:\n  - x\n\t- y", "3:1 the line is indented with a tab (indent it with spaces)"],
    ["a: |\n\tx", "2:1 the line is indented with a tab (indent it with spaces)"],
    ["a: 1\n---\nb: 2", "2:1 the file has more than one YAML document (keep only the first document)"],
    ["a: 1\n\0", "2:1 the file is binary (save the file as UTF-8 text)"],
    [
      "a: \x1b[1m",
      "1:4 unexpected control character U+001B (remove it, or write it as `\\u001B` in double quotes)",
    ],
    ["a: 1\nb: 2\na: 3", "3:1 key `a` is repeated, first used in line 1, column 1 (remove one of them)"],
    ["x: {1: a, 0x1: b}", "1:11 key `1` is repeated, first used in line 1, column 5 (remove one of them)"],
    [
      "<<: {a: 1}\n<<: {b: 1}",
      "2:1 key `<<` is repeated, first used in line 1, column 1 (remove one of them)",
    ],
    ["<<: [1]", "1:5 the value of `<<` is not a map (give it an alias of a map, or a list of such aliases)"],
    ["%FOO\n", "2:1 a directive has no `---` after it (remove the line that begins with `%`)"],
  ])("%j", (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test("all problems of the values are told, a broken syntax only once", () => {
    expect(problemsOf("a: *x\nb: !y z\nb: 1")).toHaveLength(3);
    expect(problemsOf("a: *x\nb: c: d\ne: f: g")).toHaveLength(1);
  });

  test("a problem that aliases repeat is told once", () => {
    expect(problemsOf("a: &a [*x]\nb: [*a, *a]")).toHaveLength(1);
  });

  test.each([
    ["10,000 open lists", "[".repeat(10_000)],
    ["10,000 lists", "[".repeat(10_000) + "]".repeat(10_000)],
    ["10,000 maps", "{a: ".repeat(10_000) + "}".repeat(10_000)],
    ["100,000 items", "- ".repeat(100_000)],
    ["300 levels", "- ".repeat(300)],
    ["300 levels of aliases", ["- &a0 []", ...count(300, (i) => `- &a${i + 1} [*a${i}]`)].join("\n")],
  ])("%s are nested too deeply", (_, text) => {
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(/^\d+:\d+ lists and maps are nested too deeply \(flatten the value\)$/),
    ]);
  });

  test("150 levels are not", () => expect(problemsOf("- ".repeat(150))).toEqual([]));

  test.each([
    ["maps", ["- &a0 x", ...count(12, (i) => `- &a${i + 1} [${`*a${i},`.repeat(10)}]`)]],
    ["text", [`- &a0 "${"x".repeat(1_000_000)}"`, ...count(100, () => "- *a0")]],
    ["merged maps", ["- &a0 {x: y}", ...count(100, (i) => `- &a${i + 1} {<<: [${`*a${i},`.repeat(10)}]}`)]],
  ])("aliases that repeat %s without end are a problem", (_, lines) => {
    expect(problemsOf(lines.join("\n"))).toEqual([expect.stringMatching(/alias `\*a\d+` repeats too much/)]);
  });

  test("20,000 equal keys, or 50,000 different ones, take no minutes", () => {
    expect(problemsOf("a: 1\n".repeat(20_000))).toHaveLength(19_999);
    expect(problemsOf(count(50_000, (i) => `a${i}: 1\n`).join(""))).toEqual([]);
  });
});

describe("a path leads to a position", () => {
  const text = `name: x
list:
  - a
  - b: &anchor {c: d, e: }
other: *anchor
80: y
merged:
  <<: [*anchor]
  f:
`;
  test.each<[YamlPath, "key" | "value" | undefined, string]>([
    [[], undefined, "1:1"],
    [["name"], undefined, "1:7"],
    [["name"], "key", "1:1"],
    [["list"], undefined, "3:3"],
    [["list"], "key", "2:1"],
    [["list", 0], undefined, "3:5"],
    [["list", 0], "key", "3:5"],
    [["list", 1, "b", "c"], undefined, "4:20"],
    [["list", 1, "b", "c"], "key", "4:17"],
    [["list", 1, "b", "e"], undefined, "4:23"],
    [["list", 7, "b"], undefined, "3:3"],
    [["other"], undefined, "5:8"],
    [["other", "c"], undefined, "4:20"],
    [[80], undefined, "6:5"],
    [["80"], undefined, "6:5"],
    [["merged", "c"], undefined, "4:20"],
    [["merged", "f"], undefined, "9:3"],
    [["merged", "gone", "deeper"], undefined, "8:3"],
    [["merged", "gone"], "key", "7:1"],
    [["gone"], "key", "1:1"],
  ])("%j (%s) to %s", (path, part, expected) => {
    const { line, column } = readYaml(text).positionOf(path, part);
    expect(`${line}:${column}`).toBe(expected);
  });

  test("in an empty file, a broken one and after a byte order mark", () => {
    for (const text of ["", "a: [", "\0", "\ufeffa: b"]) {
      expect(readYaml(text).positionOf(["x", 0, "y"])).toEqual({ line: 1, column: 1 });
    }
  });

  test("columns count UTF-16 units", () => {
    expect(readYaml("{😀: a, b: c}").positionOf(["b"], "key")).toEqual({ line: 1, column: 9 });
  });
});

test("no text makes it throw, and every problem stands inside the text", () => {
  const piece = fc.constantFrom(
    ..."a b c: 1 'x \" \n|\n  |\n - |- |? |: |:|, |{|}|[|]|&a |*a|<<: *a|! |!!str |#|\t|\r\n|---\n|...\n|%|@|0644|>|\0".split(
      "|",
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join("");
      const { problems, positionOf } = readYaml(text);
      const lines = text.split("\n");
      for (const { line, column } of [
        ...problems.map((problem) => problem.position),
        positionOf(["a", 0, "b"]),
      ]) {
        expect(line).toBeWithin(1, lines.length + 1);
        expect(column).toBeWithin(1, (lines[line - 1]?.length ?? 0) + 2);
      }
    }),
    { numRuns: 3000 },
  );
});

function count<T>(length: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length }, (_, index) => make(index));
}
