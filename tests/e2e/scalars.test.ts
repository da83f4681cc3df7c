import { expect, test } from "bun:test";
import { readYaml } from "../../src/yaml/read.ts";
import { isYamlList, isYamlMap, isYamlNumber, type YamlValue } from "../../src/yaml/value.ts";
import { type Folder, makeFolder } from "../support/harness.ts";

/** As the file has it; as the snapshot has it; as Python shows what PyYAML reads there; as an environment variable. */
const scalars: readonly (readonly [file: string, snapshot: string, python: string, variable: string])[] = [
  ["0644", "420", "420", "0644"],
  ["-0644", "-420", "-420", "-0644"],
  ["0o644", "420", "420", "0o644"],
  ["08", "8", "8", "08"],
  ["0x1F", "31", "31", "0x1F"],
  ["0b11", "3", "3", "0b11"],
  ["1_000", "1000", "1000", "1_000"],
  ["+12", "12", "12", "+12"],
  ["9007199254740993", "9007199254740993", "9007199254740993", "9007199254740993"],
  ["0xFFFFFFFFFFFFFFFF", "18446744073709551615", "18446744073709551615", "0xFFFFFFFFFFFFFFFF"],
  [
    "123456789012345678901234567890",
    "123456789012345678901234567890",
    "123456789012345678901234567890",
    "123456789012345678901234567890",
  ],
  ["1.0", "1.0", "1.0", "1.0"],
  ["1.10", "1.10", "1.1", "1.10"],
  ["1e3", "1.0e+3", "1000.0", "1e3"],
  [".5", "0.5", "0.5", ".5"],
  ["0.12345678901234567890", "0.12345678901234567890", "0.12345678901234568", "0.12345678901234567890"],
  ["-.inf", "-.inf", "-inf", "-.inf"],
  [".nan", ".nan", "nan", ".nan"],
  ["true", "true", "True", "true"],
  ["False", "false", "False", "False"],
  ["yes", '"yes"', "'yes'", "yes"],
  ["No", '"No"', "'No'", "No"],
  ["on", '"on"', "'on'", "on"],
  ["y", '"y"', "'y'", "y"],
  ["2024-01-01", '"2024-01-01"', "'2024-01-01'", "2024-01-01"],
  [
    "2001-12-14t21:59:43.10-05:00",
    '"2001-12-14t21:59:43.10-05:00"',
    "'2001-12-14t21:59:43.10-05:00'",
    "2001-12-14t21:59:43.10-05:00",
  ],
  ["1:30", '"1:30"', "'1:30'", "1:30"],
  ["190:20:30", '"190:20:30"', "'190:20:30'", "190:20:30"],
  ["1.10.2", "1.10.2", "'1.10.2'", "1.10.2"],
  ["<<", '"<<"', "'<<'", "<<"],
  ["=", '"="', "'='", "="],
  ["'012'", '"012"', "'012'", "012"],
  ['"yes"', '"yes"', "'yes'", "yes"],
  ['"1.0"', '"1.0"', "'1.0'", "1.0"],
  ['""', '""', "''", ""],
  ['"a\\tb"', '"a\\tb"', "'a\\tb'", "a\tb"],
  ["'{{ x }} ${HOME} $(id)'", '"{{ x }} ${HOME} $(id)"', "'{{ x }} ${HOME} $(id)'", "{{ x }} ${HOME} $(id)"],
];

/** As the file has it, and as Python shows what PyYAML reads in the snapshot. */
const mappings: readonly (readonly [string, string])[] = [
  ["{443: https, 80: http, 8080: alt, '80': text}", "{443: 'https', 80: 'http', 8080: 'alt', '80': 'text'}"],
  ["{10: b, 9: a, 0x10: d}", "{10: 'b', 9: 'a', 16: 'd'}"],
  [
    "{__proto__: {a: 1}, constructor: c, toString: s}",
    "{'__proto__': {'a': 1}, 'constructor': 'c', 'toString': 's'}",
  ],
  ["{yes: 1, on: 2, n: 3}", "{'yes': 1, 'on': 2, 'n': 3}"],
  ["{true: 1, 1.5: 2, null: 3}", "{True: 1, 1.5: 2, None: 3}"],
  ["{9007199254740993: big}", "{9007199254740993: 'big'}"],
  ["{2024-01-01: day, 1:30: time, 012: ten}", "{'2024-01-01': 'day', '1:30': 'time', 10: 'ten'}"],
  ["{B: 1, b: 2, bB: 3}", "{'B': 1, 'b': 2, 'bB': 3}"],
  ["{<<: *base, own: 1}", "{'own': 1, 'shared': {'deep': [420]}, 'Kept': '0644'}"],
  ["{<<: [*base, {more: 2}], Kept: over}", "{'Kept': 'over', 'shared': {'deep': [420]}, 'more': 2}"],
];

