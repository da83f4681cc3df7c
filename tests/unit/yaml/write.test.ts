import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { parseDocument } from "yaml";
import { readYaml } from "../../../src/yaml/read.ts";
import {
  isYamlList,
  isYamlMap,
  isYamlNumber,
  isYamlSecret,
  type YamlKey,
  type YamlNumber,
  type YamlValue,
} from "../../../src/yaml/value.ts";
import { writeYaml } from "../../../src/yaml/write.ts";

test("values are written as block collections, in order", () => {
  const value = readYaml(`
{ name: my-app, 80: http, empty: {}, none: [], nothing: ~, version: 1.10, mode: 0644, "no": "yes",
  actions: [{name: install, script: ["echo \\"hi\\"", "if true; then\\n  echo\\n\\nfi\\n"]}, [[a], {b: c}], []],
  map: {deep: {deeper: [x]}} }`).value;
  expect(writeYaml(value)).toBe(`name: my-app
80: http
empty: {}
none: []
nothing: null
version: 1.10
mode: 420
"no": "yes"
actions:
  - name: install
    script:
      - echo "hi"
      - |
        if true; then
          echo

        fi
  - - - a
    - b: c
  - []
map:
  deep:
    deeper:
      - x
`);
});

test.each<[YamlValue, string]>([
  [null, "null\n"],
  ["a\nb", '"a\\nb"\n'],
  ["---", '"---"\n'],
  [[], "[]\n"],
  [new Map(), "{}\n"],
  [{ digits: "1.0e+3", source: "1e3" }, "1.0e+3\n"],
])("a document may be %j alone", (value, text) => {
  expect(writeYaml(value)).toBe(text);
});

test.each([
  ...listed(`echo hello  echo "$HOME" | grep -v 'x'  -v /a:/b:ro  --user $(id -u):$(id -g)  $HOME/.ssh  ~/.ssh
    ./x  ../x  .env  /etc  https://host:5000/a?b=c#d  a:b  a,b  x]  1.2.3  10.0.0.1  10m  3/4
    Grüße  日本  😀 ok  yes sir  null-safe  a=b  _x  (x)`),
])("`%s` needs no quotes", (string) => {
  expect(writeYaml([string])).toBe(`- ${string}\n`);
});

test.each([
  ...["", " ", " a", "a "],
  ...listed(`yes  No  ON  off  y  N  true  False  ~  null  Null  =  <<  -  - a  ?  ? a  :  : a  a: b  a:
    #  #a  a #b  !  !a  &a  *a  %a  @a  \`a\`  |  >  '  "  {  {{ a }}  [a]  ]  }  ,  ---  --- a  ...
    012  0o14  1:30  190:20:30  0x1F  1e3  1_000  0b1  .inf  -.INF  .nan  +1  -1  1.  .5  -.5
    2024-01-01  2001-12-14t21:59:43.10-05:00`),
])("`%s` needs them", (string) => {
  expect(writeYaml([string])).toBe(`- ${JSON.stringify(string)}\n`);
});

test.each([
  ["a\tb", '"a\\tb"'],
  ["\0\x07\x1b", '"\\u0000\\u0007\\u001b"'],
  ["\x7f\x80\x85\x9f", '"\\u007f\\u0080\\u0085\\u009f"'],
  ["\u2028\u2029\ufeff\ufffe\uffff", '"\\u2028\\u2029\\ufeff\\ufffe\\uffff"'],
  ["\ud800a\udc00", "\ufffda\ufffd"],
  ["a\r\nb", '"a\\r\\nb"'],
])("what readers do not agree on is escaped: %j", (string, text) => {
  expect(writeYaml([string])).toBe(`- ${text}\n`);
});

describe("strings of several lines keep their lines", () => {
  test.each([
    ["a\nb", "|-\n  a\n  b"],
    ["a\n", "|\n  a"],
    ["a\n\n\n", "|+\n  a\n\n"],
    ["a\n\n  b  \n", "|\n  a\n\n    b  "],
    ["  a\nb\n", "|2\n    a\n  b"],
    ["\n\na", "|2-\n\n\n  a"],
    ["\ta\n", "|2\n  \ta"],
    ["# a\n---\n", "|\n  # a\n  ---"],
    ["cat <<-EOF\n\tx\nEOF\n", "|\n  cat <<-EOF\n  \tx\n  EOF"],
  ])("%j", (string, text) => {
    expect(writeYaml([string])).toBe(`- ${text}\n`);
    expect(writeYaml([[new Map([["k", string]])]])).toBe(
      `- - k: ${text.replace(/\n(?=[^\n])/g, "\n    ")}\n`,
    );
  });

  test.each(["\n", "\n\n", " \n", "a\n ", "a\n\t\n\n", "a\n\x1b[1m", "a\n\u2028", "a\n\x85b"])(
    "but not %j, which readers disagree about",
    (string) => expect(writeYaml([string])).toBe(`- ${asciiQuoted(string)}\n`),
  );
});

