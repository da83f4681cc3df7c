import { expect, test } from "bun:test";
import { readFileSync, symlinkSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import {
  callerName,
  clientMark,
  isAlive,
  isOfThisHost,
  readClientMark,
  readOwner,
  readProcessStat,
  sameOwner,
  thisOwner,
  writeOwner,
} from "../../../src/host/owner.ts";
import { makeFolder } from "../../support/harness.ts";
import { makeZombie } from "../../support/zombie.ts";

test("a process that runs is alive; a zombie, and one that started at another time, is not", async () => {
  using zombie = await makeZombie();
  expect(isAlive(thisOwner())).toBe(true);
  expect(isAlive(zombie.owner)).toBe(false);
  expect(isAlive({ ...thisOwner(), start: "00000000-1" })).toBe(false);
});

test.each([
  ["host/7/boot-1", { host: "host", pid: 7, start: "boot-1" }],
  ["a/b/7/", { host: "a/b", pid: 7, start: "" }],
  ["host/7", undefined],
  ["/7/x", undefined],
  ["host/x/y", undefined],
  ["", undefined],
])("the owner %j is %j", (text, owner) => {
  expect(readOwner(text)).toEqual(owner);
  if (owner !== undefined) expect(writeOwner(owner)).toBe(text);
});

test.each([
  ["host/7/x /a b", { owner: { host: "host", pid: 7, start: "x" }, directory: "/a b" }],
  ["host/7/x /a\nb", { owner: { host: "host", pid: 7, start: "x" }, directory: "/a\nb" }],
  ["host/7/x", undefined],
  ["host/7/x ", undefined],
  ["host /a", undefined],
  ["", undefined],
])("the mark %j names %j", (mark, expected) => {
  expect(readClientMark(mark)).toEqual(expected);
});

test("the mark of a client names this process and the folder", () => {
  expect(readClientMark(clientMark("/a b"))).toEqual({ owner: thisOwner(), directory: "/a b" });
});

test("an owner is this process: its host, its number and its start", () => {
  const { host, pid, start } = thisOwner();
  expect([host, pid]).toEqual([hostname(), process.pid]);
  expect(start).toMatch(/^[0-9a-f]{8}-\d+$/);
  const stat = readProcessStat(process.pid);
  expect(start).toEndWith(`-${stat?.startTicks}`);
  expect(stat?.parent).toBe(process.ppid);
});

test("the same owner is the same process in every part", () => {
  const owner = { host: "a", pid: 1, start: "x" };
  expect(sameOwner(owner, { ...owner })).toBe(true);
  for (const change of [{ host: "b" }, { pid: 2 }, { start: "y" }]) {
    expect(sameOwner(owner, { ...owner, ...change })).toBe(false);
  }
});

test("a process of another host counts as alive, and is not of this host", () => {
  const far = { ...thisOwner(), host: "else", start: "00000000-1" };
  expect([isAlive(far), isOfThisHost(far), isOfThisHost(thisOwner())]).toEqual([true, false, true]);
});

test("where starts are not known, the number decides", async () => {
  const child = Bun.spawn(["sleep", "600"]);
  const owner = { host: hostname(), pid: child.pid, start: "" };
  expect(isAlive(owner)).toBe(true);
  child.kill("SIGKILL");
  await child.exited;
  expect(isAlive(owner)).toBe(false);
  expect(readProcessStat(child.pid)).toBe(undefined);
});

test("a program's name may hold anything, brackets too", async () => {
  using folder = makeFolder({});
  const program = join(folder.path, "a) Z 1 (b");
  symlinkSync(Bun.which("sleep") ?? "", program);
  const child = Bun.spawn([program, "600"]);
  while (!readFileSync(`/proc/${child.pid}/comm`, "utf8").includes("a) Z")) await Bun.sleep(5);
  expect(readProcessStat(child.pid)?.parent).toBe(process.pid);
  child.kill("SIGKILL");
});

test("the caller's name is that of the user database", () => {
  const name = Bun.spawnSync(["id", "-un"]).stdout.toString().trim();
  expect(callerName()).toBe(name);
});
