import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { listCaches, volumeSizes } from "../../../src/engine/volumes.ts";
import { fakeEngine, fakeHost, shell } from "../../support/fakes.ts";

test("the caches of a workspace are the volumes with its label and that of a cache", async () => {
  const asked: unknown[] = [];
  const volumes = [{ Name: "polycrate-cache-1-pip", Labels: { "polycrate.cache": "pip" } }];
  const engine = fakeEngine({
    listVolumes: (labels) => {
      asked.push(labels);
      return shell("echo polycrate-cache-1-pip");
    },
    inspectVolumes: (format, names) => {
      asked.push([format, names]);
      return shell('printf "%s" "$1"', JSON.stringify(volumes, undefined, 2));
    },
  });
  expect(await listCaches(engine, tmpdir(), fakeHost())).toEqual([
    { volume: "polycrate-cache-1-pip", cache: "pip" },
  ]);
  expect(asked).toEqual([
    [`polycrate.workspace=${tmpdir()}`, "polycrate.cache"],
    [undefined, ["polycrate-cache-1-pip"]],
  ]);
  expect(await listCaches(fakeEngine({ listVolumes: () => shell(":") }), tmpdir(), fakeHost())).toEqual([]);
});

test.each([
  [`echo '[{"Name":"a","Size":"1.2GB"},{"Name":"b"},7]'`, { a: "1.2GB" }],
  ["echo 'no JSON'", {}],
  ["exit 1", {}],
])("the sizes that `%s` prints are %p", async (printed, sizes) => {
  const engine = fakeEngine({ measureVolumes: shell(printed) });
  expect(Object.fromEntries(await volumeSizes(engine, tmpdir(), fakeHost()))).toEqual(sizes);
});