test.each<[YamlKey, string]>([
  [80, "80"],
  ["80", '"80"'],
  [-1.5, "-1.5"],
  [1e21, "1.0e+21"],
  [1e20, "100000000000000000000.0"],
  [1e-7, "1.0e-7"],
  [12345678901234567890n, "12345678901234567890"],
  [Number.NEGATIVE_INFINITY, "-.inf"],
  [Number.NaN, ".nan"],
  [null, "null"],
  ["null", '"null"'],
  [true, "true"],
  ["true", '"true"'],
  ["", '""'],
  ["<<", '"<<"'],
  ["=", '"="'],
  ["__proto__", "__proto__"],
  ["a: b", '"a: b"'],
  ["a\nb", '"a\\nb"'],
])("the key %p is written as %s", (key, text) => {
  expect(writeYaml(new Map([[key, "x"]]))).toBe(`${text}: x\n`);
});

test("long keys are written with a question mark, which PyYAML needs from 1024 characters on", () => {
  const key = "x".repeat(129);
  const value = new Map<string, YamlValue>([
    [key, "a\nb\n"],
    [`${key}y`, new Map([["c", []]])],
  ]);
  expect(writeYaml([value])).toBe(`- ? ${key}\n  : |\n    a\n    b\n  ? ${key}y\n  :\n    c: []\n`);
});

