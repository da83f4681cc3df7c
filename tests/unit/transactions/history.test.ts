import { expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { thisOwner } from "../../../src/host/owner.ts";
import {
  idsBeginningWith,
  logFolders,
  readHistory,
  readRecord,
  recordFiles,
  recordFolders,
  timeOfId,
} from "../../../src/transactions/history.ts";
import { makeFolder } from "../../support/harness.ts";

const idAt = (time: string, end = 1) => {
  const hex = new Date(time).getTime().toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${String(end).padStart(12, "0")}`;
};

const old = idAt("2025-12-31T10:00:00Z");
const early = idAt("2026-01-02T10:00:00Z");
const late = idAt("2026-01-02T11:00:00Z");
const early2 = idAt("2026-01-02T10:00:00Z", 2);

const record = (fields: string) => `block: b\naction: act\nstatus: succeeded\n${fields}`;

const files = {
  [`logs/2025/12/31/${old}.yml`]: record("exit_code: 0\n"),
  [`logs/2026/01/02/${early}.yml`]: "block: b\naction: other\nstatus: failed\n",
  [`logs/2026/01/02/${early2}.yml`]: "block: c\naction: act\nstatus: succeeded\n",
  [`logs/2026/01/02/${late}.yml`]: record(""),
  [`logs/2026/01/02/${late}.log`]: "",
  "logs/2026/01/02/notes.yml": record(""),
  "logs/2026/01/02/x/y.yml": record(""),
  "logs/notes/01/02/x.yml": record(""),
};

/** The ids of a history, newest first. */
const ids = (path: string, filter = {}) => [...readHistory(path, "logs", filter)].map(({ id }) => id);

test("records come newest first, and nothing that is none", () => {
  using folder = makeFolder(files);
  expect(ids(folder.path)).toEqual([late, early2, early, old]);
  expect([...recordFiles(folder.path, "logs")]).toEqual([
    `logs/2026/01/02/${late}.yml`,
    `logs/2026/01/02/${early2}.yml`,
    `logs/2026/01/02/${early}.yml`,
    `logs/2025/12/31/${old}.yml`,
  ]);
  expect(recordFolders(folder.path, "logs")).toEqual(["logs/2026/01/02", "logs/2025/12/31"]);
  expect(logFolders(folder.path, "logs")).toEqual([
    "logs",
    ...["logs/2026", "logs/2025", "logs/2026/01", "logs/2025/12"],
    ...["logs/2026/01/02", "logs/2025/12/31"],
  ]);
  expect([...recordFiles(folder.path, "none")]).toEqual([]);
});

test.each([
  [{ block: "b" }, [late, early, old]],
  [{ action: "act" }, [late, early2, old]],
  [{ block: "b", action: "act" }, [late, old]],
  [{ status: "failed" }, [early]],
  [{ since: new Date("2026-01-01") }, [late, early2, early]],
  [{ since: new Date("2026-01-02T10:00:00Z") }, [late, early2, early]],
  [{ since: new Date("2026-01-02T10:00:00.001Z") }, [late]],
  [{ block: undefined, since: undefined }, [late, early2, early, old]],
])("with the filter %j", (filter, expected) => {
  using folder = makeFolder(files);
  expect(ids(folder.path, filter)).toEqual(expected);
});

test.each([
  ["", 2],
  [late.slice(0, 20), 1],
  [early.slice(0, 30), 2],
  ["nothing", 0],
])("two ids that begin with %j are enough to know: %i", (text, count) => {
  using folder = makeFolder(files);
  expect(idsBeginningWith(folder.path, "logs", text)).toHaveLength(count);
});

test("an id tells its time", () => {
  expect(timeOfId(late)).toBe(new Date("2026-01-02T11:00:00Z").getTime());
});

/** The record with this text; undefined when it counts as none. */
function read(text: string) {
  using folder = makeFolder({ [`logs/${late}.yml`]: text });
  return readRecord(folder.path, `logs/${late}.yml`);
}

test("a record knows its files and its status", () => {
  expect(read(record(`id: ${late}\nnew_key: [1]\n`))).toMatchObject({
    id: late,
    status: "succeeded",
    file: `logs/${late}.yml`,
    log: `logs/${late}.log`,
  });
});

test.each(["running", "succeeded", "failed", "interrupted", "timed_out", "lost"])(
  "%s is a status",
  (status) => {
    expect(String(read(`status: ${status}\n`)?.status)).toBe(status === "running" ? "lost" : status);
  },
);

const { host, pid, start } = thisOwner();

test.each([
  ["of a process that runs", `host: ${host}\npid: ${pid}\npid_start: "${start}"\n`, "running"],
  ["of another host", 'host: else\npid: 1\npid_start: "x"\n', "running"],
  ["of a process that is gone", `host: ${host}\npid: ${pid}\npid_start: "00000000-1"\n`, "lost"],
  ["without a host", `pid: ${pid}\npid_start: "${start}"\n`, "lost"],
  ["without a process", `host: ${host}\npid_start: "${start}"\n`, "lost"],
  ["without a start", `host: ${host}\npid: ${pid}\n`, "lost"],
])("a record that says `running` %s is %s", (_, fields, expected) => {
  expect(String(read(`status: running\n${fields}`)?.status)).toBe(expected);
});

test.each([
  ["no YAML", "{"],
  ["a list", "[status]"],
  ["without a status", "block: b\n"],
  ["an unknown status", "status: happy\n"],
  ["a status that is a list", "status: [failed]\n"],
  ["of another id", record(`id: ${early}\n`)],
  ["a block that is a number", "status: failed\nblock: 7\n"],
  ["a host that is a map", record("host: {}\n")],
  ["an exit code that is text", record("exit_code: x\n")],
  ["an exit code below zero", record("exit_code: -1\n")],
  ["an exit code beyond all numbers", record("exit_code: 1234567890123456\n")],
  ["a process that is text", record('pid: "7"\n')],
  ["a start that is no time", record("started: soon\n")],
  ["an end that is a number", record("finished: 7\n")],
  ["a command that is text", record("command: docker\n")],
  ["a command with a number", record("command: [docker, 7]\n")],
  ["artifacts that are text", record("artifacts: x\n")],
  ["an artifact without a path", record("artifacts: [{size: 1}]\n")],
  ["an artifact without a size", record("artifacts: [{path: a}]\n")],
  ["an artifact that is text", record("artifacts: [a]\n")],
])("a record with %s is none", (_, text) => {
  expect(read(text)).toBe(undefined);
});

test("a record of ordinary fields is one", () => {
  const fields =
    "exit_code: 7\ncontainer_exit_code: 123456789012345\npid: 1\nstarted: 2026-01-02T11:00:00Z\nfinished: null\ncommand: [a, b]\nartifacts: [{path: a, size: 1}]\nimage: x\n";
  expect(read(record(fields))?.status).toBe("succeeded");
});

test("a record with very many artifacts is read without them", () => {
  const artifacts = "artifacts:\n".concat("  - {path: a, size: 1}\n".repeat(30_000));
  const long = read(record(`exit_code: 0\n${artifacts}`));
  expect(long?.record.get("artifacts")).toBe(undefined);
  expect(long?.status).toBe("succeeded");
  const short = read(record(`exit_code: 0\n${artifacts.slice(0, 11 + 23 * 10)}`));
  expect(short?.record.get("artifacts")).toHaveLength(10);
  expect(read(`status: failed\nimage: "${"x".repeat(600_000)}"\n`)).toBe(undefined);
});

test("a link in the place of a record is none", () => {
  using folder = makeFolder({ "logs/real.yml": record("") });
  symlinkSync("real.yml", join(folder.path, `logs/${late}.yml`));
  expect(readRecord(folder.path, `logs/${late}.yml`)).toBe(undefined);
});
