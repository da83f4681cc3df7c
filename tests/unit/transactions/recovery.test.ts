import { expect, test } from "bun:test";
import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { thisOwner, writeOwner } from "../../../src/host/owner.ts";
import {
  lostFiles,
  lostRecords,
  lostRuns,
  refusedFolders,
  writeLost,
} from "../../../src/transactions/recovery.ts";
import { runPlacesOf } from "../../../src/transactions/runPlace.ts";
import { makeFolder } from "../../support/harness.ts";

const alive = writeOwner(thisOwner());
const dead = writeOwner({ ...thisOwner(), start: "00000000-1" });
const id = "01a20e8a-0000-7000-8000-00c0ffee0001";
const other = "01a20e8a-0000-7000-8000-00c0ffee0002";

test("runs of dead processes are lost, wherever they keep their files; others are not", () => {
  using folder = makeFolder({
    ".polycrate/run/dead/owner": dead,
    ".polycrate/run/alive/owner": alive,
    ".polycrate/run/elsewhere/owner": "else/1/x",
    ".polycrate/run/unknown/owner": "",
    ".polycrate/run/none/file": "",
  });
  using runtime = makeFolder({});
  chmodSync(runtime.path, 0o700);
  const environment = { XDG_RUNTIME_DIR: runtime.path };
  const [, outside] = runPlacesOf(folder.path, environment, process.getuid?.() ?? 0);
  runtime.write(`${outside?.folder}/far/owner`, dead);
  expect(lostRuns(folder.path, { environment })).toEqual([
    { transaction: "dead", root: folder.path, folder: ".polycrate/run/dead" },
    { transaction: "far", root: runtime.path, folder: `${outside?.folder}/far` },
  ]);
  expect(lostRuns(folder.path, { environment: {} })).toHaveLength(1);
});

test("locks of dead processes and leftovers of writes are lost", () => {
  using folder = makeFolder({
    ".polycrate/locks/dead": dead,
    ".polycrate/locks/alive": alive,
    ".polycrate/locks/empty": "",
    [`logs/2026/01/02/${id}.yml.77.tmp`]: "",
    [`logs/2026/01/02/${id}.yml`]: "",
    "logs/snapshots/0.yml.77.tmp": "",
    "logs/snapshots/0.yml": "",
    "logs/2026/01/02/notes.tmp": "",
    "logs/2026/01/02/x.yml.tmp": "",
    "logs/2026/01/02/x.yml.7.tmp.kept": "",
  });
  expect(lostFiles(folder.path, "logs")).toEqual([
    ".polycrate/locks/dead",
    `logs/2026/01/02/${id}.yml.77.tmp`,
    "logs/snapshots/0.yml.77.tmp",
  ]);
});

test("a record that a dead process left `running` becomes `lost`, with all else that it says", () => {
  const [host, pid, start] = dead.split("/");
  const owned = `host: ${host}\npid: ${pid}\npid_start: "${start}"\n`;
  const [record, finished] = [`logs/2026/01/02/${id}.yml`, `logs/2026/01/02/${other}.yml`];
  using folder = makeFolder({
    [record]: `status: running\n${owned}more: 1\n`,
    [finished]: `status: lost\n${owned}`,
  });
  const lost = lostRecords(folder.path, "logs");
  expect(lost.map(({ file }) => file)).toEqual([record]);
  for (const one of lost) writeLost(folder.path, one);
  expect(folder.read(record)).toBe(`status: lost\n${owned}more: 1\n`);
  expect(lostRecords(folder.path, "logs")).toEqual([]);
});

test("files that a run of before left in the workspace are found without a runtime folder", () => {
  using folder = makeFolder({ ".polycrate/run/dead/owner": dead, ".polycrate/run/dead/x": "" });
  expect(lostRuns(folder.path, { environment: { XDG_RUNTIME_DIR: "relative" } })).toHaveLength(1);
});

test("folders that are links are named once", () => {
  using folder = makeFolder({ "out/x": "", "logs/2026/x": "" });
  expect(refusedFolders(folder.path, "logs")).toEqual([]);
  symlinkSync("out", join(folder.path, ".polycrate"));
  symlinkSync("../../out", join(folder.path, "logs/2026/01"));
  expect(
    refusedFolders(folder.path, "logs").map(({ message }) => message.replaceAll(`${folder.path}/`, "")),
  ).toEqual(["`.polycrate` is not a folder", "`logs/2026/01` is not a folder"]);
});

test.each([".polycrate/run", ".polycrate/locks", "logs/snapshots"])(
  "%s is named when it is a link",
  (path) => {
    using folder = makeFolder({ "out/x": "", ".polycrate/x": "", "logs/x": "" });
    symlinkSync("../out", join(folder.path, path));
    expect(refusedFolders(folder.path, "logs").map(({ message }) => message)).toEqual([
      `\`${join(folder.path, path)}\` is not a folder`,
    ]);
  },
);
