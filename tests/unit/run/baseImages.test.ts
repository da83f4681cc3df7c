import { expect, test } from "bun:test";
import type { Engine } from "../../../src/engine/engine.ts";
import { readDockerfile } from "../../../src/image/dockerfile/sources.ts";
import { baseImagesReason, inspectBaseImages, rememberedBaseImages } from "../../../src/run/baseImages.ts";
import { fakeEngine, shell } from "../../support/fakes.ts";
import { type Folder, makeFolder } from "../../support/harness.ts";

const memory = ".polycrate/cache/bases.json";

/** An engine that has these images, what they add in JSON; it remembers what it was asked. */
function engineWith(
  images: Readonly<Record<string, string>>,
): Engine & { readonly asked: readonly string[] } {
  const asked: string[] = [];
  const engine = fakeEngine({
    inspectImage: (_, [image = ""]) => {
      asked.push(image);
      return images[image] === undefined ? shell("exit 1") : shell(`printf '%s\\n' "$1"`, images[image]);
    },
  });
  return { ...engine, asked };
}

const optionsIn = ({ path }: Folder) => ({ directory: path, environment: process.env });

test.each([
  ["null", false],
  ['["RUN make"]', false],
  ['["COPY . /app"]', true],
  ['["RUN x", "add . /app"]', true],
  ['["COPY --from=builder /a /b"]', false],
  ['["COPY --chown=1 . /"]', true],
  ['["COPYING x"]', false],
])("a base image with the triggers %s copies from the context: %p", async (triggers, copies) => {
  using folder = makeFolder({});
  const engine = engineWith({ a: `[${triggers},["A=1","PATH=/x=y"]]` });
  const known = await inspectBaseImages(engine, readDockerfile("FROM a\n"), optionsIn(folder), {
    refresh: false,
  });
  expect(known.get("a")).toEqual({ copies, variables: ["A", "PATH"] });
});

test("each image is asked for once, one of a stage not at all, and the answer is remembered", async () => {
  using folder = makeFolder({});
  const engine = engineWith({ a: "[null,null]" });
  const dockerfile = readDockerfile("FROM a AS one\nFROM one\nFROM a\nFROM missing\n");
  const known = await inspectBaseImages(engine, dockerfile, optionsIn(folder), { refresh: false });
  expect([...known.keys()]).toEqual(["a"]);
  expect(engine.asked).toEqual(["a", "missing"]);
  expect(folder.read(memory)).toBe('{"a":{"copies":false,"variables":[]}}\n');
  expect(folder.read(".polycrate/.gitignore")).toBe("*\n");
  expect(rememberedBaseImages(folder.path)).toEqual(known);
  await inspectBaseImages(engine, dockerfile, optionsIn(folder), { refresh: false });
  expect(engine.asked).toEqual(["a", "missing", "missing"]);
  await inspectBaseImages(engine, dockerfile, optionsIn(folder), { refresh: true });
  expect(engine.asked.slice(3)).toEqual(["a", "missing"]);
});

test("an answer that is known already is not written again", async () => {
  const text = '{"a":{"copies":false,"variables":[]},"b":{"copies":true,"variables":["X"]}}';
  using folder = makeFolder({ [memory]: text });
  const dockerfile = readDockerfile("FROM a\n");
  await inspectBaseImages(engineWith({ a: "[null,null]" }), dockerfile, optionsIn(folder), { refresh: true });
  expect(folder.read(memory)).toBe(text);
  await inspectBaseImages(engineWith({ a: '[null,["Y=1"]]' }), dockerfile, optionsIn(folder), {
    refresh: true,
  });
  expect(folder.read(memory)).toBe(
    '{"a":{"copies":false,"variables":["Y"]},"b":{"copies":true,"variables":["X"]}}\n',
  );
});

test.each([
  ["", {}],
  ["null", {}],
  ['{"a": 7, "b": null}', { a: { copies: false, variables: [] }, b: { copies: false, variables: [] } }],
  ['{"a": {"copies": 1, "variables": "x"}}', { a: { copies: false, variables: [] } }],
  ['{"a": {"copies": true, "variables": ["x", 7]}}', { a: { copies: true, variables: ["x", "7"] } }],
])("the memory %j says no more than it holds", (text, expected) => {
  using folder = makeFolder({ [memory]: text });
  expect(Object.fromEntries(rememberedBaseImages(folder.path))).toEqual(expected);
});

const base = (copies: boolean, ...variables: readonly string[]) => new Map([["a", { copies, variables }]]);

test("a base image that copies by ONBUILD is why the whole workspace counts", () => {
  const dockerfile = readDockerfile("FROM b\nFROM a AS x\nRUN y\n");
  expect(baseImagesReason(dockerfile, base(true))).toEqual({
    ...{ line: 2, reason: "`a` copies from the context by ONBUILD" },
  });
  expect(baseImagesReason(dockerfile, base(false))).toBe(undefined);
  expect(baseImagesReason(dockerfile, new Map())).toBe(undefined);
});

test("a base image that sets a variable which a path is made of is why the whole workspace counts", () => {
  const dockerfile = readDockerfile("FROM a\nARG DIR=src\nCOPY $DIR /\n");
  expect(baseImagesReason(dockerfile, base(false, "DIR"))).toEqual({ line: 3, reason: "`a` sets `DIR`" });
  expect(baseImagesReason(dockerfile, base(false, "OTHER"))).toBe(undefined);
});
