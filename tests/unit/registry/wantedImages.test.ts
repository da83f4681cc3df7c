import { expect, test } from "bun:test";
import { wantedImages } from "../../../src/registry/wantedImages.ts";
import { loadWorkspace } from "../../../src/workspace/load.ts";
import { makeFolder } from "../../support/harness.ts";

const digest = `sha256:${"a".repeat(64)}`;

function wantedIn(files: Readonly<Record<string, string>>) {
  using folder = makeFolder({ "workspace.poly": "name: w\n", ...files });
  return wantedImages(loadWorkspace({ named: folder.path }));
}

test("without a Dockerfile it is the image of the settings, where it is written, else the default", () => {
  const text = 'name: w\nconfig:\n  container:\n    image: "debian:12"\n';
  expect(wantedIn({ "workspace.poly": text })).toEqual([
    { name: "debian:12", position: { file: "workspace.poly", line: 4, column: 12 } },
  ]);
  expect(
    wantedIn({ "workspace.poly": "name: w\nconfig: {image: {reference: a, version: 2}}\n" }),
  ).toMatchObject([{ name: "a:2", position: { line: 2 } }]);
  expect(wantedIn({})).toEqual([{ name: "cargo.ayedo.cloud/library/polycrate:latest", position: undefined }]);
  expect(wantedIn({ "workspace.poly": `name: w\nconfig: {container: {image: "a@${digest}"}}\n` })).toEqual(
    [],
  );
});

test("with a Dockerfile it is each image that it names, once and where it is first", () => {
  const text = [
    "# syntax=docker/dockerfile:1",
    "ARG BASE=debian:12",
    "FROM $BASE AS base",
    "FROM debian:12",
    `FROM alpine@${digest}`,
    "FROM scratch",
    "COPY --from=base /a /",
    "COPY --from=tools:1 /a /",
    "RUN --mount=from=tools:2,target=/t true",
  ];
  expect(
    wantedIn({ "Dockerfile.poly": text.join("\n") }).map(({ name, position }) => `${name} ${position?.line}`),
  ).toEqual(["docker/dockerfile:1 1", "debian:12 3", "tools:1 8", "tools:2 9"]);
});

test.each([
  ["FROM scratch\nFROM $X\n", "the Dockerfile does not determine the image `$X`"],
  ["FROM scratch\nCOPY --from=UPPER /a /\n", "`UPPER` is not a valid image reference"],
])("%j is an error with its line", (text, message) => {
  expect(() => wantedIn({ "Dockerfile.poly": text })).toThrow(
    expect.objectContaining({
      message,
      exitCode: 65,
      position: { file: "Dockerfile.poly", line: 2, column: 1 },
    }),
  );
});
