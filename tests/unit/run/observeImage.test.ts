import { expect, test } from "bun:test";
import type { ImageOptions } from "../../../src/plan/runOptions.ts";
import { observeImage } from "../../../src/run/observeImage.ts";
import { loadWorkspace } from "../../../src/workspace/load.ts";
import { docker } from "../../support/engines.ts";
import { makeFolder } from "../../support/harness.ts";

const digest = `sha256:${"a".repeat(64)}`;

/** The image of a workspace with these files, in which `debian:12` is locked. */
async function imageIn(files: Readonly<Record<string, string>>, options: ImageOptions) {
  using folder = makeFolder({
    "workspace.poly": "name: w\nconfig: {container: {image: debian:12}}\n",
    "polycrate.lock": `image debian:12 ${digest}\n`,
    ...files,
  });
  return await observeImage(loadWorkspace({ named: folder.path }), docker, options, { asks: false });
}

test("the image of the settings is used by its digest, which is told", async () => {
  expect(await imageIn({}, { locked: true })).toEqual({
    reference: `debian@${digest}`,
    build: undefined,
    lock: { digests: new Map([["debian:12", digest]]), missing: [] },
  });
});

test("an image that is not locked is an error where it is named if it must be, else told of", async () => {
  const files = { "workspace.poly": "name: w\nconfig: {container: {image: debian:13}}\n" };
  await expect(imageIn(files, { locked: true })).rejects.toMatchObject({
    exitCode: 65,
    position: { file: "workspace.poly", line: 2 },
  });
  expect(await imageIn(files, { locked: false })).toMatchObject({
    reference: "debian:13",
    lock: { missing: ["debian:13"] },
  });
});

test("an image of the command line is the user's own choice, but has to be locked too if all must be", async () => {
  expect(await imageIn({}, { locked: false, image: "alpine:3" })).toMatchObject({
    reference: "alpine:3",
    lock: { missing: [] },
  });
  await expect(imageIn({}, { locked: true, image: "alpine:3" })).rejects.toMatchObject({ exitCode: 65 });
  expect((await imageIn({}, { locked: true, image: `alpine@${digest}` })).reference).toBe(`alpine@${digest}`);
});

test("a Dockerfile is built of its images by their digests, also where a trigger makes the context the whole workspace", async () => {
  const bases = { [`debian@${digest}`]: { copies: true, variables: [] } };
  for (const more of [{}, { ".polycrate/cache/bases.json": JSON.stringify(bases) }]) {
    const files = { "Dockerfile.poly": "FROM debian:12\n", ...more };
    const { build, lock } = await imageIn(files, { locked: true });
    expect(build?.context.parsed.from[0]?.image).toBe(`debian@${digest}`);
    expect(lock?.digests.get("debian:12")).toBe(digest);
    expect(build?.context.wholeContextReason === undefined).toBe(Object.keys(more).length === 0);
  }
  await expect(imageIn({ "Dockerfile.poly": "\nFROM debian:13\n" }, { locked: true })).rejects.toMatchObject({
    exitCode: 65,
    position: { file: "Dockerfile.poly", line: 2 },
  });
});
