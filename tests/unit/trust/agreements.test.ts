import { expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { agree, agreementsOf, isAgreed, revoke } from "../../../src/trust/agreements.ts";
import { trustWithoutAsking } from "../../../src/trust/trust.ts";
import { makeFolder } from "../../support/harness.ts";

const uid = process.getuid?.() ?? 0;
const request = {
  workspace: "/work/one",
  hash: "a".repeat(64),
  access: [{ written: "--privileged", gives: "root", path: undefined }],
};

/** An answer that counts, the folders that it is in, and its file. */
function agreed(home: string) {
  const agreements = agreementsOf({ HOME: home }, uid);
  expect(agree(agreements, request)).toBe(true);
  const folder = join(home, ".local/state/polycrate/trust");
  const [name = ""] = new Bun.Glob("*").scanSync({ cwd: folder });
  return { folder, file: join(folder, name), counts: () => isAgreed(agreements, request) };
}

test("an answer is kept in a private folder, counts for this list at this path, and is forgotten", () => {
  using home = makeFolder({});
  const { folder, file, counts } = agreed(home.path);
  expect([
    statSync(folder).mode & 0o777,
    statSync(join(folder, "..")).mode & 0o777,
    statSync(file).mode & 0o777,
  ]).toEqual([0o700, 0o700, 0o600]);
  const agreements = agreementsOf({ HOME: home.path }, uid);
  expect(counts()).toBe(true);
  expect(isAgreed(agreements, { ...request, hash: "b".repeat(64) })).toBe(false);
  expect(isAgreed(agreements, { ...request, workspace: "/work/two" })).toBe(false);
  expect(isAgreed(agreementsOf({ XDG_STATE_HOME: join(home.path, ".local/state") }, uid), request)).toBe(
    true,
  );
  expect(isAgreed(agreementsOf({ XDG_STATE_HOME: home.path, HOME: home.path }, uid), request)).toBe(false);
  expect([revoke(agreements, request.workspace), revoke(agreements, request.workspace), counts()]).toEqual([
    true,
    false,
    false,
  ]);
});

test.each<readonly [string, (place: { folder: string; file: string }) => void]>([
  [
    "a file of another workspace",
    ({ folder, file }) => renameSync(file, join(folder, `${"0".repeat(64)}.json`)),
  ],
  [
    "a link in its place",
    ({ folder, file }) => {
      renameSync(file, join(folder, "other"));
      symlinkSync("other", file);
    },
  ],
  ["a file that the group can write", ({ file }) => chmodSync(file, 0o660)],
  ["a file that all can write", ({ file }) => chmodSync(file, 0o602)],
  ["a folder that others can read", ({ folder }) => chmodSync(folder, 0o755)],
  ["a folder that the group can write", ({ folder }) => chmodSync(folder, 0o770)],
  ["a folder above that others can reach", ({ folder }) => chmodSync(join(folder, ".."), 0o711)],
  [
    "a link in the place of the folder",
    ({ folder }) => {
      renameSync(folder, `${folder}2`);
      symlinkSync("trust2", folder);
    },
  ],
  [
    "a link in the place of the folder above",
    ({ folder }) => {
      renameSync(join(folder, ".."), join(folder, "../../p"));
      symlinkSync("p", join(folder, ".."));
    },
  ],
  ["a huge file", ({ file }) => writeFileSync(file, " ".repeat(1 << 17) + JSON.stringify(request))],
  ["garbage", ({ file }) => writeFileSync(file, "\0{{{")],
  ["an empty file", ({ file }) => writeFileSync(file, "")],
  ["a list", ({ file }) => writeFileSync(file, "[]")],
  [
    "another path in the file",
    ({ file }) => writeFileSync(file, JSON.stringify({ ...request, workspace: "/else" })),
  ],
  [
    "a folder in its place",
    ({ file }) => {
      rmSync(file);
      mkdirSync(file);
    },
  ],
])("%s is no answer", (_, spoil) => {
  using home = makeFolder({});
  const { folder, file, counts } = agreed(home.path);
  spoil({ folder, file });
  expect(counts()).toBe(false);
});

test.skipIf(uid !== 0).each(["file", "folder"] as const)("a %s of another user is no answer", (kind) => {
  using home = makeFolder({});
  const place = agreed(home.path);
  chownSync(place[kind], 12345, 12345);
  expect(place.counts()).toBe(false);
});

test("there is no folder for root in the home of another user", () => {
  using home = makeFolder({});
  expect(agreementsOf({ HOME: home.path }, uid + 1)).toBe(undefined);
  expect(agree(undefined, request)).toBe(false);
  expect(agreementsOf({ HOME: "relative" }, uid)).toBe(undefined);
});

test.each([
  [{}, false],
  [{ POLYCRATE_TRUST: "1" }, true],
  [{ POLYCRATE_TRUST: "a".repeat(64) }, true],
  [{ POLYCRATE_TRUST: "b".repeat(64) }, false],
  [{ POLYCRATE_TRUST: "0" }, false],
  [{ POLYCRATE_TRUST: "true" }, false],
  [{ POLYCRATE_TRUST: "" }, false],
  [{ CI: "true" }, true],
  [{ CI: "1", POLYCRATE_TRUST: "" }, true],
  [{ CI: "false" }, false],
  [{ CI: "0" }, false],
  [{ CI: "" }, false],
  [{ CI: "true", POLYCRATE_TRUST: "b".repeat(64) }, false],
  [{ CI: "true", POLYCRATE_TRUST: "a".repeat(64) }, true],
])("with %j nobody has to be asked: %p", (environment, expected) => {
  expect(trustWithoutAsking(request, environment, undefined) !== undefined).toBe(expected);
});

test("nobody is asked about nothing, and a variable without a value is not the hash of nothing", () => {
  expect(trustWithoutAsking({ ...request, access: [], hash: "" }, {}, undefined)?.hash).toBe("");
});
