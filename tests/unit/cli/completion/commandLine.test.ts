import { expect, test } from "bun:test";
import fc from "fast-check";
import { completeWord, parseCommandLine } from "../../../../src/cli/completion/commandLine.ts";
import { call } from "../../../support/harness.ts";

const breaks = ` \t\n"'><=;|&(:`;

test.each([
  ["polycrate run he", ["polycrate", "run"], { text: "he", quote: "", replaceFrom: 0 }],
  ["polycrate run ", ["polycrate", "run"], { text: "", quote: "", replaceFrom: 0 }],
  ["polycrate  'a b' c\\ d", ["polycrate", "a b"], { text: "c d", quote: "", replaceFrom: 0 }],
  ['polycrate "a\\$b\\c', ["polycrate"], { text: "a$b\\c", quote: '"', replaceFrom: 0 }],
  ["polycrate host:50", ["polycrate"], { text: "host:50", quote: "", replaceFrom: 5 }],
  ["polycrate host\\:50", ["polycrate"], { text: "host:50", quote: "", replaceFrom: 0 }],
  ["polycrate x'host:50", ["polycrate"], { text: "xhost:50", quote: "'", replaceFrom: 1 }],
  ["polycrate --output=j", ["polycrate"], { text: "--output=j", quote: "", replaceFrom: 9 }],
  ["polycrate $(touch x", ["polycrate", "$(touch"], { text: "x", quote: "", replaceFrom: 0 }],
] as const)("the unfinished line %s is split as bash does it", (line, words, current) => {
  expect(parseCommandLine(line, breaks)).toEqual({ words: [...words], current });
});

test("bash reads back every word that completion writes, in any quotes", async () => {
  const name = fc.string({
    unit: fc.constantFrom(..."ab ü$(`'\"\\;*~#!&|<>{}[]?:=/"),
    minLength: 1,
    maxLength: 8,
  });
  for (const quote of ["", "'", '"'] as const) {
    const values = fc.sample(name, 200);
    const written = values.map(
      (value) => quote + completeWord(value, { text: "", quote, replaceFrom: 0 }) + quote,
    );
    const { stdout } = await call(["bash", "-c", `printf '%s\\n' ${written.join(" ")}`]);
    expect(stdout.split("\n").slice(0, -1)).toEqual(values);
  }
});