describe("what is written means the same to every reader", () => {
  const batch = fc.array(yamlValues(), { minLength: 150, maxLength: 150 });

  test("to PyYAML, in Python as in C", () => {
    const python = pythonWithYaml();
    fc.assert(
      fc.property(batch, fc.constantFrom("SafeLoader", "CSafeLoader"), (values, loader) => {
        const meanings = readWithPyYaml(python, loader, values.map(writeYaml));
        expect(meanings).toEqual(values.map(meaningOf));
      }),
      { numRuns: 8, endOnFailure: true },
    );
  });

  test("to yaml", () => {
    fc.assert(
      fc.property(yamlValues(), (value) => {
        const document = parseDocument(writeYaml(value), { intAsBigInt: true, stringKeys: false });
        expect(document.errors).toEqual([]);
        expect(meaningOfJs(document.toJS({ mapAsMap: true }))).toEqual(meaningOf(value));
      }),
      { numRuns: 1000 },
    );
  });

  test("to polycrate itself, with every digit, and the second writing is the first", () => {
    fc.assert(
      fc.property(yamlValues(), (value) => {
        const text = writeYaml(value);
        const read = readYaml(text);
        expect(read.problems).toEqual([]);
        expect(meaningOf(read.value)).toEqual(meaningOf(value));
        expect(writeYaml(read.value)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  test("one character at a time", () => {
    const characters = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code));
    const strings = [...characters, "\ufeff", "\ufffe", "\uffff", "\ue000", "\u{1fffe}"].flatMap(
      (character) => [character, `a${character}b`, `a\n${character}b\n`, `a\n${character}`],
    );
    const [meaning] = readWithPyYaml(pythonWithYaml(), "CSafeLoader", [writeYaml(strings)]);
    expect(meaning).toEqual(meaningOf(strings));
    expect(parseDocument(writeYaml(strings)).toJS()).toEqual(strings);
  });
});

/** Values as `readYaml` makes them, with many of the strings that some YAML reader takes for something else. */
function yamlValues(): fc.Arbitrary<YamlValue> {
  const tricky = fc.constantFrom(
    ...listed(`yes  no  on  off  y  n  ~  null  012  0o14  1:30  190:20:30  0x1F  1e3  1_000  0b1  .inf  2024-01-01
      __proto__  =  <<  -  ?  :  #  !  &  *  %  @  \`  |  >  ---  ...  --  -a  +1  .5  -.5  1.  1.2.3  [  ]  {  }  ,  '  "  \\  /  $x`),
    ...[..." \t\n\r\0\x7f\x85\u2028\ufeff\uffffä😀", "", "\ud800", ": ", " #", "\n  "],
  );
  const string = fc.oneof(
    fc.array(tricky, { maxLength: 5 }).map((parts) => parts.join("").toWellFormed()),
    fc
      .array(fc.string({ unit: "binary", maxLength: 10 }), { maxLength: 4 })
      .map((lines) => lines.join("\n").toWellFormed()),
    fc
      .tuple(tricky, fc.integer({ min: 100, max: 1100 }))
      .map(([part, times]) => part.repeat(times).toWellFormed()),
  );
  const number = fc
    .oneof(
      fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map(String),
      fc.constantFrom("0.50", "1.10", "-1.5", "1.0e+3", "2.50e-07", ".inf", "-.inf", ".nan"),
    )
    .map((digits): YamlNumber => ({ digits, source: digits }));
  // Python holds 1, 1.0 and True for the same key, so numbers here begin at 2.
  const key: fc.Arbitrary<YamlKey> = fc.oneof(
    string,
    string,
    string,
    fc.integer({ min: 2 }),
    fc.bigInt({ min: 2n ** 60n, max: 2n ** 70n }),
    fc.constantFrom(null, true, false, 2.5, 1e-7, 1e300, Number.POSITIVE_INFINITY),
  );
  const { value } = fc.letrec<{ value: YamlValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      string,
      number,
      fc.constantFrom(null, true, false),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.array(fc.tuple(key, tie("value")), { maxLength: 4 }).map((entries) => new Map(entries)),
    ),
  }));
  return value;
}

type Meaning =
  | null
  | boolean
  | readonly ["string" | "number", string]
  | { readonly list: readonly Meaning[] }
  | { readonly map: readonly (readonly [Meaning, Meaning])[] };

/** What a value means, in a form that a reader in another language can give too. */
function meaningOf(value: YamlValue): Meaning {
  if (isYamlNumber(value)) return numberMeaning(value.digits);
  if (isYamlList(value)) return { list: value.map(meaningOf) };
  if (isYamlMap(value))
    return { map: Array.from(value, ([key, item]) => [keyMeaning(key), meaningOf(item)]) };
  if (isYamlSecret(value)) return ["string", value.shown];
  return typeof value === "string" ? ["string", value] : value;
}

function meaningOfJs(value: unknown): Meaning {
  if (typeof value === "number" || typeof value === "bigint") return keyMeaning(value);
  if (Array.isArray(value)) return { list: value.map(meaningOfJs) };
  if (value instanceof Map)
    return { map: Array.from(value, ([key, item]) => [meaningOfJs(key), meaningOfJs(item)]) };
  if (value === null || typeof value === "boolean") return value;
  return ["string", String(value)];
}

const keyMeaning = (key: YamlKey): Meaning =>
  typeof key === "string"
    ? ["string", key]
    : typeof key === "number" || typeof key === "bigint"
      ? numberMeaning(String(key))
      : key;

/** Integers in full, floats as JavaScript spells them. */
function numberMeaning(digits: string): Meaning {
  if (/^-?\d+$/.test(digits)) return ["number", String(BigInt(digits))];
  const name = digits
    .toLowerCase()
    .replace(/^(-?)\.?inf(inity)?$/, "$1Infinity")
    .replace(/^\.?nan$/, "NaN");
  const float = Number(name);
  return [
    "number",
    Number.isInteger(float) && Math.abs(float) < 1e300 ? String(BigInt(float)) : String(float),
  ];
}

/** Strings that are separated by two spaces or a line feed. */
function listed(text: string): readonly string[] {
  return text.split(/\n *| {2}/);
}

const pyYamlProgram = `
import base64, json, sys, yaml
def meaning(value):
    if value is None or isinstance(value, bool): return value
    if isinstance(value, str): return ["string", value]
    if isinstance(value, (int, float)): return ["number", repr(value)]
    if isinstance(value, list): return {"list": [meaning(item) for item in value]}
    if isinstance(value, dict): return {"map": [[meaning(key), meaning(item)] for key, item in value.items()]}
    return repr(value)
for line in sys.stdin:
    try: print(json.dumps(meaning(yaml.load(base64.b64decode(line).decode("utf-8"), Loader=getattr(yaml, sys.argv[1])))))
    except Exception as error: print(json.dumps(str(error)))
`;

/** What PyYAML makes of each text; an error message where it refuses one. */
function readWithPyYaml(python: string, loader: string, texts: readonly string[]): readonly unknown[] {
  const input = texts.map((text) => `${Buffer.from(text).toString("base64")}\n`).join("");
  const { stdout, stderr, exitCode } = Bun.spawnSync([python, "-c", pyYamlProgram, loader], {
    stdin: Buffer.from(input),
  });
  expect({ exitCode, stderr: stderr.toString() }).toEqual({ exitCode: 0, stderr: "" });
  return stdout
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) =>
      JSON.parse(line, (_, item) =>
        Array.isArray(item) && item[0] === "number" ? numberMeaning(item[1]) : item,
      ),
    );
}

function pythonWithYaml(): string {
  const candidates = ["/usr/bin/python3", "python3"];
  const found = candidates.find((python) => {
    if (Bun.which(python) === null) return false;
    return Bun.spawnSync([python, "-c", "import yaml; yaml.CSafeLoader"]).exitCode === 0;
  });
  if (found === undefined) throw new Error("no Python with PyYAML found: install Debian's python3-yaml");
  return found;
}

const asciiQuoted = (string: string): string =>
  JSON.stringify(string).replace(
    /[\x7f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
