import { expect, test } from "bun:test";
import { chownSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { locateWorkspace, workspaceLocation } from "../../../src/workspace/locate.ts";
import { messageOf } from "../../support/fakes.ts";
import { makeFolder } from "../../support/harness.ts";

const uid = 1000;

/** Where a workspace is found from below the folder, or why it is not. */
function found(path: string, who = uid): string {
  let result = "";
  const refused = messageOf(() => {
    result = locateWorkspace({ below: path, uid: who });
  });
  return refused === "" ? result : refused;
}

test("a workspace is found upward when it is the caller's, or root's", () => {
  using folder = makeFolder({ "workspace.poly": "name: test\n", "a/b/file": "" });
  expect(found(join(folder.path, "a/b"))).toBe(folder.path);
  chownSync(join(folder.path, "workspace.poly"), uid, uid);
  expect(found(join(folder.path, "a/b"))).toBe(folder.path);
  expect(found(folder.path)).toBe(folder.path);
});

test("anybody else's is refused: 64; it counts when it is named", () => {
  using folder = makeFolder({
    "workspace.poly": "name: test\n",
    "a/workspace.poly": "name: inner\n",
    "a/b/file": "",
  });
  chownSync(join(folder.path, "a/workspace.poly"), uid + 1, uid);
  expect(found(join(folder.path, "a/b"))).toBe(
    `64: \`${folder.path}/a/workspace.poly\` belongs to another user (uid ${uid + 1})`,
  );
  expect(found(join(folder.path, "a/b"), uid + 1)).toBe(`${folder.path}/a`);
  expect(locateWorkspace({ named: join(folder.path, "a") })).toBe(join(folder.path, "a"));
});

test("a folder without one above it is named: 64", () => {
  using folder = makeFolder({});
  expect(found(folder.path)).toBe(
    `64: there is no \`workspace.poly\` in \`${folder.path}\` or its parent folders`,
  );
});

test("a workspace is named by its folder or its file, and known without links", () => {
  using folder = makeFolder({ "w/workspace.poly": "name: test\n" });
  symlinkSync("w", join(folder.path, "link"));
  mkdirSync(join(folder.path, "empty"));
  const at = (named: string) => locateWorkspace({ named: join(folder.path, named) });
  expect([at("w"), at("link"), at("link/workspace.poly")]).toEqual(Array(3).fill(join(folder.path, "w")));
  for (const named of ["empty", "none"]) {
    expect(messageOf(() => at(named))).toBe(
      `64: there is no \`workspace.poly\` in \`${join(folder.path, named)}\``,
    );
  }
});

test.each([
  ["flag", { POLYCRATE_WORKSPACE: "variable" }, { named: "flag" }],
  [undefined, { POLYCRATE_WORKSPACE: "variable" }, { named: "variable" }],
  [undefined, { POLYCRATE_WORKSPACE: "" }, { below: "/here", uid }],
  [undefined, {}, { below: "/here", uid }],
])("`--workspace` %p and the environment %j mean %j", (flag, environment, location) => {
  expect(workspaceLocation(flag, environment, "/here", uid)).toEqual(location);
});
