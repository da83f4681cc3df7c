import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { buildReason, rememberBuilt } from "../../../src/run/buildReason.ts";
import { contextOf } from "../../support/fakes.ts";
import { makeFolder } from "../../support/harness.ts";

const built = ".polycrate/cache/built.json";
const context = contextOf("FROM a", {
  digests: new Map([
    ["Dockerfile.poly", "0644 1"],
    ["x", "0644 2"],
  ]),
});

test("an image is built for a reason that the workspace's last build tells", () => {
  using folder = makeFolder({});
  expect(buildReason(folder.path, context)).toBe("this workspace has no image yet");
  rememberBuilt(folder.path, context);
  expect(buildReason(folder.path, context)).toBe("the engine does not have the image");
  const changed = {
    ...context,
    digests: new Map([
      ["Dockerfile.poly", "0644 1"],
      ["x", "0644 3"],
    ]),
  };
  expect(buildReason(folder.path, changed)).toBe("x changed");
});

test("what was built is kept where git does not look", () => {
  using folder = makeFolder({});
  rememberBuilt(folder.path, context);
  expect(folder.read(built)).toBe('{"Dockerfile.poly":"0644 1","x":"0644 2"}\n');
  expect(folder.read(".polycrate/.gitignore")).toBe("*\n");
  for (const file of [built, ".polycrate/.gitignore"]) {
    expect(statSync(join(folder.path, file)).mode & 0o777).toBe(0o644);
  }
});

test.each(["", "no JSON", "null", "7", '"text"'])("of a damaged memory, %j, nothing is said", (text) => {
  using folder = makeFolder({ [built]: text });
  expect(buildReason(folder.path, context)).toBe("the engine does not have the image");
});
