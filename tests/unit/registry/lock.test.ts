import { describe, expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import fc from "fast-check";
import { PolycrateError } from "../../../src/errors.ts";
import {
  formatLock,
  type Lock,
  lockedDigest,
  parseLock,
  readLock,
  writeLock,
} from "../../../src/registry/lock.ts";
import { makeFolder } from "../../support/harness.ts";

const [a, b] = ["a", "b"].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];

const lock: Lock = [
  { kind: "image", name: "debian:12", digest: a },
  { kind: "block", name: "reg.example.com:5000/infra/web:1.2.0", digest: b },
];

test("a lock file is sorted lines, and reads back as it was", () => {
  const text = formatLock(lock);
  expect(text.split("\n").slice(1)).toEqual([
    `block reg.example.com:5000/infra/web:1.2.0 ${b}`,
    `image debian:12 ${a}`,
    "",
  ]);
  expect(parseLock(text)).toEqual(lock.toReversed());
  expect(parseLock(text.replaceAll("\n", "\r\n"))).toEqual(lock.toReversed());
});

describe("a line that is not understood is an error with its place", () => {
  test.each([
    `image debian:12 ${a} more`,
    `image debian:12`,
    `image debian:12 sha256:1`,
    `image debian:12 ${a.toUpperCase()}`,
    `image --privileged ${a}`,
    `volume debian:12 ${a}`,
    ` image debian:12 ${a}`,
    "{}",
  ])("%s", (line) => {
    expect(errorOf(`# comment\n\n${line}\n`)).toMatchObject({
      exitCode: 65,
      position: { file: "polycrate.lock", line: 3, column: 1 },
    });
  });
});

test("what a merge left is named as such, and so is a name with two digests", () => {
  const merged = `image x:1 ${a}\n<<<<<<< HEAD\nimage y:1 ${a}\n=======\nimage y:1 ${b}\n>>>>>>> other\n`;
  expect(errorOf(merged)).toMatchObject({
    message: "the lock file has a merge conflict",
    hint: "resolve it, or run `polycrate lock --update`",
    position: { line: 2 },
  });
  expect(errorOf(`image x:1 ${a}\nimage x:1 ${b}\n`)).toMatchObject({
    message: "image `x:1` is locked twice",
    position: { line: 2 },
  });
  expect(parseLock(`image x:1 ${a}\nblock x:1 ${b}\n`)).toHaveLength(2);
});

test("any text is read, or refused with its line", () => {
  const word = fc.constantFrom("image", "block", "x:1", a, b, " ", "\n", "#", "<<<<<<<");
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string())), (words) => {
      try {
        const read = parseLock(words.join(""));
        expect(parseLock(formatLock(read))).toHaveLength(read.length);
      } catch (error) {
        expect(error).toBeInstanceOf(PolycrateError);
        expect(error).toMatchObject({ exitCode: 65, position: { file: "polycrate.lock" } });
      }
    }),
  );
});

test("a workspace without the file has no lock, and a link is not followed", () => {
  using folder = makeFolder({ "other/polycrate.lock": formatLock(lock) });
  expect(readLock(folder.path)).toBeUndefined();
  symlinkSync("other/polycrate.lock", `${folder.path}/polycrate.lock`);
  expect(() => readLock(folder.path)).toThrow("`polycrate.lock` cannot be read: it is not a file");
  writeLock(folder.path, lock);
  expect(readLock(folder.path)).toEqual(lock.toReversed());
  expect(lockedDigest(lock, "image", "debian:12")).toBe(a);
  expect(lockedDigest(lock, "block", "debian:12")).toBeUndefined();
});

function errorOf(text: string): unknown {
  try {
    return parseLock(text);
  } catch (error) {
    return error;
  }
}