const python = `import os, yaml
config = yaml.safe_load(open(os.environ["POLYCRATE_SNAPSHOT_FILE"]))["block"]["config"]
for value in config["scalars"]: print(repr(value))
for value in config["maps"]: print(repr(value))
for index in range(len(config["scalars"])): print(repr(os.environ["S%d" % index]))
for name in ["constructor", "__proto__", "toString"]: print(repr(os.environ[name]))
`;

function makeWorkspace(): Folder {
  const variables = scalars.map(([file], index) => `      S${index}: ${file}`).join("\n");
  return makeFolder({
    "workspace.poly": `name: test-workspace
config:
  container:
    image: polycrate-test:debian
    env:
${variables}
      constructor: 0644
      __proto__: yes
      toString: 1.10
`,
    "blocks/app/block.poly": `name: app
icon: &base {shared: {deep: [0644]}, Kept: "0644"}
config:
  scalars:
${scalars.map(([file]) => `    - ${file}`).join("\n")}
  maps:
${mappings.map(([file]) => `    - ${file}`).join("\n")}
actions:
  - name: show
    script:
      - python3 show.py
`,
    "blocks/app/show.py": python,
  });
}

test("a scalar means the same in file, snapshot, PyYAML and environment", async () => {
  using folder = makeWorkspace();
  const { stdout, stderr, exitCode } = await folder.run(["run", "app", "show"]);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  const lines = stdout.trimEnd().split("\n");
  const from = (start: number, count: number) => lines.slice(start, start + count);
  const seen = from(0, scalars.length).map((line, index) => [scalars[index]?.[0], line]);
  expect(seen).toEqual(scalars.map(([file, , shown]) => [file, shown]));
  expect(from(scalars.length, mappings.length)).toEqual(mappings.map(([, shown]) => shown));
  const variables = from(scalars.length + mappings.length, scalars.length).map((line, index) => [
    scalars[index]?.[0],
    line,
  ]);
  expect(variables).toEqual(
    scalars.map(([file, , , variable]) => [file, `'${variable.replace("\t", "\\t")}'`]),
  );
  expect(lines.slice(-3)).toEqual(["'0644'", "'yes'", "'1.10'"]);
}, 20_000);

test("and `polycrate snapshot` prints it so that polycrate reads it back as it was", async () => {
  using folder = makeWorkspace();
  const { stdout, exitCode } = await folder.run(["snapshot", "app", "show"]);
  expect(exitCode).toBe(0);
  const [, list = ""] = /^block:\n(?:.*\n)*? {2}config:\n {4}scalars:\n((?: {6}- .*\n)+)/m.exec(stdout) ?? [];
  const written = list
    .trimEnd()
    .split("\n")
    .map((line) => line.slice("      - ".length));
  expect(written).toEqual(scalars.map(([, snapshot]) => snapshot));
  const config = (text: string, ...keys: readonly string[]) =>
    keys.reduce<YamlValue | undefined>(
      (value, key) => (isYamlMap(value) ? value.get(key) : undefined),
      readYaml(text).value,
    );
  expect(meaning(config(stdout, "block", "config"))).toEqual(
    meaning(config(folder.read("blocks/app/block.poly"), "config")),
  );
});

/** The value without the spelling of its numbers. */
function meaning(value: YamlValue | undefined): unknown {
  if (isYamlMap(value)) return Array.from(value, ([key, item]) => [key, meaning(item)]);
  if (isYamlList(value)) return value.map(meaning);
  return isYamlNumber(value) ? { digits: value.digits } : value;
}
