import { expect, test } from "bun:test";
import { applyLayer, type LayerState } from "../../../src/registry/layer.ts";
import { endOfTar, tarHeader } from "../../../src/tar/tarHeader.ts";

test("a name that is not UTF-8 is refused: it would be another one on the disk", async () => {
  const state: LayerState = { entries: new Map(), count: 0, bytes: 0 };
  const header = tarHeader({ path: "a\udcff", kind: "file", mode: 0o644, size: 0 });
  const applying = applyLayer(state, Buffer.concat([header, endOfTar]), "b");
  await expect(applying).rejects.toThrow("has control or invisible characters, or is not UTF-8");
});

test("a sparse file is refused: it could be of any size", async () => {
  const state: LayerState = { entries: new Map(), count: 0, bytes: 0 };
  const header = tarHeader({ path: "a", kind: "file", mode: 0o644, size: 512, sparseSize: 1e12 });
  const layer = Buffer.concat([header, Buffer.from("0\n".padEnd(512, "\0")), endOfTar]);
  await expect(applyLayer(state, layer, "b")).rejects.toThrow("b: `a` is a sparse file");
});
