import { expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { followLinks } from "../../../src/workspace/links.ts";
import { makeFolder } from "../../support/harness.ts";

test("links inside the workspace are followed, and one out of it is reported with its target", () => {
  using folder = makeFolder({ "w/file": "", "outside/file": "" });
  const [workspace, outside] = [join(folder.path, "w"), join(folder.path, "outside")];
  symlinkSync("file", join(workspace, "inner"));
  symlinkSync(outside, join(workspace, "outer"));
  const follow = (path: string) => followLinks(workspace, path);
  expect(follow(join(workspace, "inner"))).toEqual({ path: join(workspace, "file"), isOutside: false });
  expect(follow(join(workspace, "outer/file"))).toEqual({ path: join(outside, "file"), isOutside: true });
});

test("a path to the outside, and one to nothing, stay as they are", () => {
  using folder = makeFolder({ "w/file": "", "outside/file": "" });
  const workspace = join(folder.path, "w");
  symlinkSync("file", join(folder.path, "outside/link"));
  for (const path of [join(folder.path, "outside/link"), join(workspace, "none")]) {
    expect(followLinks(workspace, path)).toEqual({ path, isOutside: false });
  }
});
