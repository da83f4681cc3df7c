import { expect, test } from "bun:test";
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beginEdit, editedContent, endEdit } from "../../../src/host/editSession.ts";
import { makeFolder } from "../../support/harness.ts";

const binary = Buffer.from([0, 200, 10]);

test("a file is edited in a private folder, which is gone afterwards with all that the editor left there", () => {
  using folder = makeFolder({});
  const session = beginEdit(folder.path, "w/secrets", { name: "secrets.poly", content: binary, base: "1" });
  expect(session).toMatchObject({ isResumed: false, base: "1", before: binary });
  expect(statSync(session.folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(session.folder, session.name)).mode & 0o777).toBe(0o600);
  expect(editedContent(session)).toEqual(binary);
  writeFileSync(join(session.folder, "secrets.poly~"), "a copy");
  endEdit(session);
  expect(folder.glob("**/*")).toEqual([]);
});

test("an edit that did not end is continued with what it had", () => {
  using folder = makeFolder({});
  const first = beginEdit(folder.path, "w/secrets", { name: "s", content: Buffer.from("old"), base: "1" });
  writeFileSync(join(first.folder, "s"), "typed");
  const again = beginEdit(folder.path, "w/secrets", { name: "s", content: Buffer.from("newer"), base: "2" });
  expect(again).toMatchObject({ isResumed: true, base: "1", before: Buffer.from("old") });
  expect(editedContent(again).toString()).toBe("typed");
  const other = beginEdit(folder.path, "other", { name: "s", content: Buffer.from("x"), base: "1" });
  expect(other.isResumed).toBe(false);
});

test("a folder that was not finished is made anew", () => {
  using folder = makeFolder({});
  const { folder: path } = beginEdit(folder.path, "w", { name: "s", content: Buffer.from("old"), base: "1" });
  rmSync(join(path, "s"));
  mkdirSync(`${path}.new`);
  const again = beginEdit(folder.path, "w", { name: "s", content: Buffer.from("new"), base: "2" });
  expect(again).toMatchObject({ isResumed: false, base: "2" });
  rmSync(join(path, "s"));
  expect(() => editedContent(again)).toThrow("the edited file is gone");
});
