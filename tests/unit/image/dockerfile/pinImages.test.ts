import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { PolycrateError } from "../../../../src/errors.ts";
import { imageUses } from "../../../../src/image/dockerfile/imageUses.ts";
import { pinImages } from "../../../../src/image/dockerfile/pinImages.ts";

const digest = `sha256:${"a".repeat(64)}`;

/** `debian:12` becomes `debian@DIGEST`, shown as `debian@`. */
const pinAll = (text: string) =>
  pinImages("Dockerfile.poly", text, (image) => `${image.replace(/:[^:/]*$/, "")}@${digest}`).replaceAll(
    digest,
    "",
  );

describe("the names of images are replaced where they stand", () => {
  test.each<[string, string]>([
    ["FROM debian:12\n", "FROM debian@\n"],
    ["from debian:12 as base\nFROM base\n", "from debian@ as base\nFROM base\n"],
    ["FROM --platform=linux/amd64 debian:12 AS a\n", "FROM --platform=linux/amd64 debian@ AS a\n"],
    ["FROM --platform=debian:12 debian:12\n", "FROM --platform=debian:12 debian@\n"],
    ["ARG BASE=debian:12\nFROM ${BASE}\n", "ARG BASE=debian:12\nFROM debian@\n"],
    ["ARG V=12\nFROM debian:${V:-11} AS b\n", "ARG V=12\nFROM debian@ AS b\n"],
    ["FROM \\\n  # debian:12\n  debian:12 \\\n  AS x\n", "FROM \\\n  # debian:12\n  debian@ \\\n  AS x\n"],
    ["FROM debian:12\\\n AS x\n", "FROM debian@\\\n AS x\n"],
    ['FROM "debian:12"\n', "FROM debian@\n"],
    ["FROM reg.example.com:5000/a/b:1\r\n", "FROM reg.example.com:5000/a/b@\r\n"],
    ["FROM a:1\nFROM b:2\nFROM a:1\n", "FROM a@\nFROM b@\nFROM a@\n"],
    ["FROM scratch\nCOPY --from=tools:1 /x /\n", "FROM scratch\nCOPY --from=tools@ /x /\n"],
    [
      "FROM scratch\nCOPY --chown=1:1 \\\n --from=tools:1\\\n /x /\n",
      "FROM scratch\nCOPY --chown=1:1 \\\n --from=tools@\\\n /x /\n",
    ],
    ['FROM scratch\nCOPY --from="tools:1" /x /\n', "FROM scratch\nCOPY --from=tools@ /x /\n"],
    [
      "FROM scratch AS a\nFROM scratch\nCOPY --from=A /x /\nCOPY --from=0 /x /\n",
      "FROM scratch AS a\nFROM scratch\nCOPY --from=A /x /\nCOPY --from=0 /x /\n",
    ],
    [
      "FROM scratch\nRUN --mount=type=bind,from=tools:1,target=/t echo --mount=type=bind,from=tools:1\n",
      "FROM scratch\nRUN --mount=type=bind,from=tools@,target=/t echo --mount=type=bind,from=tools:1\n",
    ],
    [
      'FROM scratch\nRUN --mount=from=a:1,target=/a --mount="target=/b,from=b:1" \\\n  --mount=from=a:1,target=/c x\n',
      'FROM scratch\nRUN --mount=from=a@,target=/a --mount="target=/b,from=b@" \\\n  --mount=from=a@,target=/c x\n',
    ],
    ["# syntax = docker/dockerfile:1\nFROM scratch\n", "# syntax = docker/dockerfile@\nFROM scratch\n"],
    ["FROM scratch\nONBUILD COPY --from=tools:1 /x /\n", "FROM scratch\nONBUILD COPY --from=tools@ /x /\n"],
    ["FROM scratch\nRUN echo FROM debian:12\n", "FROM scratch\nRUN echo FROM debian:12\n"],
    ["FROM scratch\nRUN <<E\nFROM debian:12\nE\n", "FROM scratch\nRUN <<E\nFROM debian:12\nE\n"],
    ["FROM $UNSET\n", "FROM $UNSET\n"],
  ])("%j", (text, expected) => {
    expect(pinAll(text)).toBe(expected);
  });
});

test("an image that the lock does not have stays, and so do stages of its name", () => {
  const text = "FROM debian:12 AS debian\nFROM alpine:3\nCOPY --from=debian / /\n";
  expect(pinImages("D", text, (image) => (image === "alpine:3" ? "alpine@sha256:1" : image))).toBe(
    "FROM debian:12 AS debian\nFROM alpine@sha256:1\nCOPY --from=debian / /\n",
  );
});

test("a name that continues on the next line is an error with its line", () => {
  expect(() => pinAll("FROM scratch\nFROM debian:\\\n12\n")).toThrow(PolycrateError);
  try {
    pinAll("FROM scratch\nFROM debian:\\\n12\n");
  } catch (error) {
    expect(error).toMatchObject({ exitCode: 65, position: { file: "Dockerfile.poly", line: 2 } });
  }
});

test("pinned names are what is found afterwards, no line moves, and pinning again changes nothing", () => {
  const word = fc.constantFrom("debian:12", "a/b", "r.io:5000/x:1", "${B}", "base", "scratch", "$U");
  const line = fc.oneof(
    word.map((one) => `FROM ${one}`),
    word.map((one) => `FROM --platform=linux/amd64 \\\n ${one} AS base`),
    word.map((one) => `COPY --from=${one} /a /b`),
    word.map((one) => `RUN --mount=type=bind,from=${one},target=/a true`),
    fc.constantFrom("ARG B=busybox:1", "# a comment", "", "RUN x \\", "ENV B=c", "COPY . ."),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = lines.join("\n");
      const pin = (image: string) =>
        image.includes("@") ? image : `p/${image.replaceAll(":", ".")}@${digest}`;
      const pinned = pinImages("D", text, pin);
      expect(pinned.split("\n").length).toBe(text.split("\n").length);
      expect(imageUses(pinned).map(({ image }) => image)).toEqual(
        imageUses(text).map(({ image }) => (image === undefined ? undefined : pin(image))),
      );
      expect(pinImages("D", pinned, pin)).toBe(pinned);
    }),
  );
});
