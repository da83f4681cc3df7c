import { expect, test } from "bun:test";
import { readSecrets } from "../../../../src/workspace/secrets/secretsFile.ts";
import { secretTexts } from "../../../../src/workspace/secrets/secretTexts.ts";

/** The texts to mask of a `secrets.poly`, by their keys. */
function textsOf(text: string) {
  return secretTexts(readSecrets("/nowhere", { clear: false, encrypted: true }, text)).map(
    ({ key, texts }) => [key, ...texts],
  );
}

test("a number is masked as it is written, as the snapshot has it, and as programs print it", () => {
  expect(textsOf("config: {a: 1_000, b: 0644, c: 1.50}")).toEqual([
    ["config.a", "1_000", "1000"],
    ["config.b", "0644", "420"],
    ["config.c", "1.50", "1.5"],
  ]);
});

test("a boolean is a secret without a text, an empty value and a reference are none to mask", () => {
  expect(textsOf('config: {a: true, b: "", c: ~, container: {env: {T: {from_env: T}}}}')).toEqual([
    ["config.a"],
    ["config.b"],
  ]);
});

test("of `NAME=value` the value is masked; binary and multi-line values are masked as text", () => {
  expect(textsOf('extraenv: [A=b=c]\nconfig: {a: !!binary czNjcmV0, b: "x\\ny"}')).toEqual([
    ["extraenv[0]", "b=c"],
    ["config.a", "s3cret"],
    ["config.b", "x\ny"],
  ]);
});
