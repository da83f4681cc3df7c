import { expect, test } from "bun:test";
import { formatOrigin, localChanges, readOrigin } from "../../../src/registry/origin.ts";
import { fetchedBlock } from "../../support/blockImages.ts";
import { makeFolder } from "../../support/harness.ts";

const digest = `sha256:${"a".repeat(64)}`;
const block = fetchedBlock("r.io/web:1", { "block.poly": "name: x\n", "a file": "1" }, [
  { path: "l", kind: "link", target: "a file" },
  { path: "d", kind: "directory" },
]);

test("where a block comes from reads back as it was written", () => {
  using folder = makeFolder({ "b/.polycrate-block": formatOrigin("r.io/web:1", digest, block.entries) });
  const origin = readOrigin(folder.path, "b");
  expect(origin).toMatchObject({ reference: "r.io/web:1", digest });
  expect([...(origin?.files.keys() ?? [])]).toEqual(
    ["block.poly", "a file", "l"].toSorted((one, other) => {
      const at = (path: string) => origin?.files.get(path) ?? "";
      return `${at(one)} ${one}` < `${at(other)} ${other}` ? -1 : 1;
    }),
  );
});

test.each(["", "r.io/web:1\n", `r.io/web:1 ${digest} more\n`, `r.io/web:1 sha256:1\n`, "\0"])(
  "%j does not say where a block comes from",
  (text) => {
    using folder = makeFolder({ "b/.polycrate-block": text });
    expect(readOrigin(folder.path, "b")).toBeUndefined();
    expect(localChanges(folder.path, "b", "block.poly")).toBeUndefined();
  },
);

test("files of a block in a folder below it are not its own, and lines that mean nothing are left out", () => {
  const text = `${formatOrigin("r.io/web:1", digest, block.entries.slice(0, 2))}nonsense\n`;
  using folder = makeFolder({
    ...{ "b/.polycrate-block": text, "b/block.poly": "name: x\n", "b/a file": "1" },
    ...{ "b/inner/block.poly": "name: inner\n", "b/inner/x": "1" },
  });
  expect(localChanges(folder.path, "b", "block.poly")?.changed).toEqual([]);
  folder.write("b/new", "");
  expect(localChanges(folder.path, "b", "block.poly")?.changed).toEqual(["new"]);
});
