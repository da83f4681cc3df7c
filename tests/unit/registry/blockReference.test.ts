import { expect, test } from "bun:test";
import { blockReference, readBlockReference } from "../../../src/registry/blockReference.ts";

test.each<[string, string, string | undefined]>([
  ["cargo.ayedo.cloud/ayedo/k8s/nginx:0.4.0", "cargo.ayedo.cloud/ayedo/k8s/nginx", "0.4.0"],
  ["localhost/web", "localhost/web", undefined],
  ["r:5000/web:latest", "r:5000/web", undefined],
  ["r:5000/web", "r:5000/web", undefined],
])("%s is %s in version %s", (reference, name, version) => {
  expect(blockReference(reference)).toEqual({ reference, name, version });
});

test.each(["web", "infra/web:1.0", "", "web:1.0.0"])("%j is no block of a registry", (text) => {
  expect(readBlockReference(text)).toBeUndefined();
  expect(() => blockReference(text)).toThrow(expect.objectContaining({ exitCode: 64 }));
});

test.each([
  ...[
    "r.io/../x",
    "r.io//x",
    "r.io/.git/x",
    "r.io/UPPER:1",
    "r.io/x:",
    "r.io/x y",
    "../r.io/x",
    "./x",
    ".r.io/x",
  ],
  `r.io/x@sha256:${"0".repeat(64)}`,
])("%j is a reference that no registry has", (text) => {
  const position = { file: "workspace.poly", line: 1, column: 2 };
  expect(() => blockReference(text, position)).toThrow(expect.objectContaining({ exitCode: 65, position }));
});
