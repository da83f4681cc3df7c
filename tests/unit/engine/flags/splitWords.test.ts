import { expect, test } from "bun:test";
import { assignmentIn, splitWords } from "../../../../src/engine/flags/splitWords.ts";
import { messageOf } from "../../../support/fakes.ts";

const context = {
  uid: 7,
  gid: 8,
  home: "/home/anna",
  directory: "/my workspace",
  environment: { NAME: "two words", EMPTY: "", A1_b: "x" },
};

const wordsOf = (entry: string) => splitWords(entry, context).map(({ value, written }) => [value, written]);

test.each([
  ["", []],
  [" \t\n ", []],
  [
    "a b",
    [
      ["a", "a"],
      ["b", "b"],
    ],
  ],
  [
    "\ta\r\n b ",
    [
      ["a", "a"],
      ["b", "b"],
    ],
  ],
  ["'a b'\"c d\"e", [["a bc de", "'a bc de'"]]],
  ["''", [["", "''"]]],
  ['""', [["", "''"]]],
  ["a\\ b", [["a b", "'a b'"]]],
  ["\\$NAME", [["$NAME", "'$NAME'"]]],
  ['"a\\"\\\\\\$\\`b\\n"', [['a"\\$`b\\n', `'a"\\$\`b\\n'`]]],
  ["'$NAME'", [["$NAME", "'$NAME'"]]],
  ["$NAME", [["two words", `"\${NAME?}"`]]],
  ["a-${NAME}-b", [["a-two words-b", `a-"\${NAME?}"-b`]]],
  ['"x $EMPTY"', [["x ", `'x '"\${EMPTY?}"`]]],
  ["$A1_b.", [["x.", `"\${A1_b?}".`]]],
  ["$", [["$", "'$'"]]],
  ["a$1", [["a$1", "'a$1'"]]],
  ["$(id -u):$( id  -g )", [["7:8", `"$(id -u)":"$(id -g)"`]]],
  ['"$(pwd)/x"', [["/my workspace/x", "'/my workspace/x'"]]],
  ["~", [["/home/anna", '"$HOME"']]],
  ["~/x", [["/home/anna/x", '"$HOME"/x']]],
  [
    "~ a",
    [
      ["/home/anna", '"$HOME"'],
      ["a", "a"],
    ],
  ],
  [
    "~x a~",
    [
      ["~x", "'~x'"],
      ["a~", "'a~'"],
    ],
  ],
  ["a=~/x", [["a=~/x", "'a=~/x'"]]],
  ['"~"', [["~", "'~'"]]],
])("%s", (entry, words) => {
  expect(wordsOf(entry)).toEqual(words);
});

test.each([
  ["'a", "65: a quote is not closed"],
  ['"a', "65: a quote is not closed"],
  ['"a\\"', "65: a quote is not closed"],
  ["$(whoami)", "65: command substitution is not supported in flags"],
  ["$(id -un)", "65: command substitution is not supported in flags"],
  ["a`b`", "65: command substitution is not supported in flags"],
  ['"`b`"', "65: command substitution is not supported in flags"],
  ["${NAME:-x}", "65: only `${NAME}` is supported, without operators"],
  ["$NONE", "65: the variable `NONE` is not set"],
  ["${NONE}", "65: the variable `NONE` is not set"],
])("%s is refused", (entry, message) => {
  expect(messageOf(() => wordsOf(entry))).toBe(message);
});

function assignmentOf(entry: string, skipped = 0) {
  const [word] = splitWords(entry, context);
  return word && assignmentIn(word, skipped);
}

test.each([
  ["A=b", 0, { name: "A", value: "b", written: undefined }],
  ["-eA=b", 2, { name: "A", value: "b", written: undefined }],
  ["A", 0, { name: "A", value: undefined, written: undefined }],
  ["A=", 0, { name: "A", value: "", written: undefined }],
  ["A=$(id -u)", 0, { name: "A", value: "7", written: undefined }],
  ["A=x$NAME", 0, { name: "A", value: "xtwo words", written: `x"\${NAME?}"` }],
])("%s without its first %i characters is %j", (entry, skipped, expected) => {
  expect(assignmentOf(entry, skipped)).toEqual(expected);
});

test.each([["=b"], ["$NAME=b"], ["A$NAME"], ["$NAME"], ["''"]])("%s does not name a variable", (entry) => {
  expect(messageOf(() => assignmentOf(entry))).toMatch(/^65: `.*` does not name a variable$/);
});
