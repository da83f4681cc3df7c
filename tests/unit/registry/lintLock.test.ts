import { expect, test } from "bun:test";
import { checkLock } from "../../../src/doctor/checkLock.ts";
import { lintLock } from "../../../src/registry/lintLock.ts";
import { loadWorkspace } from "../../../src/workspace/load.ts";
import { makeFolder } from "../../support/harness.ts";

const digest = `sha256:${"a".repeat(64)}`;
const workspace = "name: w\nconfig: {container: {image: debian:12}}\n";

function problemsWith(lock: string | undefined) {
  using folder = makeFolder({
    "workspace.poly": workspace,
    ...(lock === undefined ? {} : { "polycrate.lock": lock }),
  });
  const loaded = loadWorkspace({ named: folder.path });
  const check = () => checkLock(loaded);
  return { problems: lintLock(loaded), level: levelOf(check) };
}

function levelOf(check: () => { readonly level: string }): string {
  try {
    return check().level;
  } catch {
    return "error";
  }
}

test("a workspace without a lock file, and one whose names are all in it, have no problem", () => {
  expect(problemsWith(undefined)).toEqual({ problems: [], level: "ok" });
  expect(problemsWith(`image debian:12 ${digest}\n`)).toEqual({ problems: [], level: "ok" });
});

test("a name that is not locked is a warning where it is named", () => {
  expect(problemsWith(`image debian:11 ${digest}\n`)).toMatchObject({
    problems: [{ code: "not-locked", severity: "warning", file: "workspace.poly", position: { line: 2 } }],
    level: "warning",
  });
});

test("a broken lock file is an error at its line", () => {
  expect(problemsWith(`image debian:12 ${digest}\n>>>>>>> x\n`)).toMatchObject({
    problems: [{ code: "wrong-lock", severity: "error", file: "polycrate.lock", position: { line: 2 } }],
    level: "error",
  });
});

test("a block that is named, or installed, and not locked is a warning too", () => {
  using folder = makeFolder({
    "workspace.poly": `${workspace}dependencies: [r.io/web:1, r.io/own:1]\n`,
    "polycrate.lock": `image debian:12 ${digest}\n`,
    "blocks/r.io/own/block.poly": "name: r.io/own\nversion: 1\n",
    "blocks/r.io/base/block.poly": "name: r.io/base\n",
    "blocks/r.io/base/.polycrate-block": `r.io/base:2 ${digest}\n`,
  });
  const problems = lintLock(loadWorkspace({ named: folder.path }));
  expect(problems).toMatchObject([
    { message: "`r.io/web:1` is not in `polycrate.lock`", file: "workspace.poly", position: { line: 3 } },
    { message: "`r.io/base:2` is not in `polycrate.lock`", file: "polycrate.lock" },
  ]);
});
