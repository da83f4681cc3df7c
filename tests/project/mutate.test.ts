import { expect, test } from "bun:test";
import { chooseMutations, mutatedText, mutationsOf } from "../../scripts/mutate/mutations.ts";

/** Returns all that mutations make of a text. */
async function mutantsOf(text: string): Promise<readonly string[]> {
  return (await mutationsOf({ "a.ts": text })).map((mutation) => mutatedText(text, mutation));
}

test.each([
  ["a limit is moved, a comparison turned", "f(a < b);", ["f(a <= b);", "f(a >= b);", ";"]],
  ["an equality is turned", "x = a === b;", ["x = a !== b;", ";"]],
  ["`&&` becomes `||`", "x = a && b;", ["x = a || b;", ";"]],
  ["a default is taken away", "x = a ?? b;", ["x = a;", ";"]],
  ["a sum becomes a difference", "x = a + b;", ["x = a - b;", ";"]],
  ["a condition is negated", "if (a) b();", ["if (!(a)) b();", "if (a) ;"]],
  ["a choice is turned", "x = a ? b : c;", ["x = !(a) ? b : c;", ";"]],
  ["a negation is taken away", "x = !a;", ["x = a;", ";"]],
  ["a statement is dropped", "throw a;", [";"]],
  ["a number grows", "x = 0o600;", ["x = 385;", ";"]],
  ["a truth value is turned", "x = true;", ["x = false;", ";"]],
  ["a flag is misspelt", 'x = "--rm";', ['x = "--rm~";', ";"]],
  ["an empty text is filled", 'x = "";', ['x = "~";', ";"]],
  [
    "the parts of a template are misspelt",
    "x = `--a=${b}/c`;",
    ["x = `--a=~${b}/c`;", "x = `--a=${b}/c~`;", ";"],
  ],
  ["`?.` loses its question", "x = a?.b?.[c];", ["x = a.b?.[c];", "x = a?.b[c];", ";"]],
  ["a spread adds nothing", "x = [...a];", ["x = [...[]];", ";"]],
  ["a method without an opposite stays", "x = a.toString();", [";"]],
  ["a method becomes its opposite", "x = a.some(b);", ["x = a.every(b);", ";"]],
  ["a pattern loses its ends", "x = /^ab$/;", ["x = /ab$/;", "x = /^ab/;", ";"]],
  ["a pattern repeats otherwise", "x = /a+\\+/;", ["x = /a*\\+/;", ";"]],
  ["a class of characters is turned", "x = /[^/*]/;", ["x = /[/*]/;", ";"]],
  ["a pattern loses a flag", "x = /a/giu;", ["x = /a/iu;", "x = /a/gu;", ";"]],
])("%s: %s", async (_, text, expected) => {
  expect([...(await mutantsOf(text))].sort()).toEqual([...expected].sort());
});

test.each([
  ["comments", "// a < b, true, 1\n/* return 2; */\n/** if (a) */\nexport {};"],
  [
    "types",
    'export type A = { readonly a: "x" | 1 | true };\nexport interface B extends A { b: `x${string}` }',
  ],
  ["a type beside a name", 'export let a: "x" | 3;\nexport function f<T extends "y">(): asserts a is "x" {}'],
  ["strings with spaces", 'export const a = "not a flag", b = `no ${"more of"} it`;'],
  ["names of modules", 'import a from "a.ts";\nexport * from "b.ts";\nexport const c = import("c.ts");'],
  ["what is written over several lines", "export const a = [\n  ...[\n  ],\n];\nfor (;\n a;\n) {}"],
])("%s are left alone", async (_, text) => {
  expect(await mutantsOf(text)).toEqual([]);
});

const source = Array.from({ length: 40 }, (_, line) => `f${line}(a${line} < ${line}, "x${line}");`).join(
  "\n",
);

test("a seed chooses the same mutations each time, one a line; another seed chooses others", async () => {
  const mutations = await mutationsOf({ "a.ts": source, "b.ts": source });
  const chosen = chooseMutations(mutations, 20, 1);
  expect(chooseMutations(await mutationsOf({ "a.ts": source, "b.ts": source }), 20, 1)).toEqual(chosen);
  expect(chooseMutations(mutations, 20, 2)).not.toEqual(chosen);
  expect(chosen).toHaveLength(20);
  expect(new Set(chosen.map(({ file, line }) => `${file}:${line}`)).size).toBe(20);
  expect(chooseMutations(mutations, 1000, 1)).toHaveLength(80);
});

test("a mutation knows its line, and changes no other", async () => {
  const lines = source.split("\n");
  for (const mutation of chooseMutations(await mutationsOf({ "a.ts": source }), 40, 1)) {
    const mutated = mutatedText(source, mutation).split("\n");
    const changed = lines.flatMap((line, index) => (mutated[index] === line ? [] : [index + 1]));
    expect(changed).toEqual([mutation.line]);
  }
});
