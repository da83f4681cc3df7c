import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { locateNamedFile, replaceNamedFile } from "../../../src/host/namedFile.ts";
import { messageOf } from "../../support/fakes.ts";
import { makeFolder } from "../../support/harness.ts";

test("a file is written with its folders, and replaced", () => {
  using folder = makeFolder({});
  const file = locateNamedFile(join(folder.path, "a/b/out.xml"), "/work");
  replaceNamedFile(file, "one");
  replaceNamedFile(file, "two");
  expect(folder.read("a/b/out.xml")).toBe("two");
  expect(folder.glob("**/*")).toEqual(["a/b/out.xml"]);
});

test("a link that the caller named is followed as it was then", () => {
  using folder = makeFolder({ "one/x": "", "two/x": "" });
  symlinkSync("one", join(folder.path, "link"));
  const file = locateNamedFile(join(folder.path, "link/out"), "/work");
  rmSync(join(folder.path, "link"));
  symlinkSync("two", join(folder.path, "link"));
  replaceNamedFile(file, "text");
  expect(folder.glob("**/out")).toEqual(["one/out"]);
});

test("in the workspace a folder that became a link in the meantime is refused", () => {
  using workspace = makeFolder({ "out/x": "" });
  using other = makeFolder({});
  const file = locateNamedFile(join(workspace.path, "out/report"), workspace.path);
  rmSync(join(workspace.path, "out"), { recursive: true });
  symlinkSync(other.path, join(workspace.path, "out"));
  expect(messageOf(() => replaceNamedFile(file, "text"))).toBe(
    `73: \`${workspace.path}/out\` is not a folder`,
  );
  expect(other.glob("**/*")).toEqual([]);
});

test("a folder that was removed in the meantime is made again", () => {
  using workspace = makeFolder({ "out/x": "" });
  const file = locateNamedFile(join(workspace.path, "out/report"), workspace.path);
  rmSync(join(workspace.path, "out"), { recursive: true });
  replaceNamedFile(file, "text");
  expect(workspace.read("out/report")).toBe("text");
});

test("what is not a file is left alone: a folder, a link, a device", () => {
  using folder = makeFolder({ target: "before" });
  mkdirSync(join(folder.path, "folder"));
  symlinkSync("target", join(folder.path, "link"));
  for (const path of [join(folder.path, "folder"), join(folder.path, "link"), "/dev/null"]) {
    const file = locateNamedFile(path, folder.path);
    expect(messageOf(() => replaceNamedFile(file, "text"))).toBe(`73: \`${path}\` is not a file`);
  }
  expect(folder.read("target")).toBe("before");
  expect(readFileSync("/dev/null", "utf8")).toBe("");
});
