import { expect, test } from "bun:test";
import fc from "fast-check";
import { printable } from "../../../src/errors.ts";
import { junitReport } from "../../../src/reports/junit.ts";
import { actionReport, shortLog, workflowReport } from "../../support/reports.ts";

type Element = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
};

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };

function decoded(text: string): string {
  return text.replace(/&(?:#(\d+)|(\w+));|&/g, (all, number, name) => {
    if (number !== undefined) return String.fromCodePoint(Number(number));
    const character = entities[name];
    if (character === undefined) throw new Error(`not an entity: ${all}`);
    return character;
  });
}

/** Reads XML 1.0 as strictly as its recommendation: throws for what is not well-formed. */
function parse(xml: string): Element {
  const strange = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(xml);
  if (strange !== null) throw new Error(`not a character of XML: ${strange[0].codePointAt(0)}`);
  const root: Element = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  const token =
    /<\?xml version="1\.0" encoding="UTF-8"\?>|<(\/?)([a-z-]+)((?: [a-z_]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
  let end = 0;
  for (const [all, closes, name = "", attributes = "", isEmpty, text] of xml.matchAll(token)) {
    end += all.length;
    const last = open.at(-1) ?? root;
    if (text !== undefined) {
      if (text.includes("]]>")) throw new Error("]]> in text");
      last.text += decoded(text);
    } else if (closes === "/") {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes something else`);
    } else if (name !== "") {
      const words = [...attributes.matchAll(/ ([a-z_]+)="([^"]*)"/g)];
      const keys = words.map(([, key = ""]) => key);
      if (new Set(keys).size !== keys.length) throw new Error(`an attribute is there twice: ${keys}`);
      const element = {
        ...{ name, children: [], text: "" },
        attributes: Object.fromEntries(words.map(([, key = "", value = ""]) => [key, decoded(value)])),
      };
      last.children.push(element);
      if (isEmpty !== "/") open.push(element);
    }
  }
  if (end !== xml.length || open.length !== 1)
    throw new Error(`not well-formed at ${xml.slice(end, end + 40)}`);
  const [only] = root.children;
  if (root.children.length !== 1 || only === undefined) throw new Error("no root, or several");
  return only;
}

/** What Jenkins' junit-10.xsd allows: the children of an element, its attributes, and those it must have. */
const allowed: Readonly<Record<string, readonly [children: string, attributes: string, required: string]>> = {
  testsuites: ["testsuite", "name time tests failures errors", ""],
  testsuite: [
    "testsuite properties testcase system-out system-err",
    "name tests failures errors group time skipped timestamp hostname id package file log url",
    "name tests failures errors",
  ],
  testcase: ["skipped error failure system-out system-err", "name time classname group", "name"],
  properties: ["property", "", ""],
  property: ["", "name value", "name value"],
  skipped: ["", "type message", ""],
  error: ["", "type message", ""],
  failure: ["", "type message", ""],
  "system-out": ["", "", ""],
};

function violations({ name, attributes, children, text }: Element): readonly string[] {
  const [inside = "", known = "", required = ""] = allowed[name] ?? [];
  const keys = Object.keys(attributes);
  const { time, ...counts } = attributes;
  const isMixed = ["skipped", "error", "failure", "system-out"].includes(name);
  return [
    ...(allowed[name] === undefined ? [`<${name}>`] : []),
    ...children.flatMap((child) =>
      inside.split(" ").includes(child.name) ? [] : [`${name} > ${child.name}`],
    ),
    ...keys.filter((key) => !known.split(" ").includes(key)).map((key) => `${name} ${key}`),
    ...required.split(" ").filter((key) => key !== "" && !keys.includes(key)),
    ...(time === undefined || /^\d+\.\d{3}$/.test(time) ? [] : [`time ${time}`]),
    ...["tests", "failures", "errors", "skipped"].filter((key) => !/^\d+$/.test(counts[key] ?? "0")),
    ...(isMixed || text.trim() === "" ? [] : [`${name} has text`]),
    ...children.flatMap(violations),
  ];
}

test("a workflow is a suite, and each of its steps a case", () => {
  const root = parse(junitReport(workflowReport(), () => shortLog("hi\n")));
  expect(violations(root)).toEqual([]);
  expect(root.attributes).toEqual({
    name: "polycrate",
    tests: "3",
    failures: "1",
    errors: "0",
    time: "94.000",
  });
  const [suite] = root.children;
  expect(suite?.attributes).toEqual({
    ...{ name: "release", tests: "3", failures: "1", errors: "0", skipped: "1", time: "94.000" },
    ...{ timestamp: "2026-01-31T12:00:00", hostname: "h" },
  });
  const [properties, ...cases] = suite?.children ?? [];
  expect(properties?.children.map(({ attributes }) => attributes)).toEqual([
    { name: "workflow_run", value: "0198a1b2-0000-7000-8000-00000000000f" },
    { name: "transaction.check", value: "0198a1b2-0000-7000-8000-000000000001" },
    { name: "transaction.deploy", value: "0198a1b2-0000-7000-8000-000000000001" },
    { name: "polycrate", value: "1.2.3" },
  ]);
  expect(cases.map(({ attributes, children }) => [attributes, children.map(({ name }) => name)])).toEqual([
    [{ name: "check", classname: "release.web check", time: "41.000" }, ["system-out"]],
    [{ name: "deploy", classname: "release.web install", time: "53.000" }, ["failure", "system-out"]],
    [{ name: "notify", classname: "release", time: "0.000" }, ["skipped"]],
  ]);
  expect(cases[1]?.children[0]).toMatchObject({
    attributes: { message: "web install failed with exit code 7 (item 2, line 3)", type: "failed" },
    text: [
      "web install failed with exit code 7 (item 2, line 3)",
      "hint: see what `terraform plan` says",
      "transaction: 0198a1b2-0000-7000-8000-000000000001",
      "log: .logs/2026/01/31/0198a1b2-0000-7000-8000-000000000001.log",
    ].join("\n"),
  });
});

test.each([
  ["succeeded", []],
  ["failed", ["failure"]],
  ["interrupted", ["error"]],
  ["timed_out", ["error"]],
  ["lost", ["error"]],
  ["running", ["skipped"]],
] as const)("a run that is %s", (status, names) => {
  const root = parse(junitReport(actionReport({ transaction: { status } }), () => shortLog("")));
  expect(violations(root)).toEqual([]);
  const cases = root.children[0]?.children.filter(({ name }) => name === "testcase") ?? [];
  expect(cases.map(({ attributes }) => attributes.name)).toEqual(["web install"]);
  expect(cases.flatMap(({ children }) => children.map(({ name }) => name))).toEqual([...names]);
});

test("what the engine refused is an error of the test, not a failure of the action", () => {
  const failure = { by: "engine", message: "no such image", hint: undefined, place: undefined } as const;
  const root = parse(
    junitReport(actionReport({ transaction: { status: "failed" }, failure }), () => shortLog("")),
  );
  expect(root.attributes).toMatchObject({ errors: "1", failures: "0" });
});

test("nothing that ran is a suite without cases", () => {
  const root = parse(junitReport({ workflow: "w", steps: [], runs: [] }, () => shortLog("")));
  expect([violations(root), root.attributes.tests]).toEqual([[], "0"]);
});

test("colours are left out, and no output or name ends its element", () => {
  const hostile = '\u001b[31m]]></system-out><x a="&amp;">\0\ufffe\ud800\u202e\r\n\u0085';
  const xml = junitReport(actionReport({ transaction: { block: `"${hostile}\n\t` } }), () =>
    shortLog(hostile),
  );
  expect(violations(parse(xml))).toEqual([]);
  expect(xml).not.toMatch(/[\u001b\u202e]/);
});

test("whatever is printed, the report is XML that says it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), (name, text) => {
      const root = parse(
        junitReport(actionReport({ transaction: { block: name, step: name } }), () => shortLog(text)),
      );
      expect(violations(root)).toEqual([]);
      const [, single] = root.children[0]?.children ?? [];
      const plain = Bun.stripANSI(text).toWellFormed().replaceAll("\r\n", "\n");
      expect(single?.children.map((child) => child.text).join("")).toBe(printable(plain, true));
    }),
  );
});
