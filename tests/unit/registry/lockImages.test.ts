import { expect, test } from "bun:test";
import { lockImages } from "../../../src/registry/lockImages.ts";
import { digestOf, fakeRegistry } from "../../support/fakeRegistry.ts";
import { makeFolder } from "../../support/harness.ts";

test("an image is looked up unless it is kept, or is polycrate's own", async () => {
  using folder = makeFolder({});
  const { engine, pulled } = await fakeRegistry(folder, { "a:1": ["a", {}], "b:1": ["b", {}] });
  const kept = [{ kind: "image", name: "b:1", digest: digestOf("c") }] as const;
  const own = { kind: "toolchain", name: "own:1", digest: digestOf("d") } as const;
  const options = {
    ...{ directory: folder.path, environment: process.env, kept, onlyLooks: false, onPull: () => {} },
    own: (image: string) => (image === "own:1" ? [own] : []),
  };
  const wanted = ["a:1", "b:1", "own:1"].map((name) => ({ name, position: undefined }));
  expect(await lockImages(engine, wanted, options)).toEqual([
    { kind: "image", name: "a:1", digest: digestOf("a") },
    { kind: "image", name: "b:1", digest: digestOf("c") },
    own,
  ]);
  expect(pulled()).toEqual(["a:1"]);
  await expect(lockImages(engine, [{ name: "none:1", position: undefined }], options)).rejects.toMatchObject({
    exitCode: 125,
    position: undefined,
  });
  const position = { file: "workspace.poly", line: 2, column: 3 };
  await expect(lockImages(engine, [{ name: "none:1", position }], options)).rejects.toMatchObject({
    exitCode: 125,
    position,
    message: "cannot pull `none:1`: the registry does not have it",
  });
});
